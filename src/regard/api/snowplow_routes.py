"""The addresses that Snowplow's trackers send to.

The trackers know no key. Theirs stands in the address they are given as their collector
(`regard.example.com/snowplow/<key>`), or is the application id they send with every event (`aid`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from regard.api.open_to_clients import keys_of, open_to_clients, source_of_key
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.connector_catalogue import SNOWPLOW
from regard.intake.read_batches import Piece, read_batch_leniently
from regard.intake.receive_items import Call

MOST_ITEMS = 5_000
POST_PATH = "/com.snowplowanalytics.snowplow/tp2"
PIXEL_PATH = "/i"
# One transparent pixel.
_PIXEL = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""

    async def receive(request: Request, pieces: list[Piece]) -> None:
        key = _key_of(request, pieces)
        source = await source_of_key(key, services)
        for piece in pieces:
            if isinstance(piece.value, dict) and piece.value.get("aid") == key:
                del piece.value["aid"]
        await services.intake.receive(source, SNOWPLOW, pieces, Call(key=key))

    async def receive_posted(request: Request) -> Response:
        batch = read_batch_leniently(await read_request_body(request), "data", MOST_ITEMS)
        await receive(request, batch.pieces)
        return PlainTextResponse("ok")

    async def receive_pixel(request: Request) -> Response:
        item: dict[str, Any] = dict(request.query_params)
        await receive(request, [Piece(item)])
        return Response(_PIXEL, media_type="image/gif", headers={"cache-control": "no-store"})

    found: list[BaseRoute] = []
    for prefix in ("", "/snowplow/{key}"):
        found.append(open_to_clients(prefix + POST_PATH, receive_posted, with_cookies=True))
        found.append(open_to_clients(prefix + PIXEL_PATH, receive_pixel, ["GET"], with_cookies=True))
    return found


def _key_of(request: Request, pieces: Sequence[Piece]) -> str | None:
    """The key of the address, of the headers, or the application id of the first event."""
    if key := request.path_params.get("key"):
        return str(key)
    if keys := keys_of(request):
        return keys[0]
    applications = (piece.value.get("aid") for piece in pieces if isinstance(piece.value, dict))
    return next((one for one in applications if isinstance(one, str) and one), None)
