"""Public sets with a known truth: weights learnt from the records alone, and the shipped ones; gates below
what was reached."""

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
from regard.identity.resolve_records import RecordResolver
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


def precision_recall_f1(found: list[tuple[object, str]]) -> tuple[float, float, float]:
    right = pairs(Counter(found))
    precision = right / max(1, pairs(Counter(customer for customer, _ in found)))
    recall = right / pairs(Counter(entity for _, entity in found))
    return precision, recall, 2 * precision * recall / (precision + recall)


SETS = {
    "febrl3": lambda folder: febrl(folder, "3"),
    "febrl4": lambda folder: febrl(folder, "4a", "4b"),
    "fake_1000": fake,
}


@pytest.mark.parametrize(("name", "gate"), [("febrl3", 0.999), ("febrl4", 0.999), ("fake_1000", 0.935)])
def test_weights_learnt_without_labels_find_who_is_one_person(shared_data, name, gate):
    truth = SETS[name](shared_data)
    resolver = RecordResolver("batch")
    for record, _ in truth:
        resolver.add(record)
    customers = resolver.resolve().customer
    precision, recall, f1 = precision_recall_f1(
        [(customer, entity) for customer, (_, entity) in zip(customers, truth, strict=True)]
    )
    sys.stdout.write(f"{name}: pair precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}\n")
    assert f1 >= gate
    assert precision >= 0.99


@pytest.mark.parametrize(("name", "gate"), [("febrl3", 0.96), ("febrl4", 0.97), ("fake_1000", 0.86)])
def test_the_shipped_weights_join_no_strangers_on_the_first_day(shared_data, name, gate):
    truth = SETS[name](shared_data)
    index = IdentityIndex(default_model())
    index.apply([record for record, _ in truth], (), (), ())
    precision, recall, f1 = precision_recall_f1(
        [(index.customer_of(record.record_id), entity) for record, entity in truth]
    )
    sys.stdout.write(f"{name}: pair precision {precision:.4f} recall {recall:.4f} F1 {f1:.4f}\n")
    assert f1 >= gate
    assert precision >= 0.995
