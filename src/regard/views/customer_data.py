"""What one statement brings of a customer, before anything is redacted. Never leaves this room."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from regard.views.read_changes import RawChange


class GoldenOther(msgspec.Struct):
    """A value that did not win."""

    value: str
    record: str
    source: str
    stream: str
    external_id: str
    at: datetime
    corrected_by: str | None = None


class GoldenValue(msgspec.Struct):
    """A surviving value with where it is from."""

    value: str
    record: str
    source: str
    stream: str
    external_id: str
    at: datetime
    rule: str
    others: list[GoldenOther] = []
    corrected_by: str | None = None

    @property
    def differing(self) -> int:
        """How many other values the sources state; the same value from another source is none."""
        if not self.others:
            return 0
        return len(
            {other.value.strip().casefold() for other in self.others} - {self.value.strip().casefold()}
        )


class EntryFields(msgspec.Struct):
    """The canonical fields of an interaction as the source stated them; of any JSON type."""

    title: Any = None
    text: Any = None
    channel: Any = None
    direction: Any = None
    url: Any = None
    quantity: Any = None
    due_at: Any = None
    campaign: Any = None
    action: Any = None
    reason: Any = None
    purpose: Any = None
    state: Any = None
    contact_point: Any = None
    rating: Any = None
    duration_seconds: Any = None
    lines: Any = None
    order: Any = None
    ticket: Any = None


class RawEntry(msgspec.Struct, array_like=True):
    """One row of the timeline; `on_page` tells those the timeline shows from those only cards need.

    `undated`: nothing says when it happened, `at` is when it arrived here.
    """

    id: str
    type: str
    source: str
    number: str
    at: datetime
    status: str | None
    amount_minor: int | None
    currency: str | None
    thread: str | None
    on_page: bool
    fields: EntryFields | None
    undated: bool = False

    @property
    def theme(self) -> str | None:
        """The order or ticket it belongs to or is, such as `order:1001`."""
        if self.thread:
            return self.thread
        return f"{self.type}:{self.number}" if self.type in ("order", "ticket") else None


class RawRecord(msgspec.Struct, array_like=True):
    """A source record of the customer."""

    id: str
    source: str
    stream: str
    external_id: str
    kind: str
    first_seen: datetime
    last_seen: datetime
    entries: int = 0


class RawConsent(msgspec.Struct, array_like=True):
    """What one record says about one purpose and channel."""

    purpose: str
    channel: str
    contact_point: str
    state: str
    at: datetime
    source: str


class RawPerson(msgspec.Struct, array_like=True):
    """A person inside an organisation."""

    id: str
    name: str
    job_title: str | None
    total: int


class RawRelative(msgspec.Struct, array_like=True):
    """Somebody of the same household; `how`: address or landline."""

    id: str
    name: str
    how: str


class RawAccess(msgspec.Struct, array_like=True):
    """Somebody who looked."""

    at: datetime
    username: str
    role: str
    action: str
    total: int


class RawJudgement(msgspec.Struct, array_like=True):
    """What a person judged about records of the customer."""

    id: str
    verdict: str
    by: str
    at: datetime
    reason: str
    active: bool


class Money(msgspec.Struct):
    """Ordered and refunded in minor units."""

    ordered: int = 0
    refunded: int = 0


class OrderFigures(msgspec.Struct):
    """Orders that count."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    by_currency: dict[str, Money] = {}


class PaymentFigures(msgspec.Struct):
    """Payments that went through, in minor units by currency."""

    count: int = 0
    by_currency: dict[str, int] = {}
    last_at: datetime | None = None


class TicketFigures(msgspec.Struct):
    """Requests for help."""

    open: int = 0
    total: int = 0
    oldest_open_at: datetime | None = None


class InvoiceFigures(msgspec.Struct):
    """Invoices that wait for money; `oldest_due_at` as the source wrote it."""

    unpaid: int = 0
    unpaid_by_currency: dict[str, int] = {}
    oldest_due_at: str | None = None


