"""A set in the form a peer wants it: one CSV with cleaned columns under common names, no truth in it.

Splink leaves cleaning to its user. This is what its documentation asks for: lower case, dates as ISO, the
digits of telephone numbers, full names cut into given and family name; an empty field is null.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from benchmarks.identity.read_set import read_map, read_records

COLUMNS = (
    "unique_id", "source_dataset", "given", "middle", "initial", "surname", "suffix", "dob", "sex", "email",
    "phone", "number", "street", "unit", "city", "postcode", "state",
    "country", "gov", "account", "org", "domain", "kind",
)  # fmt: skip
NAMES = {
    "given_name": "given", "middle_name": "middle", "family_name": "surname", "generation": "suffix",
    "birth_date": "dob", "sex": "sex", "email": "email", "phone": "phone", "house_number": "number",
    "street": "street", "unit": "unit", "city": "city", "postcode": "postcode", "state": "state",
    "country": "country", "address": "street", "government_id": "gov", "account_id": "account",
    "organisation": "org", "domain": "domain", "full_name": "full",
}  # fmt: skip
DATES = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%m%d%Y", "%d/%m/%Y")
_NOT_WORDS = re.compile(r"[^\w@.+-]+")
_NOT_DIGITS = re.compile(r"\D+")
_NOT_LETTERS = re.compile(r"\W+")


def prepare(folder: Path, out: Path) -> list[str]:
    """Write the records of a set to ``out``; gives the columns. Ids are `source/record`."""
    described = read_map(folder)
    types = {
        column: field if isinstance(field, str) else field["type"]
        for column, field in described["fields"].items()
    }
    extra = [column for column, kind in types.items() if kind in ("category", "text")]
    columns = [*COLUMNS, *extra]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        for row in read_records(folder):
            values = _clean(row, types)
            values["unique_id"] = f"{row[described['source']]}/{row[described['id']]}"
            values["source_dataset"] = row[described["source"]]
            values["kind"] = (row.get("kind") or row.get("record_type") or "").lower()
            writer.writerow(values)
    return columns


def _clean(row: Mapping[str, str], types: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    kinds = Counter(types.values())
    for column, kind in types.items():
        raw = row.get(column) or ""
        if not raw or kind == "ignore":
            continue
        name = NAMES.get(kind, column)
        text = _CLEANERS.get(kind, fold)(raw)
        if kinds[kind] > 1 and kind == "government_id":
            text = f"{column}:{text}"
        if text:
            values.setdefault(name, text)
    full = values.pop("full", "")
    if full and not ("given" in values and "surname" in values):
        values |= _cut_name(full)
    values["initial"] = values.get("middle", "")[:1]
    if "org" in values and "surname" not in values and "given" not in values:
        values["surname"] = values["org"]
    return values


def _cut_name(full: str) -> dict[str, str]:
    last, comma, first = full.partition(",")
    if comma and len(last.split()) == 1:
        return {"given": first.split()[0] if first.split() else "", "surname": last.strip()}
    words = full.replace(",", " ").split()
    return {"given": words[0], "surname": words[-1]} if len(words) > 1 else {"given": full}


def fold(text: str) -> str:
    """Lower case without marks, single spaces."""
    plain = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_NOT_WORDS.sub(" ", bare).split())


def _name(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(c for c in plain if c.isalnum() or c in " ,-'").split())


def _day(text: str) -> str:
    for shape in DATES:
        try:
            return datetime.strptime(text.strip(), shape).strftime("%Y-%m-%d")  # noqa: DTZ007
        except ValueError:
            continue
    return ""


_CLEANERS: dict[str, Callable[[str], str]] = {
    "full_name": _name,
    "birth_date": _day,
    "email": lambda text: text.strip().lower(),
    "phone": lambda text: _NOT_DIGITS.sub("", text)[-9:],
    "government_id": lambda text: _NOT_LETTERS.sub("", text.lower()),
    "account_id": lambda text: _NOT_LETTERS.sub("", text.lower()),
}
