"""Proposes a mapping for a table from its header and a sample of its values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from regard.connectors.files.choose_keys import choose_id, choose_party, choose_times
from regard.connectors.files.choose_target import choose_target
from regard.connectors.files.describe_mapping import FileMapping, Reading
from regard.connectors.files.describe_table import TableSample
from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.match_fields import ColumnProposal, match_column, settle_conflicts
from regard.connectors.files.parse_amounts import currency_code, decide_decimal, parse_amount
from regard.connectors.files.parse_dates import decide_order
from regard.connectors.files.recognise_columns import ColumnFacts, collect_facts

_MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "FM", "MH", "PW"})


@dataclass(frozen=True, slots=True)
class ImportContext:
    """What is known besides the file: the source's defaults, and what was imported from it before."""

    stream: str
    filename: str
    target: str | None = None
    country: str | None = None
    currency: str | None = None
    time_zone: str = "UTC"
    party_stream: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column as people see it in the proposal."""

    name: str
    samples: list[str]
    proposed: ColumnProposal


@dataclass(frozen=True, slots=True)
class MappingProposal:
    """A complete mapping, the thoughts behind it, and notes on what a person should look at."""

    mapping: FileMapping
    columns: list[ColumnView]
    notes: list[str]


def propose_mapping(sample: TableSample, context: ImportContext) -> MappingProposal:
    """The likeliest mapping of a table; a person may change every part of it."""
    facts = collect_facts(sample.columns, sample.rows)
    notes = list(sample.notes)
    target = context.target
    if target is None:
        target, reason = choose_target(facts, context.stream, context.filename)
        notes.append(reason)
    party = None if target in ("person", "organisation") else choose_party(facts, context.party_stream)
    occurred_at, updated_at = choose_times(facts, target)
    proposals = _match_columns(facts, target, party.column if party else None, occurred_at, updated_at)
    columns = {name: proposal.field for name, proposal in proposals.items()}
    ids = choose_id(facts, sample.rows, target, context.stream, columns, party)
    for name in ids:
        own_number = len(ids) == 1 and columns.get(name) in ("order", "ticket")
        if name in columns and (columns[name] is None or own_number):
            columns[name] = None
            proposals[name] = ColumnProposal(None, 0.9, "It names the row: the id.")
    mapping = FileMapping(
        stream=context.stream, target=target, id=ids, party=party, occurred_at=occurred_at,
        updated_at=updated_at,
        currency=_choose_currency(facts, columns, target) or _default_currency(columns, context),
        columns=columns, time_zone=context.time_zone,
    )  # fmt: skip
    mapping, doubts = complete_readings(mapping, sample, context.country)
    views = [ColumnView(column.name, column.samples(), proposals[column.name]) for column in facts]
    return MappingProposal(mapping, views, notes + doubts)


def complete_readings(
    mapping: FileMapping, sample: TableSample, country: str | None
) -> tuple[FileMapping, list[str]]:
    """The mapping with a way of reading for every column that needs one, and notes on guesses."""
    kinds = {name: field.kind for name, field in fields_of(mapping.target).items()}
    reading = dict(mapping.reading)
    notes: list[str] = []
    month_first = country in _MONTH_FIRST_COUNTRIES
    for facts in collect_facts(sample.columns, sample.rows):
        if facts.name in reading:
            continue
        kind = kinds.get(mapping.columns.get(facts.name) or "", "text")
        if facts.name in (mapping.occurred_at, mapping.updated_at):
            kind = "instant"
        if kind in ("day", "instant"):
            order, guessed = decide_order(facts.values, month_first=month_first)
            reading[facts.name] = Reading(date=order)
            if guessed:
                notes.append(_tell_guess(facts, order))
        elif kind in ("amount", "number"):
            reading[facts.name] = Reading(decimal=decide_decimal(facts.values))
        elif kind == "name" and facts.last_first >= 0.6:
            reading[facts.name] = Reading(names="last_first")
    return msgspec.structs.replace(mapping, reading=reading), notes


def _match_columns(
    facts: Sequence[ColumnFacts], target: str, party: str | None, occurred_at: str | None,
    updated_at: str | None
) -> dict[str, ColumnProposal]:  # fmt: skip
    fields = list(fields_of(target).values())
    proposals = {column.name: match_column(column, fields) for column in facts}
    taken = {
        party: ColumnProposal(None, 0.9, "It holds the id of the customer."),
        occurred_at: ColumnProposal(None, 0.9, "It says when it happened."),
        updated_at: ColumnProposal(None, 0.9, "It says when the row was last changed."),
    }
    proposals |= {column: proposal for column, proposal in taken.items() if column is not None}
    return settle_conflicts(proposals, fields)


def _choose_currency(facts: Sequence[ColumnFacts], columns: dict[str, str | None], target: str) -> str | None:
    """The currency that values or headers of the amounts name."""
    if target in ("person", "organisation"):
        return None
    for column in facts:
        if columns.get(column.name) not in ("amount", "unit_price"):
            continue
        named = {amount.currency for value in column.values[:200] if (amount := parse_amount(value, "."))} - {
            None
        }
        if len(named) == 1:
            return named.pop()
        in_header = currency_code(column.tokens[-1]) if len(column.tokens) > 1 else None
        if in_header:
            return in_header
    return None


def _default_currency(columns: dict[str, str | None], context: ImportContext) -> str | None:
    return context.currency if {"amount", "unit_price"} & set(columns.values()) else None


def _tell_guess(facts: ColumnFacts, order: str) -> str:
    first = "month" if order == "month_first" else "day"
    return (
        f"The dates in “{facts.name}” can be read in two ways;"
        f" they are read with the {first} first. Set the other order if that is wrong."
    )


def remarks_on(mapping: FileMapping) -> list[str]:
    """What a person should know before following a mapping."""
    remarks = []
    fields = set(mapping.columns.values())
    if not mapping.is_party and mapping.occurred_at is None:
        remarks.append(_remark_on_time(mapping, fields))
    if not mapping.is_party and mapping.party is None and not {"order", "ticket"} & fields:
        remarks.append("No column says whose it is: the rows will belong to nobody.")
    if {"amount", "unit_price"} & fields and "currency" not in fields and mapping.currency is None:
        remarks.append("The currency of the amounts is not known: name it before the import.")
    return remarks


def _remark_on_time(mapping: FileMapping, fields: Collection[str | None]) -> str:
    named = next((name for name in ("order", "ticket") if name in fields), None)
    if mapping.updated_at is not None and mapping.target != "order_line":
        taken = "the time of the last change is taken"
    elif named:
        taken = f"each row stands at the time of its {named}"
    else:
        taken = "the rows will stand in the timeline without a time"
    return f"No column says when it happened: {taken}."
