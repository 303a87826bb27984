"""The interactions API: what happened, as JSON objects, one event each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from msgspec import structs

from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import (
    LONGEST_STREAM,
    name_type,
    plain_text,
    read_event_id,
    read_id,
    read_time,
)
from regard.connectors.records_api import read_choice, refuse_unknown_keys
from regard.events.envelope import Event, RecordKey, believed_time
from regard.events.interaction_events import (
    INTERACTION_TYPES,
    InteractionDeleted,
    InteractionStated,
    InteractionType,
    PartyReference,
)
from regard.kit.money import NotAnAmountError, to_minor

PURPOSES = ("marketing", "profiling", "service")
CHANNELS = ("email", "phone", "sms", "post", "web")
STATES = ("granted", "denied")

_KEYS = ("stream", "id", "type", "op", "event_id", "party", "occurred_at", "updated_at", "fields")
_TEXTS = frozenset({
    "title", "channel", "direction", "text", "order", "ticket", "url", "campaign", "action", "reason",
    "purpose", "state", "contact_point",
})  # fmt: skip
_NUMBERS = frozenset({"quantity", "rating", "duration_seconds"})
_TYPES: dict[str, InteractionType] = {name: name for name in get_args(InteractionType)}


def translate_interaction(item: Mapping[str, Any], origin: Origin) -> list[Event]:
    """The one event that an interaction states; raises `ItemRefusedError`."""
    return _translate(item, origin, needs_time=True)


def translate_mapped_interaction(item: Mapping[str, Any], origin: Origin) -> list[Event]:
    """The same of an item that a mapping made: its record may not say when it happened."""
    return _translate(item, origin, needs_time=False)


def time_it_states(target: str, happened: str | None, changed: str | None) -> str | None:
    """When an interaction happened as far as its record says; None when it does not.

    The time of its last change will do, but not for a line: it was bought when its order was placed.
    """
    return happened or (None if target == "order_line" else changed)


def _translate(item: Mapping[str, Any], origin: Origin, *, needs_time: bool) -> list[Event]:
    refuse_unknown_keys(item, _KEYS)
    stream = read_id(item.get("stream"), "stream", LONGEST_STREAM)
    external_id = read_id(item.get("id"), "id")
    party = _read_party(item.get("party"))
    updated_at = read_time(item.get("updated_at"), "updated_at")
    happened_at = read_time(item.get("occurred_at"), "occurred_at")
    op = read_choice(item.get("op"), "op", ("upsert", "delete"), "upsert")
    body: InteractionStated | InteractionDeleted
    if op == "delete":
        body = InteractionDeleted(stream, external_id)
    elif happened_at is None and needs_time:
        raise ItemRefusedError(
            "missing", "“occurred_at” is missing; say when it happened, like 2026-03-04T15:06:07Z"
        )
    else:
        body = _read_body(item, stream, external_id, party, origin)
        if happened_at is None:
            body = structs.replace(body, dated_by="change" if updated_at else "arrival")
            happened_at = updated_at
    subject = party or PartyReference(stream, external_id)
    event = Event(
        source=origin.source,
        event_id=read_event_id(item.get("event_id")),
        subject=RecordKey(origin.source, subject.stream, subject.external_id),
        occurred_at=believed_time(happened_at, origin.received_at),
        stated_at=updated_at,
        received_at=origin.received_at,
        body=body,
    )
    return [event]


def read_amount(value: object, currency: object, default: str | None, place: str) -> tuple[int, str]:
    """Minor units and currency of an amount in major units; raises `ItemRefusedError`."""
    code = (plain_text(currency) or default or "").strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ItemRefusedError(
            "currency",
            f"the currency of “{place}” is missing or not three letters;"
            " send “currency”, like EUR, or set the default currency of the source",
        )
    text = plain_text(value)
    if text is None or isinstance(value, bool):
        raise ItemRefusedError(
            "not_an_amount", f"“{place}” must be a text or a number, not {name_type(value)}"
        )
    try:
        return to_minor(text, code), code
    except NotAnAmountError:
        # Without the value: reasons are read by people who may see no customer data.
        raise ItemRefusedError(
            "not_an_amount", f"“{place}” is not an amount that can be kept; write it like 1234.50"
        ) from None


def read_lines(value: object, place: str) -> list[dict[str, Any]]:
    """The lines of an order or invoice: sku, title, quantity and amount, other keys kept as they came."""
    if not isinstance(value, list) or not all(isinstance(line, dict) for line in value):
        raise ItemRefusedError(
            "wrong_type", f"“{place}” must be a list of objects with sku, title, quantity, amount"
        )
    lines = []
    for line in value:
        kept = {name: one for name, one in line.items() if one is not None}
        for name in ("sku", "title", "amount"):
            if name in kept and (text := plain_text(kept[name])) is not None:
                kept[name] = text
        lines.append(kept)
    return lines


def _read_party(value: object) -> PartyReference | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"stream", "id"}:
        raise ItemRefusedError(
            "wrong_type",
            "“party” must be an object with exactly “stream” and “id” of a record, or be left out",
        )
    return PartyReference(
        read_id(value["stream"], "party.stream", LONGEST_STREAM), read_id(value["id"], "party.id")
    )


def _read_body(
    item: Mapping[str, Any], stream: str, external_id: str, party: PartyReference | None, origin: Origin
) -> InteractionStated:
    interaction = _TYPES[read_choice(item.get("type"), "type", INTERACTION_TYPES)]
    given = item.get("fields")
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise ItemRefusedError("wrong_type", f"“fields” must be an object, not {name_type(given)}")
    left = {name: value for name, value in given.items() if value is not None}
    status = _read_text(left.pop("status"), "fields.status").strip().lower() if "status" in left else None
    minor = currency = None
    if "amount" in left:
        minor, currency = read_amount(
            left.pop("amount"), left.pop("currency", None), origin.currency, "fields.amount"
        )
    fields = {name: _read_field(name, left.pop(name)) for name in list(left) if _is_common(name)}
    if interaction == "consent":
        _check_consent(fields)
    stated = item.get("occurred_at")
    occurred_at = read_time(stated, "occurred_at")
    if occurred_at is not None and believed_time(occurred_at, origin.received_at) != occurred_at:
        left["occurred_at"] = occurred_at.isoformat()
    return InteractionStated(stream, external_id, interaction, party, status, minor, currency, fields, left)


def _is_common(name: str) -> bool:
    return name in _TEXTS or name in _NUMBERS or name in {"due_at", "lines"}


def _read_field(name: str, value: object) -> object:
    place = f"fields.{name}"
    if name in _TEXTS:
        return _read_text(value, place)
    if name == "lines":
        return read_lines(value, place)
    if name == "due_at":
        at = read_time(value, place)
        return at.isoformat() if at else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return _read_text(value, place)


def _read_text(value: object, place: str) -> str:
    text = plain_text(value)
    if text is None:
        raise ItemRefusedError("wrong_type", f"“{place}” must be a text, not {name_type(value)}")
    return text


def _check_consent(fields: Mapping[str, Any]) -> None:
    for name, choices in (("purpose", PURPOSES), ("channel", CHANNELS), ("state", STATES)):
        read_choice(fields.get(name), f"fields.{name}", choices)
