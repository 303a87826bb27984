"""Turns rows into the canonical fields that identity reads, as the map says: many rows, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from regard.connectors.files.convert_values import split_values, tidy_id
from regard.connectors.files.load_fields import FieldKind
from regard.identity.identity_record import Kind
from regard.processes.resolve.read_field_map import FieldMap, MappedColumn
from regard.processes.resolve.split_address import split_address

Value = str | list[str] | list[dict[str, str]]
Fields = dict[str, Value]
Columns = Sequence[Sequence[str]]
Reader = Callable[[Columns], Sequence[Value]]

NOTHING = frozenset(
    {"", "NULL", "null", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "NaT", "<NA>", "None", "-", "--", "—"}
)
"""Texts that programs write where there is no value; people are called Null, not NULL."""
_LISTS = frozenset({"email", "phone", "government_id", "account_id", "device_id", "handle", "domain"})
_NUMBERS = frozenset({"phone", "government_id", "account_id", "postcode", "house_number", "birth_date"})
_SEVERAL_IN_A_CELL: dict[str, FieldKind] = {"email": "email", "phone": "phone"}
_JOINED = {"given_name": " ", "middle_name": " ", "family_name": " ", "full_name": " ", "house_number": "",
           "street": "\n", "unit": " ", "address": ", "}  # fmt: skip
_NAMES = ("given_name", "family_name", "full_name", "middle_name", "birth_date", "sex", "generation")
_FIRMS = ("organisation", "domain")
_PART_OF_A_DATE = 4


class RecordShaper:
    """The map made ready for the columns of one file."""

    def __init__(self, field_map: FieldMap, columns: Sequence[str]) -> None:
        at = {name: position for position, name in enumerate(columns)}
        here = sorted((at[column.name], column) for column in field_map.columns if column.name in at)
        self.used = [position for position, _ in here]
        """Where the columns of the map are."""
        by_type: dict[str, list[tuple[int, MappedColumn]]] = {}
        for position, column in here:
            by_type.setdefault(_name_of(column), []).append((position, column))
        self._readers = {name: _reader_of(name, group) for name, group in by_type.items()}
        self._kind = field_map.kind
        self._country = field_map.country

    def shape(self, columns: Columns) -> list[Fields]:
        """The canonical fields of every row; empty for a row that says nothing at all."""
        names = tuple(self._readers)
        values = [read(columns) for read in self._readers.values()]
        if not values:
            return [{} for _ in columns[0]]
        rows = [
            {name: value for name, value in zip(names, row, strict=True) if value}
            for row in zip(*values, strict=True)
        ]
        if "address" in names:
            for fields in rows:
                _split(fields)
        return rows

    def complete(self, fields: Fields) -> Kind:
        """Person or organisation; adds what follows from that, and the country that the map says."""
        kind = self._kind or _infer_kind(fields)
        if kind == "organisation" and "government_id" in fields:
            fields["tax_id"] = fields.pop("government_id")
        if self._country and "country" not in fields:
            fields["country"] = self._country
        return kind


def _name_of(column: MappedColumn) -> str:
    """Columns of one name give one field; generic ones have a field of their own."""
    return f"{column.type}:{column.name}" if column.type in ("text", "category") else column.type


def _reader_of(name: str, group: Sequence[tuple[int, MappedColumn]]) -> Reader:
    places = [position for position, _ in group]
    if name in _LISTS:
        issuers = [column.issuer for _, column in group]
        if len(places) == 1 and not issuers[0]:
            return partial(_read_list, name, places[0])
        return partial(_read_lists, name, places, issuers)
    if len(places) == 1:
        return partial(_read_column, name, places[0])
    return partial(_read_joined, name, places)


def _read_column(name: str, place: int, columns: Columns) -> list[str]:
    """The texts of a column, trimmed, '' for every way of writing nothing."""
    texts = ["" if text in NOTHING else text for text in map(str.strip, columns[place])]
    if name in _NUMBERS:
        # `.0` is what tools make of whole numbers in a column with gaps.
        texts = [tidy_id(text) if text.endswith(".0") else text for text in texts]
    if name == "phone":
        # A lost '+' leaves a space, which tells that the number is international.
        pairs = zip(texts, columns[place], strict=True)
        texts = [f" {text}" if text and given[0] == " " else text for text, given in pairs]
    return texts


def _read_list(name: str, place: int, columns: Columns) -> Sequence[Value]:
    """One column of a field with several values; a cell may hold several, too."""
    texts = _read_column(name, place, columns)
    kind = _SEVERAL_IN_A_CELL.get(name)
    if kind is None:
        return texts
    return [split_values(text, name, kind) if ";" in text or "," in text else text for text in texts]


def _read_lists(name: str, places: Sequence[int], issuers: Sequence[str], columns: Columns) -> list[Value]:
    """Several columns of a field with several values, or numbers with an issuer."""
    found: list[Value] = []
    for row in zip(*(_read_list(name, place, columns) for place in places), strict=True):
        flat = [
            (issuer, text)
            for issuer, value in zip(issuers, row, strict=True)
            for text in (value if isinstance(value, list) else [value])
            if text and isinstance(text, str)
        ]
        if any(issuers):
            found.append([{"issuer": issuer, "value": text} for issuer, text in flat])
        else:
            found.append([text for _, text in flat])
    return found


def _read_joined(name: str, places: Sequence[int], columns: Columns) -> list[str]:
    """Several columns for one value: joined where that gives a whole, else the first that is filled."""
    rows = zip(*(_read_column(name, place, columns) for place in places), strict=True)
    return [_join(name, [text for text in row if text]) for row in rows]


def _join(name: str, texts: list[str]) -> str:
    if not texts:
        return ""
    if name in _JOINED:
        return _JOINED[name].join(texts)
    if name == "birth_date" and len(texts) > 1 and max(map(len, texts)) <= _PART_OF_A_DATE:
        return "-".join(texts)
    return texts[0]


def _split(fields: Fields) -> None:
    """Put the parts of a whole address in its place; parts with columns of their own win."""
    text = fields.pop("address", None)
    if isinstance(text, str):
        for name, value in split_address(text):
            fields.setdefault(name, value)


def _infer_kind(fields: Fields) -> Kind:
    for name in _NAMES:
        if name in fields:
            return "person"
    return "organisation" if any(name in fields for name in _FIRMS) else "person"
