"""CloudEvents 1.0 as raw rows.

An event whose type ends in a word such as created, updated or deleted and that names a subject states that
subject's present state: stream is the type without that word, and the next such event replaces it. Any other
event is a row of its own, named by source and id. Data that is a change event of Debezium is read as one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from regard.connectors.connector_contract import RawRecord
from regard.connectors.debezium_envelopes import read_change
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.push_rows import PushedRow, RowAddress
from regard.connectors.read_embedded_json import read_embedded_json
from regard.connectors.read_values import LONGEST_ID, LONGEST_STREAM, plain_text, read_id, read_time
from regard.kit.ids import derived_id

_STATED = frozenset(
    {"created", "updated", "changed", "upserted", "modified", "saved", "snapshot", "restored"}
)
_GONE = frozenset({"deleted", "removed", "erased"})
_VERSION = re.compile(r"v\d+(?:[._]\d+)*")
_NAME = re.compile(r"[a-z0-9]{1,50}")
_JSON = re.compile(r"(?:application|text)/(?:[\w.-]+\+)?json", re.IGNORECASE)


def read_cloud_event(item: object, address: RowAddress) -> PushedRow:
    """The row of one event in the JSON format; raises `ItemRefusedError`."""
    if not isinstance(item, dict):
        raise ItemRefusedError("wrong_type", "a CloudEvent must be a JSON object")
    version = plain_text(item.get("specversion"))
    if version is None or version.partition(".")[0] != "1":
        raise ItemRefusedError("unknown_word", "“specversion” must be 1.0; send CloudEvents of version 1")
    event_id, source = read_id(item.get("id"), "id"), read_id(item.get("source"), "source", 2_000)
    kind = read_id(item.get("type"), "type", 500)
    data = _data(item)
    delivery = f"{source} {event_id}"
    if isinstance(data, dict) and _is_change(data):
        return replace(read_change(data, address), delivery_id=delivery)
    time = read_time(item.get("time"), "time")
    updated_at = None if time is None else min(time, address.received_at)
    record = _state(item, kind, data, address, updated_at) or _occurrence(
        item, (kind, source, event_id), data, address, updated_at
    )
    return PushedRow(record, delivery)


def item_of_headers(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The event of a request in binary mode: attributes in the headers, data in the body."""
    item: dict[str, Any] = {
        name[3:]: unquote(value.strip())
        for name, value in headers.items()
        if name[:3] == "ce-" and _NAME.fullmatch(name[3:])
    }
    for name in ("data", "data_base64"):
        item.pop(name, None)
    kind = headers.get("content-type", "")
    if kind:
        item["datacontenttype"] = kind
    if body:
        try:
            item["data"] = body.decode()
        except UnicodeDecodeError:
            item["data_base64"] = base64.b64encode(body).decode()
    return item


def _data(item: Mapping[str, Any]) -> object:
    """The data; JSON in a text or in base64 opened where its content type says that it is JSON."""
    given = item.get("data")
    kind = plain_text(item.get("datacontenttype")) or "application/json"
    is_json = _JSON.fullmatch(kind.partition(";")[0].strip()) is not None
    packed = item.get("data_base64")
    if given is None and isinstance(packed, str):
        try:
            given = base64.b64decode(packed, validate=True).decode() if is_json else packed
        except (binascii.Error, ValueError):
            raise ItemRefusedError("bad_base64", "“data_base64” holds no base64 of a UTF-8 text") from None
    if is_json and isinstance(given, str) and given.lstrip()[:1] in {"{", "["}:
        return read_embedded_json(f'{{"data":{given}}}', "data")["data"]
    return given


def _is_change(data: Mapping[str, Any]) -> bool:
    payload = data["payload"] if set(data) == {"schema", "payload"} else data
    return (
        isinstance(payload, dict)
        and "op" in payload
        and "source" in payload
        and bool({"before", "after"} & set(payload))
    )


def _state(
    item: Mapping[str, Any], kind: str, data: object, address: RowAddress, updated_at: datetime | None
) -> RawRecord | None:
    words = re.split(r"([._:/-])", kind)
    if len(words) > 2 and _VERSION.fullmatch(words[-1]):
        words = words[:-2]
    verb = words[-1].lower()
    subject = plain_text(item.get("subject")) or _own_id(data)
    if verb not in _STATED | _GONE or len(words) < 3 or not subject or not isinstance(data, dict | None):
        return None
    stream = address.stream or "".join(words[:-2])
    if verb in _GONE:
        return RawRecord(
            _short(stream, LONGEST_STREAM), _short(subject), None, updated_at or address.received_at
        )
    body = {**(data or {}), "cloudevent": _attributes(item, "id", "time", "specversion")}
    return RawRecord(_short(stream, LONGEST_STREAM), _short(subject), body, updated_at)


def _occurrence(
    item: Mapping[str, Any],
    named: tuple[str, str, str],
    data: object,
    address: RowAddress,
    updated_at: datetime | None,
) -> RawRecord:
    kind, source, event_id = named
    held = data if isinstance(data, dict) else {} if data is None else {"data": data}
    body = {**held, "cloudevent": _attributes(item)}
    stream = _short(address.stream or kind, LONGEST_STREAM)
    return RawRecord(stream, _short(f"{source}#{event_id}"), body, updated_at)


def _own_id(data: object) -> str | None:
    return plain_text(data.get("id")) if isinstance(data, dict) else None


def _attributes(item: Mapping[str, Any], *without: str) -> dict[str, Any]:
    """The attributes, those of extensions too."""
    left_out = {"data", "data_base64", *without}
    return {name: value for name, value in item.items() if name not in left_out and value is not None}


def _short(text: str, longest: int = LONGEST_ID) -> str:
    return text if len(text) <= longest else derived_id("cloudevent", text).hex
