"""The addresses that PostHog's clients send to, and those they ask before they do.

Regard has no feature flags, surveys and session recordings; it says so in the form the clients expect, so
that they neither fail nor send what nobody wants.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from regard.api.open_to_clients import first_time, keys_of, open_to_clients, source_of_key
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.connectors.connector_catalogue import POSTHOG
from regard.intake.inflate_bodies import BodyUnreadableError, inflate_body
from regard.intake.pushed_item import ItemResult
from regard.intake.read_batches import Batch, Piece, read_batch_leniently
from regard.intake.read_json import JsonRefusedError, read_json
from regard.intake.receive_items import Call
from regard.kit.ids import new_id

MOST_ITEMS = 5_000
CAPTURE_PATHS = ("/batch", "/capture", "/e", "/i/v0/e", "/track", "/i/v0/ai/batch")
FLAG_PATHS = ("/flags", "/decide")
_KEY_NAMES = ("api_key", "token")


def routes(services: Services) -> Sequence[BaseRoute]:
    """The routes."""
    return [*_capture_routes(services), *_question_routes(services)]


def _capture_routes(services: Services) -> list[BaseRoute]:
    async def receive(request: Request) -> tuple[list[Piece], list[ItemResult]]:
        batch = read_capture(await _read_text(request))
        key = _key_of(request, batch)
        source = await source_of_key(key, services)
        call = Call(sent_at=_sent_at(request, batch), key=key)
        for piece in batch.pieces:
            _forget_key(piece)
        return batch.pieces, await services.intake.receive(source, POSTHOG, batch.pieces, call)

    async def capture(request: Request) -> Response:
        await receive(request)
        return JSONResponse({"status": 1})

    async def capture_each(request: Request) -> Response:
        pieces, results = await receive(request)
        return JSONResponse({"results": dict(_verdicts(pieces, results))})

    found: list[BaseRoute] = []
    for path in CAPTURE_PATHS:
        found += [open_to_clients(path + end, capture) for end in ("", "/")]
    found += [open_to_clients("/i/v1/analytics/events" + end, capture_each) for end in ("", "/")]
    return found


def _question_routes(services: Services) -> list[BaseRoute]:
    async def tell_flags(request: Request) -> Response:
        text = await _read_text(request)
        body = read_json(text) if text.strip() else {}
        await source_of_key(_key_of(request, Batch([Piece(body)], {})), services)
        return JSONResponse(_no_flags(str(new_id(services.clock.now()))))

    async def tell_config(request: Request) -> Response:
        await source_of_key(request.path_params["key"], services)
        return JSONResponse(_config())

    async def tell_config_script(request: Request) -> Response:
        key = request.path_params["key"]
        await source_of_key(key, services)
        script = (
            "(function(w){w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{};"
            f"w._POSTHOG_REMOTE_CONFIG[{json.dumps(key)}]={{config:{json.dumps(_config())},siteApps:[]}}}})"
            "(window);"
        )
        return Response(script, media_type="application/javascript")

    async def tell_surveys(request: Request) -> Response:
        await source_of_key(request.query_params.get("token"), services)
        return JSONResponse({"surveys": []})

    found: list[BaseRoute] = []
    for path in FLAG_PATHS:
        found += [open_to_clients(path + end, tell_flags) for end in ("", "/")]
    found.append(open_to_clients("/array/{key}/config", tell_config, ["GET"]))
    found.append(open_to_clients("/array/{key}/config.js", tell_config_script, ["GET"]))
    found.append(open_to_clients("/api/surveys/", tell_surveys, ["GET"]))
    return found


def read_capture(text: bytes) -> Batch:
    """The events of a body: an object with `batch`, a bare list, or one event.

    Raises `JsonRefusedError` or `BodyTooLargeError`.
    """
    if text.lstrip()[:1] == b"[":
        return read_batch_leniently(b'{"batch":' + text + b"}", "batch", MOST_ITEMS)
    try:
        return read_batch_leniently(text, "batch", MOST_ITEMS)
    except JsonRefusedError:
        value = read_json(text)
        if not isinstance(value, dict):
            raise
        return Batch([Piece(value)], {})


async def _read_text(request: Request) -> bytes:
    """The JSON text, also out of the form in which browsers that are leaving a page send it."""
    body = await read_request_body(request)
    if body[:5] != b"data=":
        return body
    try:
        packed = parse_qs(body.decode("ascii"), max_num_fields=20)["data"][0]
        decoded = base64.b64decode(packed.replace(" ", "+"), validate=True)
    except (UnicodeDecodeError, KeyError, ValueError, binascii.Error):
        raise BodyUnreadableError("The form field “data” holds no base64; send JSON.") from None
    return inflate_body(decoded, None)


def _key_of(request: Request, batch: Batch) -> str | None:
    """The key: in the headers or address, beside the list, or in the first event that has one."""
    keys: list[object] = [*keys_of(request, *_KEY_NAMES), *_keys_in(batch.envelope)]
    for piece in batch.pieces:
        if isinstance(piece.value, dict):
            keys += _keys_in(piece.value)
            properties = piece.value.get("properties")
            keys += _keys_in(properties) if isinstance(properties, dict) else []
        if keys:
            break
    return next((key for key in keys if isinstance(key, str)), None)


def _keys_in(holder: Mapping[str, Any]) -> list[object]:
    return [holder[name] for name in (*_KEY_NAMES, "$token") if holder.get(name)]


def _forget_key(piece: Piece) -> None:
    """So that no key lies in the quarantine with an event that is refused."""
    if isinstance(piece.value, dict):
        properties = piece.value.get("properties")
        for holder in (piece.value, properties):
            if isinstance(holder, dict):
                for name in (*_KEY_NAMES, "$token"):
                    holder.pop(name, None)


def _sent_at(request: Request, batch: Batch) -> datetime | None:
    first = batch.pieces[0].value if batch.pieces else None
    alone = first.get("sent_at") if isinstance(first, dict) and len(batch.pieces) == 1 else None
    return first_time(
        batch.envelope.get("sent_at"),
        alone,
        request.headers.get("posthog-request-timestamp"),
        request.query_params.get("_"),
    )


def _verdicts(pieces: Sequence[Piece], results: Sequence[ItemResult]) -> list[tuple[str, dict[str, str]]]:
    """What became of each event that has an id: refused ones lie in quarantine and need not be sent again."""
    told = []
    for piece, result in zip(pieces, results, strict=True):
        uuid = piece.value.get("uuid") if isinstance(piece.value, dict) else None
        if isinstance(uuid, str):
            refused = result.verdict == "rejected"
            told.append((uuid, {"result": "drop", "details": result.detail} if refused else {"result": "ok"}))
    return told


def _config() -> dict[str, Any]:
    return {
        "supportedCompression": ["gzip", "gzip-js", "base64"],
        "hasFeatureFlags": False,
        "captureDeadClicks": False,
        "capturePerformance": False,
        "autocapture_opt_out": True,
        "autocaptureExceptions": False,
        "analytics": {"endpoint": "/i/v0/e/"},
        "elementsChainAsString": True,
        "sessionRecording": False,
        "heatmaps": False,
        "surveys": False,
        "defaultIdentifiedOnly": True,
        "siteApps": [],
    }


def _no_flags(request_id: str) -> dict[str, Any]:
    return _config() | {
        "config": {"enable_collect_everything": True},
        "isAuthenticated": False,
        "toolbarParams": {},
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": False,
        "requestId": request_id,
    }
