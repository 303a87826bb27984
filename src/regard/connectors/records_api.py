"""The records API: source records as JSON objects, one event each."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import (
    LONGEST_STREAM,
    field_value,
    name_type,
    plain_text,
    read_event_id,
    read_id,
    read_time,
)
from regard.events.envelope import Event, RecordKey, believed_time
from regard.events.event_catalogue import EventBody
from regard.events.record_events import (
    MULTIPLE_FIELDS,
    FieldValue,
    PartyKind,
    RecordDeleted,
    RecordPatched,
    RecordUpserted,
)

SINGLE_FIELDS = frozenset({
    "full_name", "given_name", "middle_name", "family_name", "generation", "honorific", "birth_date", "sex",
    "street", "house_number", "unit", "city", "postcode", "state", "country", "language", "job_title",
    "organisation", "government_id", "user_id", "tier", "plan", "stage", "owner", "customer_since", "picture",
    "note", "name", "legal_form", "tax_id", "industry", "size",
})  # fmt: skip
_KEYS = ("stream", "id", "kind", "op", "event_id", "updated_at", "fields")
_LONGEST_NAME = 200
_MOST_FIELDS = 1_000


def translate_record(item: Mapping[str, Any], origin: Origin) -> list[Event]:
    """The one event that a record states; raises `ItemRefusedError`."""
    refuse_unknown_keys(item, _KEYS)
    stream = read_id(item.get("stream"), "stream", LONGEST_STREAM)
    external_id = read_id(item.get("id"), "id")
    updated_at = read_time(item.get("updated_at"), "updated_at")
    event = Event(
        source=origin.source,
        event_id=read_event_id(item.get("event_id")),
        subject=RecordKey(origin.source, stream, external_id),
        occurred_at=believed_time(updated_at, origin.received_at),
        stated_at=updated_at,
        received_at=origin.received_at,
        body=_body(item, stream, external_id),
    )
    return [event]


def refuse_unknown_keys(item: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise when the item has a key that means nothing here, for a typing error would lose data silently."""
    for key in item:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = (
                f"did you mean “{near[0]}”?"
                if near
                else f"known are {', '.join(known)}; other data goes into “fields”"
            )
            raise ItemRefusedError("unknown_key", f"“{key[:60]}” is not a part of an item; {hint}")


def read_choice(value: object, place: str, choices: tuple[str, ...], default: str | None = None) -> str:
    """One of the words allowed at this place."""
    if value is None and default is not None:
        return default
    if value is None:
        raise ItemRefusedError("missing", f"“{place}” is missing; write one of {', '.join(choices)}")
    if not isinstance(value, str) or value not in choices:
        raise ItemRefusedError("unknown_word", f"“{place}” must be one of {', '.join(choices)}")
    return value


def read_fields(value: object, *, keep_nulls: bool) -> dict[str, FieldValue | None]:
    """The fields of a record, each checked against what its name promises."""
    if not isinstance(value, dict):
        raise ItemRefusedError("missing", "“fields” must be an object with the fields of the record")
    if len(value) > _MOST_FIELDS:
        raise ItemRefusedError(
            "too_many_fields", f"“fields” has {len(value)} entries; at most {_MOST_FIELDS} can be kept"
        )
    fields: dict[str, FieldValue | None] = {}
    for name, raw in value.items():
        if not name.strip() or len(name) > _LONGEST_NAME:
            raise ItemRefusedError(
                "field_name",
                f"a name in “fields” is blank or beyond {_LONGEST_NAME} characters; give it a short name",
            )
        one = _read_field(name, raw)
        if one is not None or keep_nulls:
            fields[name] = one
    return fields


def _read_field(name: str, raw: object) -> FieldValue | None:
    place = f"fields.{name}"
    if raw is None:
        return None
    text = plain_text(raw)
    if name in SINGLE_FIELDS and text is None:
        raise ItemRefusedError("wrong_type", f"“{place}” must be a text, not {name_type(raw)}")
    if name in MULTIPLE_FIELDS and text is None:
        texts = [plain_text(one) for one in raw] if isinstance(raw, list) else [None]
        if None in texts:
            raise ItemRefusedError("wrong_type", f"“{place}” must be a text or a list of texts")
        return [one for one in texts if one]
    if name == "organisation_ref":
        return _read_reference(raw, place)
    return field_value(raw, place)


def _read_reference(raw: object, place: str) -> dict[str, str]:
    if not isinstance(raw, dict) or set(raw) != {"stream", "id"}:
        raise ItemRefusedError("wrong_type", f"“{place}” must be an object with exactly “stream” and “id”")
    return {
        "stream": read_id(raw["stream"], f"{place}.stream", LONGEST_STREAM),
        "id": read_id(raw["id"], f"{place}.id"),
    }


def _body(item: Mapping[str, Any], stream: str, external_id: str) -> EventBody:
    op = read_choice(item.get("op"), "op", ("upsert", "patch", "delete"), "upsert")
    if op == "delete":
        return RecordDeleted(stream, external_id)
    kind: PartyKind = "person"
    if read_choice(item.get("kind"), "kind", ("person", "organisation")) == "organisation":
        kind = "organisation"
    fields = read_fields(item.get("fields"), keep_nulls=op == "patch")
    if op == "patch":
        return RecordPatched(stream, external_id, kind, fields)
    return RecordUpserted(
        stream, external_id, kind, {name: value for name, value in fields.items() if value is not None}
    )
