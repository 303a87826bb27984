"""The event API under the addresses that Segment's and RudderStack's clients expect.

Their clients drop a batch for good on 400, 401, 404, 413 and 422, and send it again on 408, 429 and 5xx.
So one bad event never spoils its batch (it goes into quarantine and the answer is 200), and whatever may
pass by itself is answered with 503 and Retry-After.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from regard.access.principal import NotSignedInError
from regard.api.problem_details import MEDIA_TYPE, problem_response
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.connector_catalogue import SEGMENT
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_time
from regard.intake.append_in_groups import BusyError
from regard.intake.read_batches import Batch, Piece, read_batch_leniently
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_items import Call
from regard.kit.errors import RegardError
from regard.sources.manage_sources import Source

MOST_ITEMS = 2_500
BATCH_PATHS = ("batch", "import", "b")
CALL_PATHS = {
    "identify": "identify", "track": "track", "page": "page", "screen": "screen", "group": "group",
    "alias": "alias", "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias",
}  # fmt: skip
_ALLOWED_HEADERS = "authorization, content-type, content-encoding, anonymousid, sentat, x-retry-count"
_PREFLIGHT_SECONDS = "86400"

Handler = Callable[[Request], Awaitable[Response]]


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""

    async def receive_batch(request: Request) -> Response:
        text = await read_request_body(request)
        source = await _source_by_request(request, services)
        batch = read_batch_leniently(text, "batch", MOST_ITEMS)
        source = source or await _source_by_body(batch.envelope, services)
        call = Call(sent_at=_sent_at(request, batch.envelope))
        await services.intake.receive(source, SEGMENT, _with_shared_context(batch), call)
        return JSONResponse({"success": True})

    def receive_call(name: str) -> Handler:
        async def receive(request: Request) -> Response:
            text = await read_request_body(request)
            source = await _source_by_request(request, services)
            item = read_json(text)
            if not isinstance(item, dict):
                raise JsonRefusedError("the body must be one event, a JSON object")
            source = source or await _source_by_body(item, services)
            item.pop("writeKey", None)
            call = Call(sent_at=_sent_at(request, item), name=name)
            await services.intake.receive(source, SEGMENT, [Piece(item)], call)
            return JSONResponse({"success": True})

        return receive

    async def read_source_config(request: Request) -> Response:
        source = await _source_by_request(request, services)
        if source is None:
            raise _key_missing()
        return JSONResponse(_source_config(source, _keys_of(request)[0], services.clock.now()))

    found: list[BaseRoute] = [_open_to_browsers(f"/v1/{path}", receive_batch, "POST") for path in BATCH_PATHS]
    found += [
        _open_to_browsers(f"/v1/{path}", receive_call(name), "POST") for path, name in CALL_PATHS.items()
    ]
    found += [
        _open_to_browsers(path, read_source_config, "GET") for path in ("/sourceConfig/", "/sourceConfig")
    ]
    return found


def _open_to_browsers(path: str, handler: Handler, method: str) -> Route:
    """The handler with leave for pages of any origin (CORS), also where it fails, and its preflight."""

    async def handle(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _leave(request, Response(status_code=204), method)
        try:
            response = await handler(request)
        except RegardError as error:
            response = _refuse(request, error)
        return _leave(request, response, method)

    return Route(path, handle, methods=[method, "OPTIONS"], include_in_schema=False)


def _refuse(request: Request, error: RegardError) -> Response:
    """Problem details; clients of both makers look for `message` as well."""
    problem = problem_response(request, error)
    body = json.loads(bytes(problem.body))
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, BusyError) else {}
    answer = body | {"success": False, "message": body["detail"]}
    return JSONResponse(answer, problem.status_code, headers, MEDIA_TYPE)


def _leave(request: Request, response: Response, method: str) -> Response:
    origin = request.headers.get("origin")
    if origin:
        response.headers["access-control-allow-origin"] = origin
        response.headers["vary"] = "Origin"
    response.headers["cross-origin-resource-policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["access-control-allow-methods"] = f"{method}, OPTIONS"
        response.headers["access-control-allow-headers"] = _ALLOWED_HEADERS
        response.headers["access-control-max-age"] = _PREFLIGHT_SECONDS
    return response


def _keys_of(request: Request) -> list[str]:
    """The write keys that the request itself carries: Basic or Bearer first, then the address."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    keys: list[str] = []
    if scheme.lower() == "basic":
        try:
            keys.append(base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            keys.append(credentials)
    elif scheme.lower() == "bearer":
        keys.append(credentials.strip())
    keys.append(request.query_params.get("writeKey", ""))
    return [key for key in keys if key]


async def _source_by_request(request: Request, services: Services) -> Source | None:
    """The source of the request's key; None when it carries none. Raises when the key is wrong."""
    keys = _keys_of(request)
    if not keys:
        return None
    source = await services.keys.find(keys[0])
    if source is None:
        raise NotSignedInError(
            "the write key is not known; copy the ingest key of the source into the client"
        )
    return source


async def _source_by_body(body: Mapping[str, Any], services: Services) -> Source:
    key = body.get("writeKey")
    source = await services.keys.find(key) if isinstance(key, str) else None
    if source is None:
        raise _key_missing()
    return source


def _key_missing() -> NotSignedInError:
    return NotSignedInError("the write key is missing or not known; send the ingest key of the source")


def _sent_at(request: Request, body: Mapping[str, Any]) -> datetime | None:
    """When the client says it sent the request; a time that cannot be read corrects nothing."""
    for value in (body.get("sentAt"), request.headers.get("sentat")):
        try:
            if (at := read_time(value, "sentAt")) is not None:
                return at
        except ItemRefusedError:
            continue
    return None


def _with_shared_context(batch: Batch) -> list[Piece]:
    """The items with the context that stands beside the list; an item's own goes before it."""
    shared = batch.envelope.get("context")
    if isinstance(shared, dict) and shared:
        for piece in batch.pieces:
            if isinstance(piece.value, dict):
                own = piece.value.get("context")
                if own is None or isinstance(own, dict):
                    piece.value["context"] = {**shared, **(own or {})}
    return batch.pieces


def _source_config(source: Source, key: str, now: datetime) -> dict[str, object]:
    """What RudderStack's browser client must be told before it sends anything."""
    quiet = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
    return {
        "source": {
            "id": source.slug,
            "name": source.title,
            "writeKey": key,
            "enabled": True,
            "workspaceId": "regard",
            "config": {"statsCollection": quiet},
            "sourceDefinition": {"name": "Javascript"},
            "destinations": [],
            "dataplanes": {},
        },
        "consentManagementMetadata": {"providers": []},
        "updatedAt": now.isoformat(),
    }
