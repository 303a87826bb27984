"""Senders not known by name: paths in the settings say where things stand; common forms need none."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import LONGEST_STREAM, read_id, read_time
from regard.connectors.webhooks.fetch_named_records import names_only
from regard.connectors.webhooks.read_pushed_body import find_at, read_form_body, read_json_body, time_at

_RECORDS = ("data.object", "data.item", "data", "object", "record", "resource", "payload", "entity", "item")
_KINDS = (
    "type", "event", "event_type", "eventType", "event_name", "topic", "action", "webhookEvent",
    "webhook_type", "triggerEvent", "eventName", "object_type", "RecordType", "trigger",
)  # fmt: skip
# What an id is called, likeliest first; `*_id` with the name of the kind stands between.
_IDS = ("id", "_id", "ID", "Id", "uuid", "uid", "guid", "uri")
_WEAK_IDS = (
    "message_id", "messageId", "MessageID", "event_id", "eventId", "sg_event_id", "pspReference", "token",
    "reference", "number", "key", "code",
)  # fmt: skip
_VERBS = frozenset({
    "created", "create", "updated", "update", "changed", "change", "deleted", "delete", "removed", "remove",
    "added", "add", "new", "completed", "paid", "cancelled", "canceled", "requested", "rescheduled",
    "received", "sent", "opened", "closed", "resolved", "failed", "succeeded", "status",
    "state", "submitted", "rejected",
})  # fmt: skip
_TIMES = (
    "updated_at", "updatedAt", "updated", "modified_at", "modifiedAt", "date_modified", "last_modified",
    "eventDate",
)  # fmt: skip
_TIMES_OUTSIDE = ("timestamp", "occurred_at", "occurredAt", "time", "created_at", "createdAt")
_GONE = frozenset({"delete", "deleted", "deletion", "remove", "removed", "destroy", "destroyed", "purged"})
_PARTS = re.compile(r"[./:\s]+")
_LAST_WORD = re.compile(r"[./:\s_-]+|(?<=[a-z])(?=[A-Z])")
_DEFAULT_STREAM = "records"
# Names of the one object in an element of a list that do not tell what it is; Adyen's.
_SAY_NOTHING = frozenset({"NotificationRequestItem"})


@dataclass(frozen=True, slots=True)
class _Item:
    """One item; `kind` is what the request says around it, `name` the key under which the list stood.

    `unsigned`: the kind stands in a header alone, which a hash of the body leaves open.
    """

    value: Mapping[str, Any]
    kind: str
    name: str
    unsigned: bool


def translate_any_form(request: WebhookRequest, settings: Settings) -> Delivery:
    """The records of the body, found by the paths of the settings or by what is usual.

    A delivery without a name of its own is named by its text if a record in it states no time of its change
    and its body alone is signed: caught and sent again later, it would stand above what came between.
    """
    if request.method in {"GET", "HEAD"} and not request.body:
        return Delivery()
    believed = request.shows_secret or settings.get("believe_headers") is True
    kind = _kind_in_headers(request)
    items = list(_items(_body(request), kind, _path(settings, "list_path"), believed=believed))
    headers = request.headers
    records = _records(items, settings)
    named = [one for one in records if one.body and not one.problem and names_only(one.body, settings)]
    fetch = [(one.stream, one.external_id) for one in named]
    whole = [one for one in records if one not in named]
    if not whole:
        # A record may change twice under one stamp: each time it is fetched again.
        return Delivery(whole, fetch)
    if name := headers.get("webhook-id") or headers.get("svix-id") or "":
        return Delivery(whole, fetch, delivery_id=name)
    if request.shows_secret or settings.get("repeats_meant") is True or all(one.updated_at for one in whole):
        return Delivery(whole, fetch)
    name = f"body:{hashlib.sha256(request.body).hexdigest()}"
    return Delivery(whole, fetch, delivery_id=name, by_text=True)


def _records(items: Sequence[_Item], settings: Settings) -> list[RawRecord]:
    """What stands in the list; what cannot be read of it goes into quarantine alone."""
    found: list[RawRecord] = []
    faults: list[ItemRefusedError] = []
    for number, item in enumerate(items, 1):
        try:
            found.append(_record(item, settings))
        except ItemRefusedError as fault:
            text = json.dumps(item.value, sort_keys=True, default=str).encode()
            name = f"unread:{hashlib.sha256(text).hexdigest()[:32]}"
            problem = f"Item {number} of {len(items)}: {fault}"
            found.append(RawRecord(item.name or _DEFAULT_STREAM, name, item.value, problem=problem))
            faults.append(fault)
    if faults and len(faults) == len(items):
        raise faults[0]
    return found


def _body(request: WebhookRequest) -> object:
    if "x-www-form-urlencoded" in request.headers.get("content-type", "") and not _looks_like_json(
        request.body
    ):
        return read_form_body(request)
    return read_json_body(request)


def _looks_like_json(body: bytes) -> bool:
    return body.lstrip()[:1] in {b"{", b"["}


def _items(body: object, kind: str, path: tuple[str, ...], *, believed: bool) -> Iterator[_Item]:
    found, name = (find_at(body, *path), path[-1]) if path else _usual_list(body)
    around = _text_of(body, _KINDS)
    for one in found if isinstance(found, list) else [found]:
        if not isinstance(one, dict):
            where = f"at “{'.'.join(path)}”" if path else "in the body"
            raise ItemRefusedError(
                "missing",
                f"There is no object {where}; say under “Where the list is” where the records stand.",
            )
        inside = _text_of(one, _KINDS) or around
        yield _Item(one, inside or kind, name, unsigned=not inside and not believed)


def _usual_list(body: object) -> tuple[object, str]:
    """The body itself; or the only list of objects in it, with its name."""
    if isinstance(body, dict) and "id" not in body:
        lists = [(value, name) for name, value in body.items() if _is_list_of_objects(value)]
        if len(lists) == 1:
            return lists[0]
    return body, ""


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _record(item: _Item, settings: Settings) -> RawRecord:
    record, name = _find_record(item, settings)
    id_path = _id_path(record, item, settings)
    found_id = find_at(record, *id_path)
    if found_id is None:
        found_id = find_at(item.value, *id_path)
    place = ".".join(id_path)
    if found_id is None or isinstance(found_id, dict | list):
        raise ItemRefusedError(
            "missing",
            f"There is no id at “{place}”; say under “Where the id is” where it stands in the record.",
        )
    gone = _is_gone(item, settings)
    body = None if gone else record
    return RawRecord(
        _stream(item, name, settings), read_id(found_id, place), body, _updated_at(item, record, settings)
    )


def _find_record(item: _Item, settings: Settings) -> tuple[Mapping[str, Any], str]:
    """The record in the item, and the name under which it stood if that says what it is."""
    if path := _path(settings, "record_path"):
        found = find_at(item.value, *path)
        if not isinstance(found, dict):
            raise ItemRefusedError(
                "missing", f"There is no object at “{'.'.join(path)}”, where the record is."
            )
        return found, ""
    own = _path(settings, "id_path")
    for id_path in (own,) if own else ((one,) for one in _id_names(item)):
        for usual in _RECORDS if item.kind else ():
            inner = find_at(item.value, *usual.split("."))
            if isinstance(inner, dict) and find_at(inner, *id_path) is not None:
                return inner, ""
        if find_at(item.value, *id_path) is not None:
            return item.value, item.name
        inside = [(one, name) for name, one in item.value.items() if find_at(one, *id_path) is not None]
        if len(inside) == 1:
            record, name = inside[0]
            return record, "" if name in _SAY_NOTHING else name
    return item.value, item.name


def _id_names(item: _Item) -> list[str]:
    nouns = (
        {_noun(item.kind), _noun(item.name)} if item.kind and item.name else {_noun(item.kind or item.name)}
    )
    own = [f"{noun}{end}" for noun in sorted(nouns) if noun for end in ("_id", "Id", "_uuid")]
    return [*_IDS, *own, *_WEAK_IDS]


def _id_path(record: Mapping[str, Any], item: _Item, settings: Settings) -> tuple[str, ...]:
    """Where the id stands: as the settings say, else under the likeliest of the usual names."""
    if own := _path(settings, "id_path"):
        return own
    usable = (name for name in _id_names(item) if isinstance(record.get(name), str | int))
    return (next(usable, "id"),)


def _stream(item: _Item, name: str, settings: Settings) -> str:
    path = _path(settings, "stream_path")
    said = find_at(item.value, *path) if path else None
    if isinstance(said, str) and said.strip():
        return _noun(said) or _DEFAULT_STREAM
    fixed = settings.get("stream")
    if isinstance(fixed, str) and fixed.strip():
        return read_id(fixed.strip(), "stream", LONGEST_STREAM)
    return _noun(name or (item.kind if _tells(item.kind) else "")) or _DEFAULT_STREAM


def _tells(kind: str) -> bool:
    return bool(_PARTS.search(kind.strip())) or _noun(kind) != kind.strip().lower()


def _noun(kind: str) -> str:
    """What a word such as contact.updated or BOOKING_CREATED is about; a word alone is taken as it is."""
    parts = [part for part in _PARTS.split(kind.strip()) if part]
    if len(parts) == 1:
        parts = _LAST_WORD.split(parts[0])
        while len(parts) > 1 and parts[-1].lower() in _VERBS:
            parts.pop()
        return "_".join(parts).lower()[:LONGEST_STREAM]
    return "_".join(parts[:-1]).lower()[:LONGEST_STREAM]


def _is_gone(item: _Item, settings: Settings) -> bool:
    path = _path(settings, "operation_path")
    said = find_at(item.value, *path) if path else item.kind
    own = settings.get("deleted_words")
    words = {word.lower() for word in own if isinstance(word, str)} if isinstance(own, list) else set()
    if not isinstance(said, str):
        return False
    text = said.strip()
    gone = text.lower() in words or _LAST_WORD.split(text)[-1].lower() in (words or _GONE)
    if gone and item.unsigned and not path:
        raise ItemRefusedError(
            "unsigned_deletion",
            "Only a header says that the record is deleted, and headers are not signed. Let the sender say it"
            " in the body, and say under “Where the operation is” where; or switch on “Believe the header"
            " that says deleted”.",
        )
    return gone


def _updated_at(item: _Item, record: Mapping[str, Any], settings: Settings) -> datetime | None:
    if path := _path(settings, "updated_path"):
        place = ".".join(path)
        return read_time(find_at(record, *path), place) or read_time(find_at(item.value, *path), place)
    times = [time_at(record, name) for name in _TIMES]
    if record is not item.value:
        times += [time_at(item.value, name) for name in _TIMES_OUTSIDE]
    return next((at for at in times if at), None)


def _kind_in_headers(request: WebhookRequest) -> str:
    for name, value in request.headers.items():
        if name.startswith("x-") and name.endswith(("-topic", "-event", "-event-type")):
            return value
    return ""


def _text_of(body: object, names: tuple[str, ...]) -> str:
    found = (find_at(body, name) for name in names)
    return next((one for one in found if isinstance(one, str) and one.strip()), "")


def _path(settings: Settings, name: str) -> tuple[str, ...]:
    given = settings.get(name)
    return (
        tuple(part for part in given.strip().removeprefix("$.").split(".") if part)
        if isinstance(given, str)
        else ()
    )
