"""The mapping: what the columns of a table mean. Plain data, kept, versioned and edited by people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from regard.connectors.files.describe_table import TableType
from regard.connectors.files.load_fields import PARTY_TARGETS, fields_of
from regard.connectors.files.parse_amounts import DecimalSign
from regard.connectors.files.parse_dates import DateOrder
from regard.events.interaction_events import InteractionType
from regard.kit.errors import RegardError, Terminal

OCCURRENCE = "(occurrence)"
WHOLE_ROW = "(whole row)"
SKIP = "(skip)"
PartyTarget = Literal["person", "organisation"]
TARGETS: tuple[str, ...] = (*get_args(PartyTarget), *get_args(InteractionType))


class UnusableMappingError(RegardError, Terminal):
    """A mapping that cannot be followed; the message says which part and what to write instead."""

    code = "unusable_mapping"
    status = 422


class PartyColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The column that holds the id of the party an interaction belongs to, and that party's stream."""

    stream: str
    column: str


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the values of one column are to be read, decided over the whole sample."""

    date: DateOrder | None = None
    decimal: DecimalSign | None = None
    names: Literal["last_first"] | None = None


class FileMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What each column means.

    `id` joins the values of several columns with `|`; `(occurrence)` in it completes an id that comes more
    than once by counting, `(whole row)` stands for the row's content. `columns` names a field for a
    column; null keeps the column under its own name, `(skip)` leaves it out. `organisation_stream` is where
    the ids in a column mapped to `organisation_ref` come from.
    """

    stream: str
    target: str
    id: list[str]
    party: PartyColumn | None = None
    occurred_at: str | None = None
    updated_at: str | None = None
    currency: str | None = None
    columns: dict[str, str | None] = {}
    reading: dict[str, Reading] = {}
    time_zone: str = "UTC"
    organisation_stream: str = "accounts"

    @property
    def version(self) -> str:
        """Eight hexadecimal digits that change with any part of the mapping."""
        return hashlib.blake2b(msgspec.json.encode(self, order="sorted"), digest_size=4).hexdigest()

    @property
    def is_party(self) -> bool:
        """Whether the rows are records of persons or organisations, not interactions."""
        return self.target in PARTY_TARGETS

    def field_column(self, field: str) -> str | None:
        """The first column that holds a field."""
        return next((column for column, name in self.columns.items() if name == field), None)


def check_mapping(mapping: FileMapping, type_: TableType, columns: Sequence[str]) -> None:
    """Raise `UnusableMappingError` when the mapping cannot be followed on a table with these columns.

    JSON objects may have keys that the first rows did not show: any name is right there.
    """
    if mapping.target not in TARGETS:
        raise UnusableMappingError(f"“{mapping.target}” is no target; choose one of {', '.join(TARGETS)}")
    if not mapping.stream.strip() or len(mapping.stream) > 100:
        raise UnusableMappingError(
            "the stream needs a name of at most 100 characters, such as customers or orders"
        )
    if not mapping.id:
        raise UnusableMappingError(f"no column is the id; name one, or “{WHOLE_ROW}” when the table has none")
    if type_ in ("csv", "xlsx"):
        _check_columns(mapping, set(columns))
    _check_fields(mapping)
    _check_money(mapping)
    try:
        ZoneInfo(mapping.time_zone)
    except (KeyError, ValueError, OSError):
        raise UnusableMappingError(
            f"“{mapping.time_zone}” is no time zone of this machine; write one such as Europe/Berlin or UTC"
        ) from None


def _check_columns(mapping: FileMapping, known: set[str]) -> None:
    asked = [name for name in mapping.id if name not in (OCCURRENCE, WHOLE_ROW)]
    asked += [name for name in (mapping.occurred_at, mapping.updated_at) if name is not None]
    asked += [mapping.party.column] if mapping.party else []
    asked += [column for column, field in mapping.columns.items() if field not in (None, SKIP)]
    for column in asked:
        if column not in known:
            names = ", ".join(f"“{name}”" for name in sorted(known)[:20])
            raise UnusableMappingError(
                f"the mapping names a column “{column}” that the table does not have; it has {names}"
            )
    if mapping.id == [OCCURRENCE]:
        raise UnusableMappingError(f"“{OCCURRENCE}” completes an id; put a column or “{WHOLE_ROW}” before it")


def _check_fields(mapping: FileMapping) -> None:
    fields = fields_of(mapping.target)
    used: dict[str, str] = {}
    for column, field in mapping.columns.items():
        if field is None or field == SKIP:
            continue
        if field not in fields:
            raise UnusableMappingError(
                f"column “{column}”: “{field}” is no field of {mapping.target};"
                f" choose one of {', '.join(fields)}"
            )
        if field in used and not fields[field].multiple:
            raise UnusableMappingError(
                f"the columns “{used[field]}” and “{column}” are both mapped to {field};"
                " map one of them to null to keep it under its own name"
            )
        used[field] = column


def _check_money(mapping: FileMapping) -> None:
    money = mapping.field_column("amount") or mapping.field_column("unit_price")
    code = mapping.currency
    if code is not None and not (len(code) == 3 and code.isascii() and code.isupper()):
        raise UnusableMappingError(f"“{code}” is no currency; write three letters such as EUR")
    if money and code is None and mapping.field_column("currency") is None:
        raise UnusableMappingError(
            f"column “{money}” holds amounts of money but their currency is not known;"
            " name it (`currency`, such as GBP), or map the column that holds it"
        )
