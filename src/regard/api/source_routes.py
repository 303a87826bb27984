"""Setting sources up, their ingest keys, and the quarantine of what they sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from regard.api.authenticate import asked_by, require_right
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.connector_catalogue import list_connectors
from regard.intake.keep_quarantine import QuarantinedItem, count_open, list_items
from regard.intake.keep_quarantined_rows import count_quarantined_rows
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_pushed_rows import PushedRowDoor
from regard.kit.errors import RegardError, Terminal
from regard.pipeline.count_parked import count_parked
from regard.sources.ingest_keys import create_key, list_keys
from regard.sources.manage_sources import (
    Source,
    SourceRefusedError,
    SourceReport,
    change_source,
    create_source,
    list_sources,
    read_source,
)

RIGHT = "sources"
_PAGE = 50


class StillRefusedError(RegardError, Terminal):
    """A retried item was refused again; it stays in quarantine with the new reason."""

    status = 422

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class SourceBody(BaseModel):
    """A source to set up; country and currency are its defaults for telephone numbers and amounts."""

    slug: str = Field(max_length=63)
    title: str = Field(max_length=200)
    connector: str = Field(max_length=63)
    country: str | None = Field(default=None, max_length=2)
    currency: str | None = Field(default=None, max_length=3)


class SourceChangeBody(BaseModel):
    """What can be changed of a source; what is left out stays.

    The title is what people see. The country is that of its national telephone numbers; null for none.
    """

    title: str | None = Field(default=None, max_length=200)
    country: str | None = Field(default=None, max_length=2)


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["sources"])
    _add_source_routes(router, services)
    _add_key_routes(router, services)
    _add_quarantine_routes(router, services)
    return router


def _add_source_routes(router: APIRouter, services: Services) -> None:
    pool, clock, sign_in = services.pool, services.clock, services.sign_in

    @router.get("/sources", operation_id="listSources")
    async def read_all(request: Request) -> dict[str, Any]:
        """The sources with what they sent, and the kinds there are."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            reports = await list_sources(connection, clock.now())
            open_items = await count_open(connection)
            open_rows = await count_quarantined_rows(connection)
            parked = await count_parked(connection)
        return {
            "sources": [_told_source(report, open_items, parked, open_rows) for report in reports],
            "connectors": [{"name": one.name, "title": one.title} for one in list_connectors()],
        }

    @router.post("/sources", operation_id="createSource", status_code=201)
    async def add(request: Request, body: SourceBody) -> dict[str, Any]:
        """Set a source up."""
        await require_right(request, sign_in, RIGHT)
        kinds = [one.name for one in list_connectors()]
        if body.connector not in kinds:
            raise SourceRefusedError(f"“connector” must be one of {', '.join(kinds)}.")
        source = Source(body.slug, body.title, body.connector, body.country, body.currency)
        async with pool.acquire() as connection:
            await create_source(connection, source, clock.now())
            report = (await list_sources(connection, clock.now(), body.slug))[0]
        return _told_source(report, {}, {})

    @router.patch("/sources/{source}", operation_id="changeSource")
    async def change(request: Request, source: str, body: SourceChangeBody) -> dict[str, Any]:
        """Give a source another title or country; with the latter its records are resolved anew."""
        asked = await asked_by(request, sign_in)
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            wanted = await read_source(connection, source)
            if body.title is not None:
                wanted = replace(wanted, title=body.title)
            if "country" in body.model_fields_set:
                wanted = replace(wanted, country=body.country)
            what = f"source={source};changed={','.join(sorted(body.model_fields_set))}"
            await services.door.note_act(asked, "source_changed", what)
            await change_source(connection, wanted)
            report = (await list_sources(connection, clock.now(), source))[0]
        return _told_source(report, {}, {})


