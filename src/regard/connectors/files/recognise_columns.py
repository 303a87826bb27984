"""Looks at the header and the values of one column and collects what they show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from regard.connectors.files.describe_table import Cell, Cells
from regard.connectors.files.load_fields import load_fields
from regard.connectors.files.parse_amounts import currency_code, parse_amount
from regard.connectors.files.parse_dates import DateOrder, looks_like_date, parse_day

_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[a-zA-Z]{2,}")
_PHONE = re.compile(r"(?:\+|00)?[\d ()./\-–]{6,24}(?:\s?(?:x|ext\.?|dw)\s?\d{1,5})?")
_LAST_FIRST = re.compile(r"[^\W\d_][\w'’.\- ]*,\s?[^\W\d_][\w'’.\- ]*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_STROKES = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "đ": "d", "ı": "i"})
_MOST_VALUES = 1_000


def normalise_words(text: str) -> str:
    """A header as lower-case words without accents: `KundenNr.` becomes `kunden nr`."""
    plain = unicodedata.normalize("NFKD", text.translate(_STROKES))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^0-9A-Za-z]+", " ", _CAMEL.sub(" ", plain)).lower().split())


def cell_as_text(cell: Cell) -> str:
    """A cell as one text; several values joined with a comma."""
    return cell if isinstance(cell, str) else ", ".join(cell)


def is_empty(text: str) -> bool:
    """Whether a value means "nothing here"."""
    return text.strip().lower() in load_fields().empty_values


@dataclass(frozen=True)
class ColumnFacts:
    """What the sample shows of one column; `values` are the filled ones, at most a thousand of them."""

    name: str
    position: int
    total: int
    values: tuple[str, ...]

    @cached_property
    def words(self) -> str:
        """The header as normalised words."""
        return normalise_words(self.name)

    @property
    def tokens(self) -> list[str]:
        """The single words of the header."""
        return self.words.split()

    @property
    def filled(self) -> float:
        """The share of rows with a value."""
        return len(self.values) / min(self.total, _MOST_VALUES) if self.total else 0.0

    @cached_property
    def distinct(self) -> float:
        """The share of different values among the filled ones; 1 means that no value repeats."""
        return len(set(self.values)) / len(self.values) if self.values else 0.0

    @cached_property
    def emails(self) -> float:
        """The share of e-mail addresses."""
        return self._share(lambda text: _EMAIL.fullmatch(text) is not None)

    @cached_property
    def dates(self) -> float:
        """The share of values that are dates beyond doubt."""
        return self._share(looks_like_date)

    @cached_property
    def readable_dates(self) -> float:
        """The share of values that can be read as dates when the header says that they are."""
        orders: tuple[DateOrder, ...] = ("day_first", "month_first", "excel")
        return self._share(lambda text: any(parse_day(text, order) is not None for order in orders))

    @cached_property
    def numbers(self) -> float:
        """The share of numbers and amounts."""
        return self._share(
            lambda text: parse_amount(text, ".") is not None or parse_amount(text, ",") is not None
        )

    @cached_property
    def phones(self) -> float:
        """The share of telephone numbers: seven digits or more, and written as one."""
        return self._share(_is_phone)

    @cached_property
    def currencies(self) -> float:
        """The share of names of currencies."""
        return self._share(lambda text: currency_code(text) is not None)

    @cached_property
    def last_first(self) -> float:
        """The share of names written “Last, First”."""
        return self._share(lambda text: text.count(",") == 1 and _LAST_FIRST.fullmatch(text) is not None)

    @cached_property
    def given_names(self) -> float:
        """The share of values with a well-known given name in them."""
        known = load_fields().given_names
        return self._share(
            lambda text: len(text) < 60 and any(word in known for word in normalise_words(text).split())
        )

    def samples(self, most: int = 5) -> list[str]:
        """The first different values, shortened."""
        return [value[:200] for value in dict.fromkeys(self.values[:200])][:most]

    def _share(self, test: Callable[[str], bool]) -> float:
        if not self.values:
            return 0.0
        values = self.values[:200]
        return sum(1 for value in values if test(value)) / len(values)


def collect_facts(columns: Sequence[str], rows: Sequence[Cells]) -> list[ColumnFacts]:
    """The facts about every column of a sample."""
    facts = []
    for position, column in enumerate(columns):
        texts = (cell_as_text(row.get(column, "")).strip() for row in rows[:_MOST_VALUES])
        facts.append(
            ColumnFacts(column, position, len(rows), tuple(text for text in texts if not is_empty(text)))
        )
    return facts


def _is_phone(text: str) -> bool:
    digits = sum(1 for c in text if c.isdigit())
    if not 7 <= digits <= 18 or _PHONE.fullmatch(text) is None or looks_like_date(text):
        return False
    return text[0] in "+(0" or any(c in text for c in " ()/-")
