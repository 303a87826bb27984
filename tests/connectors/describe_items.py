"""What the items of a mapped record say, one line each, to be read and compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.files.load_fields import fields_of
from regard.connectors.load_mappings import shipped_mappings
from regard.connectors.mapping.describe_stream_mapping import StreamMapping
from regard.connectors.mapping.map_record import StatedItem, Surface, map_record

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
IDS = (
    "id", "Id", "sid", "ContactID", "InvoiceID", "CreditNoteID", "PaymentID", "email_id", "Name", "url", "ts",
)  # fmt: skip
_KNOWN = {"text", "ticket", "order", "lines"}


def mapping_of(connector: str, stream: str) -> StreamMapping:
    """The shipped mapping of a stream."""
    return next(one for one in shipped_mappings(connector) if one.stream == stream)


def as_raw(stream: str, body: Mapping[str, Any]) -> RawRecord:
    """A raw record, named by the field that its system calls the id."""
    return RawRecord(stream, str(next(body[name] for name in IDS if name in body)), body)


def items_of(connector: str, record: RawRecord, currency: str | None = "EUR") -> list[StatedItem]:
    """What the shipped mapping makes of a record."""
    return map_record(mapping_of(connector, record.stream), record, Surface(NOW, currency, "Europe/Berlin"))


def describe(items: Iterable[StatedItem]) -> list[str]:
    """A line for each item."""
    return [_line(item) for item in items]


def _line(item: StatedItem) -> str:
    body = item.body
    if item.family == "link":
        return f"link {'/'.join(body['left'])} is {'/'.join(body['right'])}"
    what = body.get("type") or body["kind"]
    words = [f"{what} {item.stream}/{item.external_id}"]
    if "type" in body:
        party = body["party"]
        words.append(f"of {party['stream']}/{party['id']}" if party else "of nobody")
        if body["occurred_at"]:
            words.append(f"at {_short(body['occurred_at'])}")
    elif body["updated_at"]:
        words.append(f"as of {_short(body['updated_at'])}")
    fields = body["fields"]
    known = {*fields_of(what), *_KNOWN}
    said = "; ".join(f"{name}: {_text(value)}" for name, value in fields.items() if name in known)
    rest = ", ".join(sorted(name for name in fields if name not in known))
    return " ".join(words) + (f" | {said}" if said else "") + (f" | kept: {rest}" if rest else "")


def _text(value: object) -> str:
    if isinstance(value, list):
        return " + ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return "/".join(str(one) for one in value.values())
    return str(value).replace("\n", " ⏎ ")


def _short(instant: str) -> str:
    return instant.replace("+00:00", "Z").replace("T00:00:00Z", "")
