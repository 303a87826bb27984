"""Postal addresses as one composite value: street, number, place; short forms written out the same way."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from regard.identity.fold_text import fold, name_token, says_nothing, words
from regard.identity.read_field_values import first_text
from regard.identity.read_place_words import country_code, place_words

__all__ = ["Address", "country_code", "postal_address"]

_GERMAN = re.compile(r"(?<=[a-z]{3})(?:strasse|str)$")
_DUTCH = re.compile(r"(?<=[a-z]{3})straat$")
_MARKS: dict[str, str | None] = {"'": None, "#": " unit "}
_SIGNS = str.maketrans(dict.fromkeys('.,;:()"°_', " ") | _MARKS)
_NUMBER = re.compile(r"(\d+)([a-z]?)(?:(-)(\d+)[a-z]?|/([0-9]+[a-z]?|[a-z])(?:/\w+)?)?")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|eme|er|o)")
_LETTERS = frozenset("abc")
_NUMBER_SIGNS = frozenset({"n", "nr", "no", "num"})
_SHORT_LINE, _LONGEST_FLAT = 3, 8
_CARE_OF = re.compile(r"(?:^|[\s,])(?:c/o|c\. ?o\.|z\. ?h(?:d|\.)\.?|attn:?|att:)\s")
_ZIP = re.compile(r"(\d{5})-?\d{4}")
_POSTCODE_COUNTRY = re.compile(r"^[a-z]{1,2}[- ](?=\d{3,})")
_NOT_WORD = re.compile(r"[^\w /-]+|_")
_SUFFIXES = frozenset({"bis", "ter", "quater"})
_CITY_ASIDE = re.compile(r"\s*\([^)]*\)")
_WIDEST_RANGE = 20
_SHORTEST_WHOLE, _LONGEST_WHOLE = 5, 9
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


_NO_LINE = ("", "", "")


def postal_address(fields: Mapping[str, object], country: str = "") -> Address | None:
    """The composite of the canonical address fields, raw; None when nothing places the party.

    Street: words as compared ('Hauptstraße' -> 'haupt st'), the number apart: first of a range, letter kept,
    '12/3' being house 12 flat 3 (in Australia flat 12 of house 3). A post box is street 'pobox'. ``country``
    (ISO) decides where a number stands that could be either end, and how a postcode is written.
    """
    get = fields.get
    street, number, unit = _street_line(first_text(raw), country) if (raw := get("street")) else _NO_LINE
    if raw := get("house_number"):
        number, inner = _house_number(first_text(raw), country)
        unit = unit or inner
    if raw := get("unit"):
        unit = _unit(first_text(raw))
    city = _city(first_text(raw)) if (raw := get("city")) else ""
    postcode = _postcode(first_text(raw), country) if (raw := get("postcode")) else ""
    if not (street or city or postcode):
        return None
    state = _state(first_text(raw), country) if (raw := get("state")) else ""
    said = country_code(first_text(raw)) if (raw := get("country")) else ""
    return Address(street, number, city, postcode, state, unit, said)


def _street_line(text: str, country: str) -> tuple[str, str, str]:
    """(street, house number, flat) of the line a street stands in."""
    folded = fold(text) if "," not in text and "/" not in text and "\n" not in text else _main_part(text)
    tokens = folded.translate(_SIGNS).split()
    if not folded.replace(" ", "").isalnum():
        tokens = [word for token in tokens if (word := _NOT_WORD.sub("", token).strip("-/"))]
    if not tokens or (len(tokens) <= _SHORT_LINE and says_nothing(folded)):
        return _NO_LINE
    known = place_words()
    if tokens[0] in known.box_starts and (box := _post_box(tokens)):
        return box
    unit = ""
    if not known.units.isdisjoint(tokens):
        tokens, unit = _take_unit(tokens)
    number, tokens = _take_number(tokens, country)
    inner = ""
    if number:
        number, inner = _house_number(number, country)
    street = " ".join([word for word in map(_street_word, tokens) if word])
    return street, number, unit or inner


def _main_part(text: str) -> str:
    """Of several lines or parts the one that names the street, folded; a flat in another part stays behind
    it."""
    parts = [part for part in (fold(line) for line in text.replace("\n", ",").split(",")) if part]
    parts = [part for part in parts if not _CARE_OF.search(f" {part} ")] or parts
    if (
        len(parts) > 1
        and parts[0][0].isdigit()
        and all(len(word) <= _SHORT_LINE for word in parts[0].split())
    ):
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


def _post_box(tokens: list[str]) -> tuple[str, str, str] | None:
    boxes = place_words().boxes
    for length in (1, 2, 3):
        if len(tokens) > length and "".join(tokens[:length]) in boxes and tokens[length][:1].isdigit():
            return "pobox", tokens[length], ""
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
    if len(tokens) <= 1:
        return "", tokens
    end = len(tokens) - 1
    if (len(tokens[end]) == 1 and tokens[end].isalpha()) or tokens[end] in _SUFFIXES:
        end -= 1
    last = end > 0 and _is_number(tokens[end])
    if _is_number(tokens[0]) and not (last and country in place_words().numbers_last):
        lettered = tokens[1] in _SUFFIXES or (len(tokens) > 2 and tokens[1] in _LETTERS)
        after = 2 if lettered else 1
        return "".join(tokens[:after]), tokens[after:]
    if not last:
        return "", tokens
    before = tokens[:end]
    return "".join(tokens[end:]), before[:-1] if before[-1] in _NUMBER_SIGNS and len(before) > 1 else before


def _is_number(token: str) -> bool:
    return token.isdigit() or (token[0].isdigit() and not _ORDINAL.fullmatch(token))


@lru_cache(maxsize=16_384)
def _house_number(text: str, country: str) -> tuple[str, str]:
    """('12a', '3') of '12a/3'; the first of a range of neighbours."""
    if text.isdigit() and text.isascii():
        return text.lstrip("0"), ""
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
        city = " ".join(known.city_words.get(token, token) for token in tokens)
    return city


def _postcode(text: str, country: str) -> str:
    if len(text) >= _SHORTEST_WHOLE and text.isdigit() and text.isascii() and len(text) < _LONGEST_WHOLE:
        return text
    return _odd_postcode(text, country)


@lru_cache(maxsize=65_536)
def _odd_postcode(text: str, country: str) -> str:
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
