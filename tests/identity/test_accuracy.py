"""The shipped weights, untrained, on public sets with a known truth: gates below what was reached."""

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import default_model
from tests.identity.make_records import person

FEBRL = {
    "given_name": "given_name", "family_name": "surname", "house_number": "street_number",
    "street": "address_1", "unit": "address_2", "city": "suburb", "postcode": "postcode", "state": "state",
    "birth_date": "date_of_birth", "government_id": "soc_sec_id",
}  # fmt: skip
FAKE = {
    "given_name": "first_name",
    "family_name": "surname",
    "birth_date": "dob",
    "city": "city",
    "email": "email",
}
Truth = list[tuple[IdentityRecord, str]]


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as text:
        yield from csv.DictReader(text, skipinitialspace=True)


def fields_of(row: dict[str, str], columns: dict[str, str]) -> dict[str, str]:
    return {field: row[column] for field, column in columns.items() if row[column]}


def febrl(folder: Path, *sets: str) -> Truth:
    return [
        (person(row["rec_id"], name, **fields_of(row, FEBRL)), row["rec_id"].split("-")[1])
        for name in sets
        for row in rows(folder / "er_febrl" / f"dataset{name}.csv.gz")
    ]


def fake(folder: Path) -> Truth:
    path = folder / "er_fake_1000" / "fake_1000.csv.gz"
    return [(person(row["unique_id"], "fake", **fields_of(row, FAKE)), row["cluster"]) for row in rows(path)]


def pairs(counts: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def precision_recall_f1(truth: Truth) -> tuple[float, float, float]:
    index = IdentityIndex(default_model())
    index.apply([record for record, _ in truth], (), (), ())
    found = [(index.customer_of(record.record_id), entity) for record, entity in truth]
    right = pairs(Counter(found))
    precision = right / max(1, pairs(Counter(customer for customer, _ in found)))
    recall = right / pairs(Counter(entity for _, entity in found))
    return precision, recall, 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize(
    ("name", "load", "gate"),
    [
        ("febrl3", lambda folder: febrl(folder, "3"), 0.990),
        ("febrl4", lambda folder: febrl(folder, "4a", "4b"), 0.992),
        ("fake_1000", fake, 0.880),
    ],
)
def test_records_of_one_person_are_found_and_no_strangers_join_them(shared_data, name, load, gate):
    precision, recall, f1 = precision_recall_f1(load(shared_data))
    sys.stdout.write(f"{name}: pair precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}\n")
    assert f1 >= gate
    assert precision >= 0.995
