"""The records and interactions API: one item or many, by ingest key or by an administrator's session."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from regard.access.principal import NotAllowedError, NotSignedInError
from regard.api.authenticate import require_right, session_token
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.connector_catalogue import INTERACTIONS, RECORDS, Dialect
from regard.intake.pushed_item import ItemResult
from regard.intake.read_batches import read_batch
from regard.sources.manage_sources import Source, read_source

MOST_ITEMS = 1_000


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""

    def push(dialect: Dialect) -> Route:
        async def receive(request: Request) -> JSONResponse:
            source = await _sender(request, services)
            text = await read_request_body(request)
            batch = read_batch(text, dialect.name, MOST_ITEMS)
            return JSONResponse(account(await services.intake.receive(source, dialect, batch.pieces)))

        receive.__doc__ = f"Push {dialect.name} of a source; the answer accounts for every item."
        path = "/api/v1/sources/{source}/" + dialect.name
        return Route(path, receive, methods=["POST"], name=f"push{dialect.name.title()}")

    return [push(RECORDS), push(INTERACTIONS)]


def account(results: Sequence[ItemResult]) -> dict[str, object]:
    """What became of the items: sent = accepted + duplicate + rejected."""
    verdicts = [result.verdict for result in results]
    return {
        "sent": len(results),
        "accepted": verdicts.count("accepted"),
        "duplicate": verdicts.count("duplicate"),
        "rejected": verdicts.count("rejected"),
        "rejections": [
            {
                "index": index,
                "code": result.code,
                "detail": result.detail,
                "quarantine_id": str(result.quarantine_id),
            }
            for index, result in enumerate(results)
            if result.verdict == "rejected"
        ],
    }


async def _sender(request: Request, services: Services) -> Source:
    """The source of the address, if the sender may push for it."""
    slug = request.path_params["source"]
    token = session_token(request)
    if token is None:
        raise NotSignedInError("send the ingest key of the source: Authorization: Bearer rgd_live_…")
    if request.headers.get("authorization"):
        source = await services.keys.find(token)
        if source is not None and source.slug == slug:
            return source
        if source is not None:
            raise NotAllowedError("the ingest key belongs to another source; use the one of this source")
    try:
        await require_right(request, services.sign_in, "sources")
    except NotSignedInError:
        raise NotSignedInError("the ingest key is not known; it may be mistyped or revoked") from None
    async with services.pool.acquire() as connection:
        return await read_source(connection, slug)
