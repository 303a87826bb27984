"""Public sets that lie beside the checkout in `../shared/data`: febrl 3 and 4, fake_1000."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

from demo.roll_dice import Dice

from benchmarks.identity.write_set import Field, SetWriter

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

FEBRL: Mapping[str, Field] = {
    "given_name": "given_name",
    "surname": "family_name",
    "street_number": "house_number",
    "address_1": "street",
    "address_2": "unit",
    "suburb": "city",
    "postcode": "postcode",
    "state": "state",
    "date_of_birth": "birth_date",
    "soc_sec_id": {"type": "government_id", "issuer": "AU"},
}
FAKE: Mapping[str, Field] = {
    "first_name": "given_name",
    "surname": "family_name",
    "dob": "birth_date",
    "city": "city",
    "email": "email",
}


class SetMissingError(Exception):
    """A set cannot be made here; the message says what is missing and the remedy."""


def make_febrl3(folder: Path) -> None:
    """5,000 records of one file, up to five duplicates a person."""
    with SetWriter(folder, FEBRL) as out:
        _copy_febrl(out, "dataset3.csv.gz", "febrl3")


def make_febrl4(folder: Path) -> None:
    """Two files of 5,000 records each, one record of each person in either."""
    with SetWriter(folder, FEBRL, link_only=True) as out:
        for letter in "ab":
            _copy_febrl(out, f"dataset4{letter}.csv.gz", letter)


def make_fake_1000(folder: Path) -> None:
    """1,000 records of 251 invented persons."""
    with SetWriter(folder, FAKE) as out:
        for row in _rows(SHARED / "er_fake_1000" / "fake_1000.csv.gz"):
            out.put("fake_1000", row["unique_id"], row["cluster"], row)


def _copy_febrl(out: SetWriter, name: str, source: str) -> None:
    rows = list(_rows(SHARED / "er_febrl" / name))
    # The ids of febrl hold the truth: rec-552-dup-3 is a copy of rec-552-org.
    numbers = Dice(name).sample(range(10 * len(rows)), len(rows))
    for row, number in zip(rows, numbers, strict=True):
        out.put(source, f"{number:05}", row["rec_id"].split("-")[1], row)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        message = f"{path.parent.name}/{path.name} is not in ../shared/data."
        raise SetMissingError(f"{message} Put it there, or leave the set out.")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            yield {key.strip(): value.strip() for key, value in row.items()}
