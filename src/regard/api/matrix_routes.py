"""Where a Matrix home server pushes: the application service API below `/hooks/{source}`, or at the root.

Every path of the specification is there with its older form; a home server may ask for users and rooms, of
which Regard has none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from regard.api.read_request_body import read_raw_body
from regard.api.services import Services
from regard.api.webhook_routes import address_of
from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.matrix.matrix_source import MATRIX
from regard.intake.receive_webhooks import NoWebhookError
from regard.sources.manage_sources import list_sources

_NOT_FOUND = {"errcode": "M_NOT_FOUND", "error": "Regard has no users and rooms of its own."}


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""

    async def take(request: Request) -> Response:
        slug = request.path_params.get("source") or await _only_source(services)
        return JSONResponse(await _receive(services, slug, request))

    async def deny(request: Request) -> Response:
        return JSONResponse(_NOT_FOUND, status_code=404)

    found: list[BaseRoute] = []
    # At the root the older forms without a prefix would hide pages of the web interface.
    for start in ("/hooks/{source}/_matrix/app/v1", "/hooks/{source}", "/_matrix/app/v1"):
        found += [
            _route(f"{start}/transactions/{{transaction}}", take, "PUT"),
            _route(f"{start}/users/{{user:path}}", deny, "GET"),
            _route(f"{start}/rooms/{{room:path}}", deny, "GET"),
            _route(f"{start}/ping", take, "POST"),
        ]
    return found


def _route(path: str, answer: Callable[[Request], Awaitable[Response]], method: str) -> Route:
    return Route(path, answer, methods=[method], include_in_schema=False)


async def _receive(services: Services, slug: str, request: Request) -> dict[str, object]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    token = request.query_params.get("access_token")
    if token and "authorization" not in headers:
        # How home servers proved themselves before the specification's version 1.4.
        headers["authorization"] = f"Bearer {token}"
    pushed = WebhookRequest(
        method=request.method,
        url=address_of(request, services.settings.public_url).partition("?")[0],
        headers=headers,
        body=await read_raw_body(request),
        received_at=services.clock.now(),
    )
    await services.webhooks.receive(slug, pushed)
    return {}


async def _only_source(services: Services) -> str:
    async with services.pool.acquire() as connection:
        listed = await list_sources(connection, services.clock.now())
    named = [one.source.slug for one in listed if one.source.connector == MATRIX.name]
    if len(named) != 1:
        raise NoWebhookError(
            "This address serves one Matrix source alone. Write “url” of the registration as"
            " https://…/hooks/ and the name of the source."
        )
    return named[0]
