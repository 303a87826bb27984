"""What a person must know of a source that is pushed to: its address, and why pushes were turned away."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request

from regard.api.authenticate import require_right
from regard.api.services import Services
from regard.connectors.connector_catalogue import find_connector
from regard.connectors.signatures.verify_plain_secret import verify_secret_in_address
from regard.intake.count_webhooks import list_webhook_counts
from regard.intake.keep_wanted_records import count_wanted
from regard.sources.manage_sources import Source, read_source

RIGHT = "sources"


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["connections"])

    @router.get("/sources/{source}/pushes", operation_id="readPushes")
    async def read_pushes(request: Request, source: str) -> dict[str, Any]:
        """Where the sender pushes to, what it was turned away for, and what waits to be fetched."""
        await require_right(request, services.sign_in, RIGHT)
        async with services.pool.acquire() as connection:
            known = await read_source(connection, source)
            counts = await list_webhook_counts(connection, source)
            waiting = await count_wanted(connection, source)
        return {
            **_told_address(request, known, services.settings.public_url),
            "without_effect": [
                {
                    "code": one.code,
                    "requests": one.requests,
                    "first_at": one.first_at,
                    "last_at": one.last_at,
                    "detail": one.sentence,
                }
                for one in counts
            ],
            "waiting": waiting.waiting,
            "waiting_since": waiting.oldest,
            "failing": waiting.failing,
            "failing_detail": waiting.error,
        }

    return router


def _told_address(request: Request, source: Source, public_url: str | None) -> dict[str, Any]:
    connector = find_connector(source.connector)
    webhook = connector.webhook if connector else None
    base = public_url.rstrip("/") if public_url else f"{request.url.scheme}://{request.url.netloc}"
    return {
        "address": f"{base}/hooks/{quote(source.slug)}" if webhook else None,
        "scheme": webhook.scheme if webhook else None,
        "secret_in_address": webhook is not None and webhook.verify is verify_secret_in_address,
    }
