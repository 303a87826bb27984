"""Composes what is shown of an imported file: each column under the rule of the field it becomes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from regard.access.load_roles import Role
from regard.access.mask_values import mask_shape

Json = dict[str, Any]
_PARTIES = ("person", "organisation")
# What only exists in files, and the field of an interaction that it ends up in.
_PARTS = {"unit_price": "amount", "discount_share": "amount", "sku": "lines"}
_SKIP = "(skip)"
_QUOTED = re.compile("“(.*)”", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row that was not taken, as it is kept; `content` is a JSON object of its cells, or the raw line."""

    row: int
    column: str | None
    code: str
    sentence: str
    content: str


class FileLens:
    """What a role may see of a file; `shown` gathers the names of the fields that left in clear.

    A column is open when the role sees in clear everything it becomes. One that becomes nothing was
    classified by nobody: it is C3.
    """

    def __init__(self, role: Role, described: Json) -> None:
        self._policy = role.policy
        self._mapping: Json = described["mapping"]
        self._columns = {column["name"] for column in described["columns"]}
        self.blind = not role.may("customers")
        self.shown: set[str] = set()

    def is_open(self, column: str) -> bool:
        """Whether the values of a column may be seen."""
        if self.blind:
            return False
        fields = self._fields(column)
        if not fields:
            mapping = self._mapping
            says_when = column in (mapping["occurred_at"], mapping["updated_at"])
            return says_when or self._policy.classes.get("C3") == "show"
        return all(self._shows(field) for field in fields)

    def values(self, column: str, values: Sequence[str]) -> list[str]:
        """The values of a column, or how they are written."""
        if not values or not self.is_open(column):
            return [mask_shape(value) for value in values]
        self.shown |= self._fields(column) or {"time"}
        return list(values)

    def sentence(self, text: str) -> str:
        """A sentence about a row; a value of a closed column stands in it by its shape."""
        place, problem = self._split(text)
        if place is None and not self.blind:
            return text
        if place is not None and self.is_open(place):
            self.shown |= self._fields(place) or {"time"}
            return text
        quoted = re.findall("“(.*?)”", problem)
        if set(quoted) <= self._columns:
            return text
        return text[: len(text) - len(problem)] + _QUOTED.sub(_shape_quoted, problem)

    def content(self, raw: str) -> str | None:
        """The content of a row: closed cells by their shape, a line that cannot be taken apart as well."""
        if self.blind:
            return None
        try:
            cells = msgspec.json.decode(raw, type=dict[str, Any])
        except (msgspec.DecodeError, RecursionError):
            return raw if all(map(self.is_open, self._columns)) else mask_shape(raw)
        shown = {column: self._cell(column, cell) for column, cell in cells.items()}
        return msgspec.json.encode(shown).decode()

    def summary(self) -> str:
        """The names of the fields that left in clear, for the audit."""
        return f"show={','.join(sorted(self.shown))}"

    def _cell(self, column: str, cell: object) -> str | list[str]:
        if isinstance(cell, list) and all(isinstance(part, str) for part in cell):
            return self.values(column, cell)
        if isinstance(cell, str):
            return self.values(column, [cell])[0]
        return mask_shape(msgspec.json.encode(cell).decode())

    def _split(self, text: str) -> tuple[str | None, str]:
        """The column that a sentence is about, and what it says of it."""
        _, found, rest = text.partition(", column “")
        column, closed, problem = rest.partition("”: ")
        return (column, problem) if found and closed else (None, text)

    def _fields(self, column: str) -> set[str]:
        mapping, fields = self._mapping, set()
        field = mapping["columns"].get(column)
        if field is not None and field != _SKIP:
            fields.add(_PARTS.get(field, field.removeprefix("contact.")))
        if column in mapping["id"]:
            fields.add("external_id" if mapping["target"] in _PARTIES else "number")
        if mapping["party"] and column == mapping["party"]["column"]:
            fields.add("external_id")
        return fields

    def _shows(self, field: str) -> bool:
        target = self._mapping["target"]
        if target in _PARTIES or field == "external_id":
            return self._policy.shows(field)
        return self._policy.shows_entry(target, field)


def compose_import(lens: FileLens, described: Json) -> Json:
    """An import with the samples, examples and the error as the role may see them."""
    columns = [
        {
            **column,
            "samples": lens.values(column["name"], column["samples"]),
            "masked": bool(column["samples"]) and not lens.is_open(column["name"]),
        }
        for column in described["columns"]
    ]
    account, error = described["account"], described["error"]
    if account:
        account = {**account, "reasons": [_reason(lens, reason) for reason in account["reasons"]]}
    error = lens.sentence(error) if error else error
    return {**described, "columns": columns, "account": account, "error": error}


def compose_import_row(lens: FileLens, row: RawRow) -> Json:
    """A row that was not taken, as the role may see it."""
    detail = lens.sentence(row.sentence)
    return {
        "row": row.row, "column": row.column, "code": row.code, "detail": detail,
        "outcome": "quarantined", "content": lens.content(row.content), "masked": detail != row.sentence,
    }  # fmt: skip


def list_import(described: Json) -> Json:
    """An import as lists show it: nothing of what stands in the file, whoever asks."""
    account = described["account"]
    if account:
        account = {**account, "reasons": [{**reason, "example": ""} for reason in account["reasons"]]}
    columns = [{**column, "samples": []} for column in described["columns"]]
    failed = described["status"] == "failed" and described["error"]
    error = "It failed; open it to see why." if failed else described["error"]
    return {**described, "columns": columns, "account": account, "error": error}


def _reason(lens: FileLens, reason: Json) -> Json:
    example = lens.sentence(reason["example"])
    return {**reason, "example": example, "masked": example != reason["example"]}


def _shape_quoted(found: re.Match[str]) -> str:
    return f"“{mask_shape(found[1])}”"