def _add_key_routes(router: APIRouter, services: Services) -> None:
    pool, clock, sign_in = services.pool, services.clock, services.sign_in

    @router.get("/sources/{source}/keys", operation_id="listIngestKeys")
    async def read_keys(request: Request, source: str) -> dict[str, Any]:
        """The keys of a source; of each only its last characters."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            await read_source(connection, source)
            keys = await list_keys(connection, source)
        return {
            "keys": [
                {
                    "id": key.key_id,
                    "hint": key.hint,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                }
                for key in keys
            ]
        }

    @router.post("/sources/{source}/keys", operation_id="createIngestKey", status_code=201)
    async def add_key(request: Request, source: str) -> dict[str, str]:
        """Make a key; this answer is the only time it is shown."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            token = await create_key(connection, services.keyring.token_hash, source, clock.now())
        return {"key": token}

    @router.delete("/sources/{source}/keys/{key_id}", operation_id="revokeIngestKey", status_code=204)
    async def revoke(request: Request, source: str, key_id: str) -> None:
        """End a key; all processes refuse it within a minute."""
        await require_right(request, sign_in, RIGHT)
        await services.keys.revoke(source, key_id, clock.now())


def _add_quarantine_routes(router: APIRouter, services: Services) -> None:
    pool, sign_in = services.pool, services.sign_in

    @router.get("/sources/{source}/quarantine", operation_id="listQuarantine")
    async def read_quarantine(
        request: Request,
        source: str,
        cursor: UUID | None = None,
        status: Literal["open", "retried", "discarded"] = "open",
        limit: int = Query(_PAGE, ge=1, le=200),
    ) -> dict[str, Any]:
        """What was refused and why, newest first; the items themselves stay sealed."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            await read_source(connection, source)
            items = await list_items(connection, source, cursor, status, limit + 1)
        page = items[:limit]
        more = len(items) > limit
        return {"items": [_told_item(item) for item in page], "next": str(page[-1].id) if more else None}

    rows = PushedRowDoor(services.pool, services.keyring, services.clock)

    @router.post("/sources/{source}/quarantine/{item_id}/retry", operation_id="retryQuarantined")
    async def retry(request: Request, source: str, item_id: UUID) -> dict[str, Any]:
        """Send the item through its door again, corrected when the body has a “body”."""
        principal = await require_right(request, sign_in, RIGHT)
        corrected = _corrected(await read_request_body(request))
        result = await rows.retry(source, item_id, corrected, principal.username)
        if result is None:
            result = await services.webhooks.retry(source, item_id, corrected, principal.username)
        if result is None:
            result = await services.intake.retry(source, item_id, corrected, principal.username)
        if result.verdict == "rejected":
            raise StillRefusedError(result.code, result.detail)
        return {"verdict": result.verdict}

    @router.post(
        "/sources/{source}/quarantine/{item_id}/discard", operation_id="discardQuarantined", status_code=204
    )
    async def discard(request: Request, source: str, item_id: UUID) -> None:
        """Close the item without taking it in."""
        principal = await require_right(request, sign_in, RIGHT)
        await services.intake.discard(source, item_id, principal.username)


def _corrected(text: bytes) -> object:
    if not text.strip():
        return None
    given = read_json(text)
    if not isinstance(given, dict) or not set(given) <= {"body"}:
        raise JsonRefusedError("the body must be empty, or an object with the corrected item as “body”")
    return given.get("body")


def _told_source(
    report: SourceReport,
    open_items: Mapping[str, int],
    parked: Mapping[str, int],
    open_rows: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    source = report.source
    in_imports = (open_rows or {}).get(source.slug, 0)
    return {
        "slug": source.slug,
        "title": source.title,
        "connector": source.connector,
        "country": source.country,
        "currency": source.currency,
        "created_at": report.created_at,
        "accepted": report.accepted,
        "duplicate": report.duplicate,
        "rejected": report.rejected,
        "last_received_at": report.last_received_at,
        "last_occurred_at": report.last_occurred_at,
        "last_hour": report.last_hour,
        "lag_seconds": report.lag_seconds,
        "quarantined": open_items.get(source.slug, 0) + in_imports,
        "quarantined_in_imports": in_imports,
        "parked": parked.get(source.slug, 0),
    }


def _told_item(item: QuarantinedItem) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "received_at": item.received_at,
        "format": item.dialect,
        "code": item.code,
        "reason": item.reason,
        "status": item.status,
        "resolved_at": item.resolved_at,
        "resolved_by": item.resolved_by,
    }
