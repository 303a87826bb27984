"""The demo company's customer records as six sources keep them, with the hard pairs its truth files name."""

from __future__ import annotations

import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

from demo.generate import Plan, generate

from benchmarks.identity.write_set import Field, Ref, SetWriter

NOW = 1_790_000_000
"""The company's present: fixed, so that a seed gives the same records on any day."""
PAIRS_OF_TWO = 4
"""How many record pairs stand for two people who must not be joined."""

FIELDS: dict[str, Field] = {
    "kind": "ignore",
    "full_name": "full_name",
    "given_name": "given_name",
    "family_name": "family_name",
    "birth_date": "birth_date",
    "email": "email",
    "phone": "phone",
    "mobile": "phone",
    "street": "street",
    "house_number": "house_number",
    "postcode": "postcode",
    "city": "city",
    "country": "country",
    "organisation": "organisation",
    "domain": "domain",
    "tax_id": {"type": "government_id", "issuer": "tax"},
}
CONTACTS = {
    "Contact ID": "id", "Name": "full_name", "E-Mail": "email", "Phone": "phone", "Mobile": "mobile",
    "Street": "street", "Postal code": "postcode", "City": "city", "Country": "country",
    "Date of birth": "birth_date", "Account": "organisation",
}  # fmt: skip
ACCOUNTS = {
    "Account ID": "id", "Account name": "organisation", "Website": "domain", "VAT number": "tax_id",
    "Phone": "phone", "E-Mail": "email", "Street": "street", "Postal code": "postcode", "City": "city",
    "Country": "country",
}  # fmt: skip
FEEDS = ("shop", "helpdesk", "billing", "marketing", "calls")


def make_company(folder: Path, customers: int, seed: int, profile: str) -> None:
    """Writes the set of a company with so many persons and firms."""
    with tempfile.TemporaryDirectory() as place:
        company = Path(place)
        generate(Plan(customers, seed, profile, 3.0, NOW), company)
        _copy_company(company, folder)


def _copy_company(company: Path, folder: Path) -> None:
    truth, owners = _read_truth(company)
    refs: dict[str, list[Ref]] = defaultdict(list)
    with SetWriter(folder, FIELDS) as out:
        for source, stream, record, values in _read_sources(company):
            entity = truth.get((source, stream, record), "")
            # A caller whose number is a firm's is kept as a person: nobody could be right about it.
            if owners.get(entity) != values["kind"]:
                continue
            refs[entity].append(out.put(source, f"{stream}/{record}", entity, values))
        known = {ref for group in refs.values() for ref in group}
        for tag, verdict, left, right in _read_hard_pairs(company, refs):
            if left in known and right in known and left != right:
                out.tag(tag, "same" if verdict == "same" else "different", left, right)


def _read_truth(company: Path) -> tuple[dict[tuple[str, str, str], str], dict[str, str]]:
    truth, kinds = {}, {}
    for row in _rows(company / "truth_record.csv"):
        truth[row["source"], row["stream"], row["external_id"]] = row["truth_id"]
        kinds[row["truth_id"]] = row["truth_kind"]
    return truth, kinds


def _read_hard_pairs(company: Path, refs: dict[str, list[Ref]]) -> Iterator[tuple[str, str, Ref, Ref]]:
    for row in _rows(company / "truth_pairs_hard.csv"):
        tag, verdict = row["tag"], row["verdict"]
        if row["level"] == "record":
            yield tag, verdict, _ref(row["left"]), _ref(row["right"])
            continue
        pairs = product(refs.get(row["left"], ()), refs.get(row["right"], ()))
        for left, right in islice(pairs, PAIRS_OF_TWO):
            yield tag, verdict, left, right


def _ref(key: str) -> Ref:
    source, _, record = key.partition("/")
    return source, record


def _read_sources(company: Path) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    for name, columns in (("contacts", CONTACTS), ("accounts", ACCOUNTS)):
        seen: dict[str, dict[str, str]] = {}
        for row in _rows(company / "crm" / f"{name}.csv", ";"):
            values = {new: row[old] for old, new in columns.items()}
            seen[values.pop("id")] = {**values, "kind": "person" if name == "contacts" else "organisation"}
        for record, values in seen.items():
            yield "crm", name, record, values
    for source in FEEDS:
        latest: dict[tuple[str, str], dict[str, str]] = {}
        for line in (company / source / "records.jsonl").read_text(encoding="utf-8").splitlines():
            body: dict[str, Any] = json.loads(line)
            fields = body.get("fields", {})
            found = {key: value for key, value in fields.items() if isinstance(value, str)}
            found["kind"] = body["kind"]
            if "name" in found:
                found["organisation"] = found.pop("name")
            key = (body["stream"], body["id"])
            if body["op"] == "delete":
                latest.pop(key, None)
            elif body["op"] == "patch":
                latest.setdefault(key, {}).update(found)
            else:
                latest[key] = found
        for (stream, record), values in latest.items():
            yield source, stream, record, values


def _rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)
