"""Builds an interaction (an order line, an invoice, a ticket …) from a row."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any

from regard.connectors.files.convert_values import (
    RejectedValueError,
    filled_text,
    read_currency,
    read_instant,
    read_number,
    read_share,
    read_state,
    read_status,
    tidy_id,
)
from regard.connectors.files.describe_mapping import SKIP, FileMapping, Reading
from regard.connectors.files.describe_table import Cell, Cells
from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.parse_amounts import less_share, multiply
from regard.connectors.interactions_api import time_it_states

_NO_READING = Reading()
_RETURNS = {"order_line": "returned", "order": "returned", "payment": "refunded"}


def build_interaction(mapping: FileMapping, cells: Cells, external_id: str, zone: tzinfo) -> dict[str, Any]:
    """The item for the interactions door, its time None where the row states none.

    Raises `RejectedValueError`.
    """
    row = _Row(mapping, cells, zone)
    fields = row.fields()
    _price(row, fields)
    _tell_returns(mapping.target, fields)
    if mapping.target == "consent":
        fields = {"purpose": "marketing", "channel": "email"} | fields
    changed_at = row.instant(mapping.updated_at)
    return {
        "stream": mapping.stream,
        "id": external_id,
        "type": mapping.target,
        "party": row.party(),
        "occurred_at": time_it_states(mapping.target, row.occurred_at(), changed_at),
        "updated_at": changed_at,
        "fields": fields,
    }


class _Row:
    """One row, asked for its parts."""

    def __init__(self, mapping: FileMapping, cells: Cells, zone: tzinfo) -> None:
        self.mapping = mapping
        self._cells = cells
        self._zone = zone
        self.columns: dict[str, str] = {}
        self.currency: str | None = None

    def fields(self) -> dict[str, Any]:
        """Mapped fields under their names, other columns under their own; numbers as exact decimal text."""
        mapping = self.mapping
        party_column = mapping.party.column if mapping.party else None
        used = {*mapping.id, mapping.updated_at, mapping.occurred_at, party_column}
        known = fields_of(mapping.target)
        fields: dict[str, Any] = {}
        for column, cell in self._cells.items():
            name = mapping.columns.get(column)
            if name == SKIP or not cell:
                continue
            if name is None:
                if column not in used:
                    fields[f"{column} (unmapped)" if column in known or column == "lines" else column] = cell
                continue
            text = filled_text(cell, known[name].kind)
            if text is not None:
                self.columns[name] = column
                fields[name] = self._read(name, known[name].kind, text, column)
        return fields

    def party(self) -> dict[str, str] | None:
        """Whose it is; None for a guest."""
        if self.mapping.party is None:
            return None
        text = filled_text(self._cells.get(self.mapping.party.column, ""), "number")
        return {"stream": self.mapping.party.stream, "id": tidy_id(text)} if text else None

    def occurred_at(self) -> str | None:
        """When it happened; None when the table does not say it at all."""
        column = self.mapping.occurred_at
        at = self.instant(column)
        if column is not None and at is None:
            raise RejectedValueError(
                column, "no_time", "the row does not say when it happened; fill in the date"
            )
        return at

    def instant(self, column: str | None) -> str | None:
        """The time in a column."""
        text = filled_text(self._cells.get(column, ""), "instant") if column else None
        if column is None or text is None:
            return None
        return read_instant(text, column, self._reading(column), self._zone)

    def _read(self, name: str, kind: str, text: str, column: str) -> Cell:
        reading = self._reading(column)
        if name == "discount_share":
            return read_share(text, column, reading)
        if kind == "amount":
            amount = read_number(text, column, reading, "not_an_amount")
            self.currency = amount.currency or self.currency
            return amount.number
        if kind == "number":
            return read_number(text, column, reading).number
        if kind == "instant":
            return read_instant(text, column, reading, self._zone)
        if kind == "currency":
            return read_currency(text, column)
        if kind == "state":
            return read_state(text, column)
        if name == "status":
            return read_status(text)
        return tidy_id(text) if name in ("order", "ticket", "sku") else text

    def _reading(self, column: str) -> Reading:
        return self.mapping.reading.get(column, _NO_READING)


def _price(row: _Row, fields: dict[str, Any]) -> None:
    """Amount and currency: the amount itself, or price times quantity less the discount."""
    discount = fields.pop("discount_share", None)
    if discount is not None:
        fields["discount"] = discount
    price = fields.get("unit_price")
    if "amount" not in fields and price is not None:
        factors = [price, fields.get("quantity", "1")]
        if discount is not None:
            factors.append(less_share(discount))
        fields["amount"] = multiply(*factors)
    if "amount" not in fields:
        return
    currency = fields.get("currency") or row.currency or row.mapping.currency
    if currency is None:
        column = row.mapping.field_column("currency")
        raise RejectedValueError(
            column, "no_currency", "the row names no currency for its amount; fill it in"
        )
    fields["currency"] = currency


def _tell_returns(target: str, fields: dict[str, Any]) -> None:
    """A negative quantity or amount without a status says that goods or money went back."""
    word = _RETURNS.get(target)
    negative = str(fields.get("quantity", "")).startswith("-") or str(fields.get("amount", "")).startswith(
        "-"
    )
    if word and negative and "status" not in fields:
        fields["status"] = word
