"""Where outside systems push: `/hooks/{source}`, with a `/{secret}` behind it for those that cannot sign."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from regard.api.read_request_body import read_raw_body
from regard.api.services import Services
from regard.connectors.connector_contract import WebhookRequest

_METHODS = ["GET", "HEAD", "POST", "PUT"]


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""

    async def receive(request: Request) -> Response:
        pushed = WebhookRequest(
            method=request.method,
            url=address_of(request, services.settings.public_url),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await read_raw_body(request),
            received_at=services.clock.now(),
        )
        answer = await services.webhooks.receive(request.path_params["source"], pushed)
        kind = "text/xml" if answer.startswith("<") else "application/json"
        return Response(answer, media_type=kind)

    paths = ("/hooks/{source}", "/hooks/{source}/{secret:path}")
    return [Route(path, receive, methods=_METHODS, include_in_schema=False) for path in paths]


def address_of(request: Request, public_url: str | None) -> str:
    """The address that the sender used: the public one if it is set, else as the request itself says.

    What a proxy adds to the headers is not believed: a sender could add it too.
    """
    raw = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    path = raw.partition(b"?")[0].decode("latin-1")
    query = request.scope.get("query_string", b"").decode("latin-1")
    base = public_url.rstrip("/") if public_url else f"{request.url.scheme}://{request.url.netloc}"
    return f"{base}{path}?{query}" if query else f"{base}{path}"
