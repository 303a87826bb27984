"""The shape of a locale pool, and how it is read from its JSON file."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class City:
    """A place. `postcode` is a pattern (`#` a digit, `?` a letter); `area` the area code without zero."""

    name: str
    state: str
    postcode: str
    area: str


@dataclass(frozen=True, slots=True)
class Locale:
    """Everything needed to invent people and firms of one country."""

    code: str
    language: str
    currency: str
    price_factor: float
    """Local price of one euro of list price."""
    price_ending: int
    """Minor units every local price ends in."""
    utc_offset: int
    """Hours; winter time, good enough for a switchboard that knows no summer."""
    dial: str
    trunk: str
    mobile: tuple[str, ...]
    """Patterns of the national number without trunk prefix: `#` any digit, `%` 2-9."""
    landline: str
    """Pattern of the subscriber part behind the area code."""
    given_male: tuple[str, ...]
    given_female: tuple[str, ...]
    families: tuple[str, ...]
    """The most frequent first (Zipf)."""
    family_heads: tuple[str, ...]
    family_tails: tuple[str, ...]
    """Heads x tails make the long tail of rare surnames."""
    streets: tuple[str, ...]
    cities: tuple[City, ...]
    mail_hosts: tuple[str, ...]
    honorific_male: str
    honorific_female: str
    legal_forms: tuple[tuple[str, ...], ...]
    """Each a group of spellings of the same legal form, the registered one first."""
    firm_words: tuple[str, ...]
    firm_trades: tuple[tuple[str, str], ...]
    """(trade as it stands in a firm's name, industry)."""
    tax_pattern: str
    number_first: bool
    """The house number stands before the street."""
    double_family: bool
    """People carry two surnames."""
    feminine: tuple[tuple[str, str], ...]
    """Surname endings (male, female)."""
    nicknames: dict[str, str]


_WORD_LISTS = (
    "given_male",
    "given_female",
    "families",
    "family_heads",
    "family_tails",
    "streets",
    "firm_words",
)


def read_words(lines: list[str]) -> tuple[str, ...]:
    """The words of the lines; a tilde stands for a space inside a word."""
    return tuple(word.replace("~", " ") for word in " ".join(lines).split())


@functools.cache
def read_locale(code: str) -> Locale:
    """The pool of a country (`GB US DE PL BR`)."""
    path = Path(__file__).with_name(f"locale_{code.lower()}.json")
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name in _WORD_LISTS:
        data[name] = read_words(data[name])
    trades = (word.partition("=") for word in read_words(data["firm_trades"]))
    data["firm_trades"] = tuple((trade, industry) for trade, _, industry in trades)
    data["cities"] = tuple(City(*line.split("|")) for line in data["cities"])
    data["legal_forms"] = tuple(tuple(group) for group in data["legal_forms"])
    data["feminine"] = tuple((male, female) for male, female in data["feminine"])
    for name in ("mobile", "mail_hosts"):
        data[name] = tuple(data[name])
    return Locale(**data)
