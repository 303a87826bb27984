"""Where change streams are pushed: CloudEvents in their three HTTP forms, and Debezium's change events.

The key is the ingest key of a source, as bearer token, as user name of Basic authentication, or as `key` in
the address for senders that can set nothing else. The answer accounts for every message.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from regard.api.ingest_routes import account
from regard.api.open_to_clients import keys_of, open_to_clients, source_of_key
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.cloud_events import item_of_headers
from regard.connectors.push_rows import RowAddress
from regard.intake.read_batches import Piece, read_batch_leniently
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_pushed_rows import PushedRowDoor

MOST_ITEMS = 1_000
_STRUCTURED, _BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""
    door = PushedRowDoor(services.pool, services.keyring, services.clock)

    async def take(request: Request, dialect: str, pieces: list[Piece]) -> Response:
        key = next(iter(keys_of(request, "key")), None)
        source = await source_of_key(key, services)
        services.intake.admit(str(key), len(pieces))
        return JSONResponse(account(await door.receive(source, dialect, pieces, _address(request, services))))

    async def receive_events(request: Request) -> Response:
        body = await read_request_body(request)
        pieces = _read_events(request, body)
        return await take(request, "cloud_events", pieces)

    async def receive_changes(request: Request) -> Response:
        body = await read_request_body(request)
        pieces = _read_pieces(body, "records") if body.strip() else []
        return await take(request, "debezium", pieces)

    async def agree(request: Request) -> Response:
        """The handshake of the Web Hooks specification for CloudEvents: whether we want to be sent to."""
        key = next(iter(keys_of(request, "key")), None)
        await source_of_key(key, services)
        asked = request.headers.get("webhook-request-origin")
        headers = {"webhook-allowed-origin": asked, "webhook-allowed-rate": "*"} if asked else {}
        return Response(status_code=200, headers=headers | {"allow": "POST"})

    return [
        open_to_clients("/v1/cloudevents", receive_events, on_options=agree),
        open_to_clients("/v1/debezium", receive_changes),
    ]


def _address(request: Request, services: Services) -> RowAddress:
    key = request.query_params.get("columns", "")
    return RowAddress(
        received_at=services.clock.now(),
        stream=request.query_params.get("stream") or None,
        key=tuple(name for name in key.split(",") if name),
    )


def _read_events(request: Request, body: bytes) -> list[Piece]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {_STRUCTURED, _BATCH}:
        return _read_pieces(body, "events")
    if "ce-id" in request.headers or "ce-type" in request.headers:
        headers = {name.lower(): value for name, value in request.headers.items()}
        return [Piece(item_of_headers(headers, body))]
    return _read_pieces(body, "events")


def _read_pieces(body: bytes, key: str) -> list[Piece]:
    """The messages of a bare list, of an object with the list `key`, or the one message."""
    if body.lstrip()[:1] == b"[":
        return read_batch_leniently(b'{"%s":' % key.encode() + body + b"}", key, MOST_ITEMS).pieces
    try:
        return read_batch_leniently(body, key, MOST_ITEMS).pieces
    except JsonRefusedError:
        return [Piece(read_json(body))]
