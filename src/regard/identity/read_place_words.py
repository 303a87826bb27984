"""The words of postal addresses this room ships, and countries by name or code."""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import phonenumbers

from regard.identity.fold_text import name_token, words


class PlaceWords(NamedTuple):
    """See the file: what each list is for stands at its top. ``cities`` and ``states`` as compared."""

    street: Mapping[str, str]
    units: frozenset[str]
    sure_units: frozenset[str]
    boxes: frozenset[str]
    box_starts: frozenset[str]
    numbers_last: frozenset[str]
    unit_first: frozenset[str]
    city_words: Mapping[str, str]
    cities: Mapping[str, str]
    states: Mapping[str, Mapping[str, str]]
    countries: Mapping[str, str]


@cache
def place_words() -> PlaceWords:
    """The file, read once."""
    raw: dict[str, Any] = tomllib.loads(
        resources.files("regard.identity").joinpath("place_words.toml").read_text(encoding="utf-8")
    )
    street = {**raw["street"], **dict.fromkeys(raw["dropped"], "")}
    countries = {word: code for code, names in raw["countries"].items() for word in names.split()}
    return PlaceWords(
        street,
        frozenset(raw["units"]),
        frozenset(raw["sure_units"]),
        frozenset(raw["boxes"]),
        frozenset(raw["box_starts"]),
        frozenset(raw["numbers_last"]),
        frozenset(raw["unit_first"]),
        raw["city_words"],
        {" ".join(map(name_token, name.split())): city for name, city in raw["cities"].items()},
        raw["states"],
        countries | raw["country_phrases"],
    )


@lru_cache(maxsize=4_096)
def country_code(text: str) -> str:
    """ISO 3166 two letters from a code or a common name; '' when not known."""
    folded = words(text)
    if folded in {"uk", "el"}:
        return "GB" if folded == "uk" else "GR"
    if len(folded) == 2 and folded.upper() in phonenumbers.SUPPORTED_REGIONS:
        return folded.upper()
    return place_words().countries.get(folded, "")
