"""The self-describing parts of a Snowplow event: what happened, and the entities attached to it.

Both are `{schema: "iglu:vendor/name/jsonschema/1-0-0", data: ..}`, as JSON or as base64 of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_embedded_json import read_base64_json, read_embedded_json
from regard.connectors.read_values import plain_text

_SCHEMA = re.compile(r"iglu:([^/\s]+)/([^/\s]+)/[^/\s]+/\d+-\d+-\d+")


class Described(NamedTuple):
    """One self-describing object: `name` is the part of its schema that says what it is."""

    vendor: str
    name: str
    data: Mapping[str, Any]


def read_described_event(item: Mapping[str, Any]) -> Described:
    """The event inside a `ue`; raises `ItemRefusedError`."""
    envelope = _read(item, "ue_px", "ue_pr")
    if envelope is None:
        raise ItemRefusedError("missing", "“ue_px” and “ue_pr” are both missing; they say what happened")
    inner = envelope.get("data")
    if not isinstance(inner, dict):
        raise ItemRefusedError("wrong_type", "a self-describing event must hold an object as its “data”")
    described = _described(inner)
    if described is None:
        raise ItemRefusedError(
            "schema", "the schema of the event must be written like iglu:com.acme/event/jsonschema/1-0-0"
        )
    return described


def read_entities(item: Mapping[str, Any]) -> list[Described]:
    """The entities attached to an event, those that cannot be understood left out."""
    envelope = _read(item, "cx", "co")
    data = envelope.get("data") if envelope else None
    if not isinstance(data, list):
        return []
    described = [_described(one) for one in data if isinstance(one, dict)]
    return [one for one in described if one is not None]


def _read(item: Mapping[str, Any], packed: str, plain: str) -> dict[str, Any] | None:
    if text := plain_text(item.get(packed)):
        return read_base64_json(text, packed)
    value = item.get(plain)
    if isinstance(value, dict):
        return value
    text = plain_text(value)
    return read_embedded_json(text, plain) if text else None


def _described(value: Mapping[str, Any]) -> Described | None:
    schema = plain_text(value.get("schema"))
    matched = _SCHEMA.fullmatch(schema.strip()) if schema else None
    data = value.get("data")
    if matched is None:
        return None
    return Described(matched[1], matched[2], data if isinstance(data, dict) else {"value": data})
