"""Splits an address that stands in one cell into the fields of its parts, as far as that is sure."""

from __future__ import annotations

import re
from functools import lru_cache

from regard.identity.normalise_addresses import country_code

_BRITISH = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_CANADIAN = r"[A-Z]\d[A-Z] ?\d[A-Z]\d"
_DUTCH = r"\d{4} ?[A-Z]{2}(?= )"
_DIGITS = r"(?:[A-Z]{1,2}-)?(?:\d{5}(?:-\d{3,4})?|\d{2}-\d{3}|\d{4}|\d{3} \d{2}|\d{6})"
_CODE = rf"(?:{_BRITISH}|{_CANADIAN}|{_DUTCH}|{_DIGITS})"
# `10115 Berlin`, and `Berlin 10115`, `Springfield, IL 62704`, `London SW1A 1AA`.
_CODE_FIRST = re.compile(rf"(?P<code>{_CODE}) +(?P<city>\D+)", re.IGNORECASE)
_CODE_LAST = re.compile(rf"(?:(?P<city>\D*?\D) +)?(?P<code>{_CODE})", re.IGNORECASE)
_LINE_CODE_FIRST = re.compile(rf"(?P<street>.*\d[a-z]?) +(?P<code>{_CODE}) +(?P<city>\D+)", re.IGNORECASE)
_LINE_CODE_LAST = re.compile(
    rf"(?P<street>.*\S) +(?P<code>{_BRITISH}|{_CANADIAN}|\d{{5}}(?:-\d{{4}})?)", re.IGNORECASE
)
_STATE = re.compile(r"(?:(?P<city>.*?\S) +)?(?P<state>[A-Z]{2,3})")
_UNIT = re.compile(r"(?:apt|apartment|unit|flat|suite|ste|floor|whg|#)(?:\.|\b) ?#?\w+", re.IGNORECASE)
_HOUSE_NUMBER = re.compile(r"\d{1,5} ?[a-z]?(?:[-/]\d{1,5}[a-z]?)?", re.IGNORECASE)


@lru_cache(maxsize=65_536)
def split_address(text: str) -> tuple[tuple[str, str], ...]:
    """(field, value) pairs of `Hauptstraße 3, 10115 Berlin`; the whole text as the street when in doubt."""
    parts = [" ".join(part.split()) for part in re.split(r"[,;\n\r]+", text)]
    parts = [part for part in parts if part]
    found: dict[str, str] = {}
    if len(parts) > 1 and len(parts[-1]) > 1 and (code := country_code(parts[-1])) and not _is_state(parts):
        found["country"] = code
        parts.pop()
    if len(parts) == 1:
        found |= _split_line(parts[0])
    elif parts:
        rest = _take_place(parts, found)
        _take_street(rest, found)
    return tuple(found.items())


def _is_state(parts: list[str]) -> bool:
    """Two capitals at the end without a postcode before them are rather a state: `Austin, TX`."""
    return len(parts[-1]) == 2 and not any(_CODE_FIRST.fullmatch(p) or _CODE_LAST.fullmatch(p) for p in parts)


def _split_line(line: str) -> dict[str, str]:
    if match := _LINE_CODE_FIRST.fullmatch(line):
        return {"street": match["street"], "postcode": match["code"], "city": match["city"]}
    if match := _LINE_CODE_LAST.fullmatch(line):
        return {"street": match["street"], "postcode": match["code"]}
    return {"street": line}


def _take_place(parts: list[str], found: dict[str, str]) -> list[str]:
    """Postcode, city and state out of the parts after the first; the parts that are left."""
    for at in range(len(parts) - 1, 0, -1):
        match = _CODE_FIRST.fullmatch(parts[at]) or _CODE_LAST.fullmatch(parts[at])
        if match is None:
            continue
        found["postcode"] = match["code"]
        city, rest = match["city"] or "", parts[:at] + parts[at + 1 :]
        state = _STATE.fullmatch(city)
        if state is not None:
            found["state"], city = state["state"], state["city"] or ""
        if not city and len(rest) > 1 and not _UNIT.fullmatch(rest[-1]):
            city = rest.pop()
        if city:
            found["city"] = city
        return rest
    if len(parts[-1]) == 2 and parts[-1].isupper() and len(parts) > 2:
        found["state"] = parts.pop()
    found["city"] = parts.pop()
    return parts


def _take_street(parts: list[str], found: dict[str, str]) -> None:
    street: list[str] = []
    for part in parts:
        if "unit" not in found and _UNIT.fullmatch(part):
            found["unit"] = part
        else:
            street.append(part)
    if len(street) > 1 and any(_HOUSE_NUMBER.fullmatch(part) for part in street[:2]):
        street[:2] = [" ".join(street[:2])]
    if street:
        # The line with a number in it is the street; a house's or a firm's name may stand before it.
        found["street"] = next((part for part in street if any(c.isdigit() for c in part)), street[0])
