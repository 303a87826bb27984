"""Turns the cells of a row into the canonical fields that identity reads, as the map says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from regard.connectors.files.convert_values import split_values, tidy_id
from regard.connectors.files.load_fields import FieldKind
from regard.identity.identity_record import Kind
from regard.processes.resolve.read_field_map import FieldMap, MappedColumn
from regard.processes.resolve.split_address import split_address

Value = str | list[str] | list[dict[str, str]]
Fields = dict[str, Value]

NOTHING = frozenset(
    {"", "NULL", "null", "\\N", "N/A", "n/a", "#N/A", "NaN", "nan", "NaT", "<NA>", "None", "-", "--", "—"}
)
"""Texts that programs write where there is no value; people are called Null, not NULL."""
_LISTS = frozenset({"email", "phone", "government_id", "account_id", "device_id", "handle", "domain"})
_SEVERAL_IN_A_CELL: dict[str, FieldKind] = {"email": "email", "phone": "phone"}
_JOINED = {"given_name": " ", "middle_name": " ", "family_name": " ", "full_name": " ", "house_number": "",
           "street": "\n", "unit": " "}  # fmt: skip
_NAMES = ("given_name", "family_name", "full_name", "middle_name", "birth_date", "sex", "generation")
_FIRMS = ("organisation", "domain")
_PART_OF_A_DATE = 4


class RecordShaper:
    """The map made ready for the columns of one file."""

    def __init__(self, field_map: FieldMap, columns: Sequence[str]) -> None:
        at = {name: position for position, name in enumerate(columns)}
        here = [(at[column.name], column) for column in field_map.columns if column.name in at]
        self.used = [position for position, _ in here]
        """Where the columns of the map are."""
        by_type: dict[str, list[tuple[int, MappedColumn]]] = {}
        for position, column in sorted(here, key=lambda one: one[0]):
            by_type.setdefault(column.type, []).append((position, column))
        self._kind = field_map.kind
        self._country = field_map.country
        self._plain: list[tuple[int, str]] = []
        self._special: list[Callable[[Sequence[str], Fields], None]] = []
        for type_, group in by_type.items():
            self._prepare(type_, group)

    def shape(self, cells: Sequence[str]) -> Fields:
        """The canonical fields of a row; empty when it says nothing at all."""
        fields: Fields = {}
        for at, name in self._plain:
            if (text := cells[at]) and (text := text.strip()) not in NOTHING:
                # `.0` is what tools make of whole numbers in a column with gaps.
                fields[name] = tidy_id(text) if text[-2:] == ".0" else text
        for take in self._special:
            take(cells, fields)
        return fields

    def complete(self, fields: Fields) -> Kind:
        """Person or organisation; adds what follows from that, and the country that the map says."""
        kind = self._kind or _infer_kind(fields)
        if kind == "organisation" and "government_id" in fields:
            fields["tax_id"] = fields.pop("government_id")
        if self._country and "country" not in fields:
            fields["country"] = self._country
        return kind

    def _prepare(self, type_: str, group: list[tuple[int, MappedColumn]]) -> None:
        places = [position for position, _ in group]
        if type_ in ("text", "category"):
            self._plain += [(position, f"{type_}:{column.name}") for position, column in group]
        elif type_ in _LISTS:
            self._special.append(_take_list(type_, [(position, column.issuer) for position, column in group]))
        elif type_ == "address":
            self._special.append(_take_address(places))
        elif len(places) == 1:
            self._plain.append((places[0], type_))
        else:
            self._special.append(_take_joined(type_, places))


def _take_list(type_: str, places: list[tuple[int, str]]) -> Callable[[Sequence[str], Fields], None]:
    """One or several columns whose values all count."""
    kind = _SEVERAL_IN_A_CELL.get(type_)

    def take(cells: Sequence[str], fields: Fields) -> None:
        texts: list[str] = []
        issued: list[dict[str, str]] = []
        for at, issuer in places:
            text = cells[at]
            if not text or (bare := text.strip()) in NOTHING:
                continue
            if bare[-2:] == ".0":
                text = tidy_id(bare)
            if issuer:
                issued.append({"issuer": issuer, "value": text})
            elif kind is not None and (";" in text or "," in text):
                texts += split_values(text, type_, kind)
            else:
                texts.append(text)
        if issued:
            fields[type_] = issued + [{"issuer": "", "value": text} for text in texts]
        elif texts:
            fields[type_] = texts[0] if len(texts) == 1 else texts

    return take


def _take_joined(type_: str, places: list[int]) -> Callable[[Sequence[str], Fields], None]:
    """Several columns for one value: joined where that gives a whole, else the first that is filled."""

    def take(cells: Sequence[str], fields: Fields) -> None:
        texts = [text for at in places if (text := cells[at].strip()) not in NOTHING]
        if not texts:
            return
        if type_ in _JOINED:
            fields[type_] = _JOINED[type_].join(texts)
        elif type_ == "birth_date" and len(texts) > 1 and max(map(len, texts)) <= _PART_OF_A_DATE:
            fields[type_] = "-".join(texts)
        else:
            fields[type_] = texts[0]

    return take


def _take_address(places: list[int]) -> Callable[[Sequence[str], Fields], None]:
    """Whole addresses in a cell; parts with columns of their own win."""

    def take(cells: Sequence[str], fields: Fields) -> None:
        texts = [text for at in places if (text := cells[at].strip()) not in NOTHING]
        if texts:
            for name, value in split_address(", ".join(texts)):
                fields.setdefault(name, value)

    return take


def _infer_kind(fields: Fields) -> Kind:
    if any(name in fields for name in _NAMES):
        return "person"
    return "organisation" if any(name in fields for name in _FIRMS) else "person"
