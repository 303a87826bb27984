"""Holds the first values of columns against the map: are they what it says, do many rows share one?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from regard.identity.normalise_addresses import country_code
from regard.identity.normalise_contacts import email_addresses
from regard.identity.normalise_dates import birth_date
from regard.identity.normalise_organisations import web_domain
from regard.identity.normalise_phones import phone_numbers
from regard.identity.normalise_words import sex_of
from regard.processes.resolve.read_field_map import FieldMap, MappedColumn
from regard.processes.resolve.shape_records import NOTHING, Columns

MOST_LOOKED_AT = 1_000
_FEWEST, _SOME = 3, 200
_LEAST_READ = 0.5

_MOST_COUNTED = 20_000
_CROWD, _CROWDED_SHARE = 10, 0.02
_OF_ONE = {
    "email": "address", "phone": "number", "government_id": "number", "account_id": "number",
    "device_id": "device", "handle": "handle", "birth_date": "date",
}  # fmt: skip

Read = Callable[[str], object]
"""Something true where a text can be read."""


@dataclass(slots=True)
class ColumnRead:
    """Of the first `of` values of a column `read` are what the map says; `what` in words."""

    column: str
    what: str
    of: int = 0
    read: int = 0

    @property
    def unlike(self) -> bool:
        """Whether the map is probably wrong about the column."""
        return self.of >= _FEWEST and self.read < _LEAST_READ * self.of

    def __str__(self) -> str:
        of = f"the first {self.of:,}" if self.of >= MOST_LOOKED_AT else f"{self.of:,}"
        return f"the column “{self.column}”: {self.read:,} of {of} values can be read as {self.what}"


class TypeCheck:
    """Looks at rows as they come, until it has seen enough of every column."""

    def __init__(self, field_map: FieldMap, columns: list[str]) -> None:
        types = [column.type for column in field_map.columns]
        known = _readers(field_map.country)
        self._looked: list[tuple[int, ColumnRead, Read]] = []
        for column in field_map.columns:
            # Several columns of one date are its parts, which are no dates.
            parts = column.type == "birth_date" and types.count("birth_date") > 1
            if column.type in known and column.name in columns and not parts:
                what, read = known[column.type]
                found = ColumnRead(column.name, what)
                self._looked.append((columns.index(column.name), found, read))
        self._waiting = list(self._looked)

    def look(self, cells: Columns) -> None:
        """Take in rows, column by column."""
        if not self._waiting:
            return
        for at, found, read in self._waiting:
            some = (text.strip() for text in cells[at])
            for text in [text for text in some if text not in NOTHING][: MOST_LOOKED_AT - found.of]:
                found.of += 1
                found.read += bool(read(text))
        self._waiting = [one for one in self._waiting if one[1].of < MOST_LOOKED_AT]

    def unlike(self) -> list[ColumnRead]:
        """The columns most of whose values are not what the map says."""
        return [found for _, found, _ in self._looked if found.unlike]


@dataclass(frozen=True, slots=True)
class SharedValue:
    """Of the first `of` values of a column `same` are one and the same."""

    column: str
    what: str
    of: int
    same: int

    def __str__(self) -> str:
        of = f"the first {self.of:,}" if self.of >= _MOST_COUNTED else f"{self.of:,}"
        return f"the column “{self.column}”: {self.same:,} of {of} values are the same {self.what}"


class SharedValues:
    """Counts the first values of the columns in which people differ."""

    def __init__(self, field_map: FieldMap, columns: list[str]) -> None:
        parts = [column.name for column in field_map.columns if column.type == "birth_date"]
        self._counted = [
            _Counted(column, columns.index(column.name))
            for column in field_map.columns
            if column.type in _OF_ONE
            and column.name in columns
            and not (column.name in parts and len(parts) > 1)
        ]
        self._waiting = list(self._counted)

    def look(self, cells: Columns) -> None:
        """Take in rows, column by column."""
        for one in self._waiting:
            some = [text for text in map(str.strip, cells[one.at]) if text not in NOTHING]
            some = some[: _MOST_COUNTED - one.of]
            one.of += len(some)
            one.counts.update(some)
        if self._waiting:
            self._waiting = [one for one in self._waiting if one.of < _MOST_COUNTED]

    def found(self) -> list[SharedValue]:
        """The columns with a value that many rows have."""
        tops = [(one, one.counts.most_common(1)[0][1]) for one in self._counted if one.counts]
        return [
            SharedValue(one.column.name, _OF_ONE[one.column.type], one.of, same)
            for one, same in tops
            if same >= max(_CROWD, _CROWDED_SHARE * one.of)
        ]


@dataclass(slots=True)
class _Counted:
    column: MappedColumn
    at: int
    of: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def reads_as(type_: str, values: Sequence[str]) -> bool:
    """Whether most of the first values can be read as this type; of some types anything can."""
    known = _readers("").get(type_)
    some = values[:_SOME]
    return known is None or sum(bool(known[1](text)) for text in some) >= _LEAST_READ * len(some)


def _readers(country: str) -> dict[str, tuple[str, Read]]:
    return {
        **dict.fromkeys(("given_name", "middle_name", "family_name", "full_name"), ("a name", _is_name)),
        "birth_date": ("a birth date", partial(birth_date, country=country)),
        "sex": ("a sex", sex_of),
        "email": ("an e-mail address", email_addresses),
        "phone": ("a telephone number", partial(phone_numbers, country=country)),
        "postcode": ("a postcode", _is_postcode),
        "country": ("a country", country_code),
        "domain": ("a web address", web_domain),
    }


def _is_name(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    return "@" not in text and letters > sum(c.isdigit() for c in text)


def _is_postcode(text: str) -> bool:
    return len(text) <= 12 and any(c.isdigit() for c in text)