class ContactFigures(msgspec.Struct):
    """The last time somebody spoke to somebody."""

    last_at: datetime | None = None
    last_type: str | None = None
    last_channel: str | None = None
    last_direction: str | None = None


class WebFigures(msgspec.Struct):
    """Visits to the web site."""

    pages: int = 0
    last_at: datetime | None = None


class CampaignFigures(msgspec.Struct):
    """Mails and the like that were sent."""

    sent: int = 0
    opened: int = 0
    clicked: int = 0
    last_at: datetime | None = None


class Figures(msgspec.Struct):
    """The figures of a customer; all zero when nothing has happened."""

    orders: OrderFigures = msgspec.field(default_factory=OrderFigures)
    payments: PaymentFigures = msgspec.field(default_factory=PaymentFigures)
    tickets: TicketFigures = msgspec.field(default_factory=TicketFigures)
    invoices: InvoiceFigures = msgspec.field(default_factory=InvoiceFigures)
    contact: ContactFigures = msgspec.field(default_factory=ContactFigures)
    web: WebFigures = msgspec.field(default_factory=WebFigures)
    campaigns: CampaignFigures = msgspec.field(default_factory=CampaignFigures)
    entries: int = 0


class CustomerData(msgspec.Struct):
    """One customer as the projections hold it."""

    id: UUID
    kind: str
    name: str
    version: int
    golden: dict[str, GoldenValue]
    figures: Figures
    entries: list[RawEntry]
    records: list[RawRecord]
    consents: list[RawConsent]
    organisation: tuple[str, str] | None
    people: list[RawPerson]
    accesses: list[RawAccess]
    household: list[RawRelative] = []
    confidence: float = 1.0
    """How sure it is that the records are one customer, 0 to 1."""
    changes: list[RawChange] = []
    """What became of it, the newest first; read only for those who are shown it."""

    @property
    def record_ids(self) -> list[UUID]:
        """The ids of its records, the oldest first."""
        return [UUID(record.id) for record in self.records]


_golden = msgspec.json.Decoder(dict[str, GoldenValue])
_figures = msgspec.json.Decoder(Figures)
_entries = msgspec.json.Decoder(list[RawEntry])
_records = msgspec.json.Decoder(list[RawRecord])
_consents = msgspec.json.Decoder(list[RawConsent])
_organisation = msgspec.json.Decoder(tuple[str, str])
_household = msgspec.json.Decoder(list[RawRelative])
_people = msgspec.json.Decoder(list[RawPerson])
_accesses = msgspec.json.Decoder(list[RawAccess])
_judgements = msgspec.json.Decoder(list[RawJudgement])


def decode_customer(row: asyncpg.Record) -> CustomerData:
    """The customer from the row of `open_customer`."""
    linked = row["organisation"] or row["employer"]
    return CustomerData(
        id=row["customer_id"],
        kind=row["kind"],
        name=row["name"],
        version=row["version"],
        golden=decode_golden(row["golden"]),
        figures=_figures.decode(row["figures"]) if row["figures"] else Figures(),
        entries=decode_entries(row["entries"]),
        records=decode_records(row["records"]),
        consents=_consents.decode(row["consents"]) if row["consents"] else [],
        organisation=_organisation.decode(linked) if linked else None,
        household=_household.decode(row["household"]) if row["household"] else [],
        people=_people.decode(row["people"]) if row["people"] else [],
        accesses=_accesses.decode(row["accesses"]) if row["accesses"] else [],
        confidence=row["confidence"],
    )


def decode_golden(raw: str) -> dict[str, GoldenValue]:
    """The golden record from its JSON text."""
    return _golden.decode(raw)


def decode_entries(raw: str | None) -> list[RawEntry]:
    """Timeline rows from their JSON text."""
    return _entries.decode(raw) if raw else []


def decode_records(raw: str | None) -> list[RawRecord]:
    """Source records from their JSON text."""
    return _records.decode(raw) if raw else []


def decode_judgements(raw: str | None) -> list[RawJudgement]:
    """Judgements from their JSON text."""
    return _judgements.decode(raw) if raw else []
