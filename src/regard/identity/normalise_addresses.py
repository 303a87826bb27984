"""Postal addresses as one composite value: street, number, place; short forms written out the same way."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from regard.identity.fold_text import fold, name_token, says_nothing, words
from regard.identity.read_place_words import country_code, place_words

__all__ = ["Address", "country_code", "postal_address"]

_GERMAN = re.compile(r"(?<=[a-z]{3})(?:strasse|str)$")
_DUTCH = re.compile(r"(?<=[a-z]{3})straat$")
_MARKS: dict[str, str | None] = {"'": None, "#": " unit "}
_SIGNS = str.maketrans(dict.fromkeys('.,;:()"°_', " ") | _MARKS)
_NUMBER = re.compile(r"(\d+)([a-z]?)(?:(-)(\d+)[a-z]?|/([0-9]+[a-z]?|[a-z])(?:/\w+)?)?")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|eme|er|o)")
_NUMBER_SIGNS = frozenset({"n", "nr", "no", "num"})
_SHORT_LINE, _LONGEST_FLAT = 3, 8
_CARE_OF = re.compile(r"(?:^|[\s,])(?:c/o|c\. ?o\.|z\. ?h(?:d|\.)\.?|attn:?|att:)\s")
_ZIP = re.compile(r"(\d{5})-?\d{4}")
_POSTCODE_COUNTRY = re.compile(r"^[a-z]{1,2}[- ](?=\d{3,})")
_NOT_WORD = re.compile(r"[^\w /-]+|_")
_SUFFIXES = frozenset({"bis", "ter", "quater"})
_CITY_ASIDE = re.compile(r"\s*\([^)]*\)")
_WIDEST_RANGE = 20
_FIVE = {"DE", "US", "FR", "IT", "ES", "MX", "FI"}


class Address(NamedTuple):
    """One postal address as compared; '' = not known. ``country``: ISO 3166, only where the record says
    it."""

    street: str = ""
    number: str = ""
    city: str = ""
    postcode: str = ""
    state: str = ""
    unit: str = ""
    country: str = ""


class _Line(NamedTuple):
    street: str = ""
    number: str = ""
    unit: str = ""


_NO_LINE = _Line()


def postal_address(parts: Mapping[str, str], country: str = "") -> Address | None:
    """The composite of the canonical address fields, raw; None when nothing places the party.

    Street: words as compared ('Hauptstraße' -> 'haupt st'), the number apart: first of a range, letter kept,
    '12/3' being house 12 flat 3 (in Australia flat 12 of house 3). A post box is street 'pobox'. ``country``
    (ISO) decides where a number stands that could be either end, and how a postcode is written.
    """
    street, city = parts.get("street", ""), parts.get("city", "")
    postcode, state = parts.get("postcode", ""), parts.get("state", "")
    line = _street_line(street, country) if street else _NO_LINE
    number, unit = line.number, line.unit
    if house := parts.get("house_number", ""):
        number, inner = _house_number(house, country)
        unit = unit or inner
    if flat := parts.get("unit", ""):
        unit = _unit(flat)
    address = Address(
        line.street,
        number,
        _city(city) if city else "",
        _postcode(postcode, country) if postcode else "",
        _state(state, country) if state else "",
        unit,
        country_code(said) if (said := parts.get("country", "")) else "",
    )
    return address if address.street or address.city or address.postcode else None


def _street_line(text: str, country: str) -> _Line:
    folded = fold(text) if "," not in text and "/" not in text and "\n" not in text else _main_part(text)
    tokens = folded.translate(_SIGNS).split()
    if not folded.replace(" ", "").isalnum():
        tokens = [word for token in tokens if (word := _NOT_WORD.sub("", token).strip("-/"))]
    if not tokens or (len(tokens) <= _SHORT_LINE and says_nothing(folded)):
        return _NO_LINE
    if box := _post_box(tokens):
        return box
    unit = ""
    if not place_words().units.isdisjoint(tokens):
        tokens, unit = _take_unit(tokens)
    number, tokens = _take_number(tokens, country)
    inner = ""
    if number:
        number, inner = _house_number(number, country)
    street = " ".join([word for word in map(_street_word, tokens) if word])
    return _Line(street, number, unit or inner)


def _main_part(text: str) -> str:
    """Of several lines or parts the one that names the street, folded; a flat in another part stays behind
    it."""
    parts = [part for part in (fold(line) for line in text.replace("\n", ",").split(",")) if part]
    parts = [part for part in parts if not _CARE_OF.search(f" {part} ")] or parts
    if len(parts) > 1 and parts[0].isdigit():
        parts = [f"{parts[0]} {parts[1]}", *parts[2:]]
    if len(parts) <= 1:
        return "".join(parts)
    units = place_words().units
    flats = [part for part in parts if part.split()[0].strip(".") in units or part[0] == "#"]
    streets = [part for part in parts if part not in flats and any(len(word) > 2 for word in part.split())]
    if not streets:
        return " ".join(parts)
    main = next((part for part in streets if any(c.isdigit() for c in part)), streets[0])
    if not flats:
        flats = [
            "unit " + part.replace(" ", "")
            for part in parts
            if part not in streets and len(part) <= _LONGEST_FLAT
        ]
    return " ".join([main, *flats[:1]])


def _post_box(tokens: list[str]) -> _Line | None:
    boxes = place_words().boxes
    for length in (1, 2, 3):
        if len(tokens) > length and "".join(tokens[:length]) in boxes and tokens[length][:1].isdigit():
            return _Line("pobox", tokens[length])
    return None


def _take_unit(tokens: list[str]) -> tuple[list[str], str]:
    """(the other words, the flat) of words with 'flat 3' among them; of several the last, floors being
    dropped."""
    known = place_words()
    kept: list[str] = []
    unit, sure, place = "", False, 0
    while place < len(tokens):
        token = tokens[place]
        rest = tokens[place + 1 : place + 2]
        if (
            token in known.units
            and rest
            and _is_unit_number(rest[0])
            and (kept or len(tokens) - place > _SHORT_LINE)
        ):
            unit, sure = rest[0], sure or token in known.sure_units
            place += 2
        else:
            kept.append(token)
            place += 1
    if unit and not sure and not any(token[0].isdigit() for token in kept):
        return tokens, ""  # 'Via Villa 5': the only number is the house's
    return kept, unit


def _is_unit_number(token: str) -> bool:
    return token[0].isdigit() or len(token) == 1 or (len(token) <= 4 and token[-1].isdigit())


def _take_number(tokens: list[str], country: str) -> tuple[str, list[str]]:
    """(house number as written, the other words)."""
    if len(tokens) < 2:
        return "", tokens
    first = tokens[0][0].isdigit() and not _ORDINAL.fullmatch(tokens[0])
    end = len(tokens) - 1
    if (len(tokens[end]) == 1 and tokens[end].isalpha()) or tokens[end] in _SUFFIXES:
        end -= 1
    last = end > 0 and tokens[end][0].isdigit() and not _ORDINAL.fullmatch(tokens[end])
    if first and last and country in place_words().numbers_last:
        first = False
    if first:
        after = (
            2
            if tokens[1] in _SUFFIXES or (len(tokens) > 2 and len(tokens[1]) == 1 and tokens[1] in "abc")
            else 1
        )
        return "".join(tokens[:after]), tokens[after:]
    if not last:
        return "", tokens
    before = tokens[:end]
    return "".join(tokens[end:]), before[:-1] if before[-1] in _NUMBER_SIGNS and len(before) > 1 else before


@lru_cache(maxsize=16_384)
def _house_number(text: str, country: str) -> tuple[str, str]:
    """('12a', '3') of '12a/3'; the first of a range of neighbours."""
    folded = fold(text)
    compact = folded.replace(" ", "").replace(".0", "") if folded[:1].isdigit() else ""
    found = _NUMBER.fullmatch(compact)
    if not found:
        return words(folded).replace(" ", ""), ""
    number, inner = found[1].lstrip("0") + found[2], found[5] or ""
    if found[3] and not 0 < int(found[4]) - int(found[1]) <= _WIDEST_RANGE:
        number = f"{number}-{found[4]}"
    if inner and country in place_words().unit_first:
        number, inner = inner, number
    return (number, inner) if not inner.isalpha() else (number + inner, "")


@lru_cache(maxsize=65_536)
def _street_word(token: str) -> str:
    known = place_words().street
    spelt = _DUTCH.sub(" st", _GERMAN.sub(" st", token))
    return " ".join(
        name_token(known.get(word, word)) for word in spelt.replace("-", " ").replace("/", " ").split()
    ).strip()


@lru_cache(maxsize=32_768)
def _city(text: str) -> str:
    if says_nothing(text):
        return ""
    known = place_words()
    tokens = [name_token(token) for token in words(_CITY_ASIDE.sub("", text) or text).split()]
    city = known.cities.get(" ".join(tokens))
    if city is None:
        city = " ".join(known.street.get(token, token) or token for token in tokens)
    return city


@lru_cache(maxsize=65_536)
def _postcode(text: str, country: str) -> str:
    if says_nothing(text):
        return ""
    folded = _POSTCODE_COUNTRY.sub("", fold(text)).removesuffix(".0")
    if (found := _ZIP.fullmatch(folded)) and ("-" in folded or country == "US"):
        return found[1]
    code = words(folded).replace(" ", "")
    return code.zfill(5) if country in _FIVE and len(code) == 4 and code.isdigit() else code


@lru_cache(maxsize=4_096)
def _state(text: str, country: str) -> str:
    if says_nothing(text):
        return ""
    state = words(text)
    states = place_words().states
    for code in (country,) if country in states else ("US", "AU", "CA"):
        if state in states[code]:
            return states[code][state]
    return state


@lru_cache(maxsize=16_384)
def _unit(text: str) -> str:
    if says_nothing(text):
        return ""
    tokens = words(text).split()
    kept = [token for token in tokens if token not in place_words().units]
    return "".join(kept or tokens)
