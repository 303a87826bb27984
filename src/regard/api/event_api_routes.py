"""The event API under the addresses that Segment's and RudderStack's clients expect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from regard.api.open_to_clients import (
    Handler,
    first_time,
    key_missing,
    keys_of,
    open_to_clients,
    source_of_key,
)
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.connector_catalogue import SEGMENT
from regard.intake.read_batches import Batch, Piece, read_batch_leniently
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_items import Call
from regard.sources.manage_sources import Source

MOST_ITEMS = 2_500
BATCH_PATHS = ("batch", "import", "b")
CALL_PATHS = {
    "identify": "identify", "track": "track", "page": "page", "screen": "screen", "group": "group",
    "alias": "alias", "i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias",
}  # fmt: skip


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""

    async def receive_batch(request: Request) -> Response:
        text = await read_request_body(request)
        if early := _key_of(request):
            await source_of_key(early, services)
        batch = read_batch_leniently(text, "batch", MOST_ITEMS)
        key = early or batch.envelope.get("writeKey")
        source = await source_of_key(key, services)
        sent_at = first_time(batch.envelope.get("sentAt"), request.headers.get("sentat"))
        call = Call(sent_at=sent_at, key=key)
        await services.intake.receive(source, SEGMENT, _with_shared_context(batch), call)
        return JSONResponse({"success": True})

    def receive_call(name: str) -> Handler:
        async def receive(request: Request) -> Response:
            text = await read_request_body(request)
            if early := _key_of(request):
                await source_of_key(early, services)
            item = read_json(text)
            if not isinstance(item, dict):
                raise JsonRefusedError("the body must be one event, a JSON object")
            key = early or item.get("writeKey")
            source = await source_of_key(key, services)
            item.pop("writeKey", None)
            sent_at = first_time(item.get("sentAt"), request.headers.get("sentat"))
            call = Call(sent_at=sent_at, name=name, key=key)
            await services.intake.receive(source, SEGMENT, [Piece(item)], call)
            return JSONResponse({"success": True})

        return receive

    async def read_source_config(request: Request) -> Response:
        key = _key_of(request)
        if key is None:
            raise key_missing()
        source = await source_of_key(key, services)
        return JSONResponse(_source_config(source, key, services.clock.now()))

    async def read_settings(request: Request) -> Response:
        key = request.path_params["key"]
        await source_of_key(key, services)
        protocol, host = _own_address(request, services.settings.public_url)
        return JSONResponse(_browser_settings(key, protocol, host))

    found: list[BaseRoute] = [open_to_clients(f"/v1/{path}", receive_batch) for path in BATCH_PATHS]
    found += [open_to_clients(f"/v1/{path}", receive_call(name)) for path, name in CALL_PATHS.items()]
    found += [
        open_to_clients(path, read_source_config, ["GET"]) for path in ("/sourceConfig/", "/sourceConfig")
    ]
    found.append(open_to_clients("/v1/projects/{key}/settings", read_settings, ["GET"]))
    return found


def _key_of(request: Request) -> str | None:
    return next(iter(keys_of(request, "writeKey")), None)


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


def _own_address(request: Request, public_url: str | None) -> tuple[str, str]:
    """Protocol and host that a browser reaches us by.

    Behind a proxy we see http where the browser sees https; a page that came by https must stay with it.
    """
    if public_url:
        parts = urlsplit(public_url)
        return parts.scheme, parts.netloc + parts.path.rstrip("/")
    safe = request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")
    return ("https" if safe else "http"), request.url.netloc


def _browser_settings(key: str, protocol: str, host: str) -> dict[str, object]:
    """What Segment's browser client reads before it sends: where to, and that nobody else gets it."""
    own = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": protocol, "unbundledIntegrations": []}
    return {
        "integrations": {"Segment.io": own},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
