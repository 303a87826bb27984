"""Reads the body of a pushed request, and what most bodies have: ids, times, objects in objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from regard.connectors.connector_contract import RawRecord, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import LONGEST_STREAM, read_id, read_time

Body = Mapping[str, Any]
_MOST_FIELDS = 10_000
_DEEPEST = 64


def read_json_body(request: WebhookRequest) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The JSON of the body; whole numbers stay exact. Raises `ItemRefusedError`."""
    try:
        value = json.loads(request.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
    except UnicodeError:
        raise _bad("the body is not valid UTF-8, or holds half a character") from None
    except (ValueError, RecursionError):
        raise _bad("the body is not valid JSON") from None
    if b"\\u0000" in request.body and "\\u0000" in text:
        raise _bad("a text of the body holds the character NUL")
    if _depth_of(text) > _DEEPEST:
        raise _bad(f"the JSON is nested deeper than {_DEEPEST} levels")
    return value


def read_object_body(request: WebhookRequest) -> dict[str, Any]:
    """The JSON object of the body; raises `ItemRefusedError`."""
    value = read_json_body(request)
    if not isinstance(value, dict):
        raise _bad("the body is not a JSON object")
    return value


def read_form_body(request: WebhookRequest) -> dict[str, str]:
    """The fields of a form; of a name that stands twice the last. Raises `ItemRefusedError`."""
    try:
        pairs = parse_qsl(
            request.body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="replace",
        )
    except ValueError:
        raise _bad("the body is not a form (application/x-www-form-urlencoded)") from None
    return {name: value.replace("\0", "") for name, value in pairs}


def object_at(body: object, *path: str) -> dict[str, Any]:
    """The object at the path; raises `ItemRefusedError` when there is none."""
    found = find_at(body, *path)
    if not isinstance(found, dict):
        raise ItemRefusedError("missing", f"“{'.'.join(path)}” is missing; it must hold the object")
    return found


def find_at(body: object, *path: str) -> Any:  # noqa: ANN401 - JSON is any of its types
    """What stands at the path, or None."""
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def text_at(body: object, *path: str) -> str:
    """The text at the path, or nothing."""
    found = find_at(body, *path)
    return found if isinstance(found, str) else ""


def time_at(body: object, *path: str) -> datetime | None:
    """The time at the path; None where there is none that can be read."""
    try:
        return read_time(find_at(body, *path), ".".join(path))
    except ItemRefusedError:
        return None


def make_record(
    stream: str, body: Body, updated_at: datetime | None, *, id_name: str = "id", deleted: bool = False
) -> RawRecord:
    """The record whose id stands under `id_name` in its body; raises `ItemRefusedError`."""
    external_id = read_id(body.get(id_name), id_name)
    return RawRecord(stream, external_id, None if deleted else body, updated_at)


def stream_named(word: str) -> str:
    """A stream's name from a vendor's word for one thing: small letters, in the plural."""
    word = read_id(word.strip().lower().replace(".", "_"), "kind of object", LONGEST_STREAM - 2)
    if word.endswith("y") and word[-2:-1] not in set("aeiou"):
        return word[:-1] + "ies"
    return word if word.endswith("s") else word + "s"


def _refuse_constant(word: str) -> float:
    raise ValueError(word)


def _depth_of(text: str) -> int:
    """At least how deep lists and objects lie in each other; brackets in texts may make it more."""
    depth = deepest = 0
    for sign in text if text.count("{") + text.count("[") > _DEEPEST else "":
        if sign in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "}]":
            depth -= 1
    return deepest


def _bad(what: str) -> ItemRefusedError:
    return ItemRefusedError(
        "bad_body", f"The signature is right, but {what}; look at the settings of the sender."
    )
