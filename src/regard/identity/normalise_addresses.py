"""Postal addresses as one composite value: street, number, place; short forms written out the same way."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from regard.identity.fold_text import fold, name_token, words

_STREET_WORDS = {
    "street": "st", "str": "st", "strasse": "st", "avenue": "ave", "av": "ave", "road": "rd", "drive": "dr",
    "lane": "ln",
    "boulevard": "blvd", "place": "pl", "court": "ct", "crescent": "cres", "cr": "cres", "circuit": "cct",
    "close": "cl",
    "terrace": "tce", "parade": "pde", "highway": "hwy", "square": "sq", "north": "n", "south": "s",
    "east": "e", "west": "w",
    "ulica": "", "ul": "", "aleja": "al", "platz": "pl", "rua": "r", "rue": "r",
}  # fmt: skip
_GERMAN = re.compile(r"(?<=[a-z]{3})(?:strasse|str)$")
_NUMBER_LAST = re.compile(r"^(.*\D)\s+(\d+\s?[a-z]?(?:[-/]\d+[a-z]?)?)$")
_NUMBER_FIRST = re.compile(r"^(\d+[a-z]?(?:[-/]\d+[a-z]?)?),?\s+(\D.*)$")
_UNIT = re.compile(r"(?:^|[ ,])(?:apt|apartment|unit|flat|suite|ste|whg|m|lok|#)\.? ?#?(\w+)$")
_COUNTRIES = {
    "germany": "DE", "deutschland": "DE", "poland": "PL", "polska": "PL", "united kingdom": "GB",
    "uk": "GB", "great britain": "GB",
    "england": "GB", "scotland": "GB", "united states": "US", "united states of america": "US", "usa": "US",
    "austria": "AT",
    "osterreich": "AT", "switzerland": "CH", "schweiz": "CH", "france": "FR", "spain": "ES", "espana": "ES",
    "italy": "IT",
    "italia": "IT", "netherlands": "NL", "nederland": "NL", "belgium": "BE", "brazil": "BR", "brasil": "BR",
    "canada": "CA",
    "australia": "AU", "russia": "RU", "rossiia": "RU", "ukraine": "UA", "ireland": "IE", "eire": "IE",
    "portugal": "PT",
    "sweden": "SE", "norway": "NO", "denmark": "DK", "finland": "FI", "mexico": "MX", "argentina": "AR",
    "japan": "JP",
    "china": "CN", "india": "IN", "venezuela": "VE", "czech republic": "CZ", "hungary": "HU", "chile": "CL",
    "deu": "DE", "pol": "PL", "gbr": "GB", "fra": "FR", "esp": "ES", "ita": "IT", "nld": "NL", "bra": "BR",
    "aus": "AU",
}  # fmt: skip


class Address(NamedTuple):
    """One postal address as compared; '' = not known."""

    street: str = ""
    number: str = ""
    city: str = ""
    postcode: str = ""
    state: str = ""


@lru_cache(maxsize=4_096)
def country_code(text: str) -> str:
    """ISO 3166 two letters from a code or a common name; '' when not known."""
    folded = words(text)
    if len(folded) == 2 and folded.upper() in phonenumbers.SUPPORTED_REGIONS:
        return folded.upper()
    return _COUNTRIES.get(folded, "")


def postal_address(parts: Mapping[str, str]) -> Address | None:
    """The composite of the canonical address fields; None when nothing places the party."""
    address = _address(
        parts.get("street", ""),
        parts.get("house_number", ""),
        parts.get("city", ""),
        parts.get("postcode", ""),
        parts.get("state", ""),
    )
    return address if address.street or address.city or address.postcode else None


@lru_cache(maxsize=65_536)
def _address(street: str, house_number: str, city: str, postcode: str, state: str) -> Address:
    line = fold(street.split("\n", maxsplit=1)[0]).strip(" ,")
    line = _UNIT.sub("", line).strip(" ,") if not line.startswith(("apt", "unit", "flat", "suite")) else line
    number = words(house_number).replace(" ", "")
    if not number:
        if found := _NUMBER_FIRST.match(line):
            number, line = found[1], found[2]
        elif found := _NUMBER_LAST.match(line):
            line, number = found[1], found[2].replace(" ", "")
    tokens = [_GERMAN.sub(" st", token) for token in words(line).split()]
    short = (_STREET_WORDS.get(token, token) for token in " ".join(tokens).split())
    return Address(
        street=" ".join(name_token(token) for token in short if token),
        number=number,
        city=" ".join(name_token(token) for token in words(city).split()),
        postcode=words(postcode).replace(" ", ""),
        state=words(state),
    )
