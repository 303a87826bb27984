"""The demo company as files."""

import csv
import hashlib
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import phonenumbers
import pytest
from demo.generate import Plan, generate
from demo.roll_dice import Dice, Period
from demo.stories import story_names

NOW = 1_795_000_000
SOURCES = ("shop", "helpdesk", "billing", "marketing", "calls")
OPEN_STATES = {
    "order": {"placed", "paid", "shipped", "delivered", "cancelled", "returned"},
    "ticket": {"open", "pending", "solved", "closed"},
    "invoice": {"open", "paid", "overdue", "void"},
    "payment": {"succeeded", "failed", "refunded"},
    "subscription": {"active", "cancelled", "past_due"},
    "deal": {"open", "won", "lost"},
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of 300 customers, profile real."""
    folder = tmp_path_factory.mktemp("company")
    generate(Plan(customers=300, seed=7, profile="real", years=3.0, now=NOW), folder)
    return folder


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_table(path: Path, delimiter: str = ",") -> list[dict]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def all_interactions(folder: Path) -> list[dict]:
    return [
        line for source in ("crm", *SOURCES) for line in read_lines(folder / source / "interactions.jsonl")
    ]


@pytest.mark.parametrize("profile", ["clean", "real", "hostile"])
def test_the_same_plan_gives_the_same_bytes(tmp_path, profile):
    plan = Plan(customers=60, seed=3, profile=profile, years=2.0, now=NOW)
    generate(plan, tmp_path / "first")
    generate(plan, tmp_path / "second")
    assert digest(tmp_path / "first") == digest(tmp_path / "second")


def test_another_seed_gives_another_company(tmp_path):
    for seed in (1, 2):
        generate(Plan(customers=60, seed=seed, profile="real", years=2.0, now=NOW), tmp_path / str(seed))
    assert digest(tmp_path / "1") != digest(tmp_path / "2")


def test_exactly_as_many_customers_exist_as_were_asked_for(company):
    assert json.loads((company / "manifest.json").read_text())["customers"] == 300
    assert len(read_table(company / "truth_profile.csv")) == 300


def test_every_line_is_a_body_the_interface_documents(company):
    for source in SOURCES:
        for body in read_lines(company / source / "records.jsonl"):
            assert body.keys() <= {"stream", "id", "kind", "op", "event_id", "updated_at", "fields"}
            assert body["kind"] in ("person", "organisation")
            assert body["op"] in ("upsert", "patch", "delete")
            assert all(body["fields"].values())
    for body in all_interactions(company):
        assert body.keys() <= {
            "stream", "id", "type", "op", "event_id", "party", "occurred_at", "updated_at", "fields",
        }  # fmt: skip
        if body["type"] in OPEN_STATES:
            assert body["fields"]["status"] in OPEN_STATES[body["type"]]


def test_nothing_happens_in_the_future(company):
    for body in all_interactions(company):
        for name in ("occurred_at", "updated_at"):
            if name in body:
                assert datetime.fromisoformat(body[name]).timestamp() <= NOW
    for batch in read_lines(company / "web" / "batches.jsonl"):
        for message in batch["batch"]:
            assert datetime.fromisoformat(message["timestamp"]).timestamp() <= NOW


def test_whatever_is_told_in_several_states_has_ids_that_make_a_second_delivery_harmless(company):
    states: dict[tuple, set[str]] = {}
    named: dict[tuple, set[bool]] = {}
    for source in SOURCES:
        for name in ("records", "interactions"):
            for body in read_lines(company / source / f"{name}.jsonl"):
                key = (source, name, body["stream"], body["id"])
                states.setdefault(key, set()).add(json.dumps(body, sort_keys=True))
                named.setdefault(key, set()).add("event_id" in body)
    several = [key for key, bodies in states.items() if len(bodies) > 1]
    assert several
    for key in several:
        ids = {json.loads(body).get("event_id") for body in states[key]}
        assert named[key] == {True}, key
        assert len(ids) == len(states[key]), key


def test_the_amount_of_an_order_is_the_sum_of_its_lines(company):
    orders = [body for body in all_interactions(company) if body["type"] == "order"]
    assert orders
    for order in orders:
        lines = sum(round(float(line["amount"]) * 100) for line in order["fields"]["lines"])
        assert lines == round(float(order["fields"]["amount"]) * 100)


def test_every_party_of_an_interaction_has_a_record_in_the_same_source(company):
    known = {
        (source, body["stream"], body["id"])
        for source in SOURCES
        for body in read_lines(company / source / "records.jsonl")
    }
    known |= {("crm", "contacts", row["Contact ID"]) for row in read_table(company / "crm/contacts.csv", ";")}
    known |= {("crm", "accounts", row["Account ID"]) for row in read_table(company / "crm/accounts.csv", ";")}
    for source in ("crm", *SOURCES):
        for body in read_lines(company / source / "interactions.jsonl"):
            if "party" in body:
                assert (source, body["party"]["stream"], body["party"]["id"]) in known


def test_every_record_has_an_owner_in_the_truth(company):
    truth = {
        (row["source"], row["stream"], row["external_id"]) for row in read_table(company / "truth_record.csv")
    }
    for source in SOURCES:
        for body in read_lines(company / source / "records.jsonl"):
            assert (source, body["stream"], body["id"]) in truth


def test_an_overdue_invoice_comes_from_a_payment_that_failed_or_never_came(company):
    states = {
        body["id"]: body["fields"]["status"]
        for body in all_interactions(company)
        if body["type"] == "invoice"
    }
    paid = {
        body["fields"]["invoice"]
        for body in all_interactions(company)
        if body["type"] == "payment" and body["fields"]["status"] == "succeeded"
    }
    overdue = {number for number, status in states.items() if status == "overdue"}
    assert overdue
    assert not overdue & paid


def test_a_real_company_delivers_some_lines_twice_and_a_clean_one_none(tmp_path, company):
    generate(Plan(customers=60, seed=7, profile="clean", years=3.0, now=NOW), tmp_path)
    clean = (tmp_path / "shop/interactions.jsonl").read_text().splitlines()
    real = (company / "shop/interactions.jsonl").read_text().splitlines()
    assert len(set(clean)) == len(clean)
    assert len(set(real)) < len(real)


@pytest.mark.parametrize(("customers", "seed", "profile"), [(20, 1, "clean"), (300, 9, "hostile")])
def test_the_hand_made_customers_exist_at_every_size_and_seed(tmp_path, customers, seed, profile):
    generate(Plan(customers, seed, profile, 3.0, NOW), tmp_path)
    names = {row["name"] for row in read_table(tmp_path / "truth_profile.csv")}
    assert set(story_names()) <= names
    contacts = {row["Contact ID"]: row for row in read_table(tmp_path / "crm/contacts.csv", ";")}
    assert contacts["003Qx00000KowAnAAA"]["Name"] == "Kowalczyk, Anne"
    shop = {body["id"]: body["fields"] for body in read_lines(tmp_path / "shop/records.jsonl")}
    assert shop["9001"]["given_name"] == "Ania"


def test_the_story_of_anne_has_an_open_ticket_about_a_late_order_and_an_overdue_invoice(company):
    by_id = {}
    for body in all_interactions(company):
        by_id.setdefault(body["id"], []).append(body)
    assert "open" in {body["fields"]["status"] for body in by_id["690417"]}
    assert by_id["690417"][0]["fields"]["order"] == "FH-200417"
    assert {body["fields"]["status"] for body in by_id["FH-200417"]} == {"placed", "paid", "shipped"}
    assert {body["fields"]["status"] for body in by_id["INV-200031-008"]} == {"overdue"}


def test_the_hand_made_customers_have_the_same_data_whatever_the_seed(tmp_path):
    seen = []
    for seed in (1, 2):
        generate(Plan(40, seed, "real", 3.0, NOW), tmp_path / str(seed))
        rows = read_table(tmp_path / str(seed) / "truth_profile.csv")
        seen.append([row for row in rows if row["truth_id"].startswith("STORY")])
    assert seen[0] == seen[1]


def test_a_hostile_company_has_names_that_hurt_careless_programs(tmp_path):
    generate(Plan(400, 5, "hostile", 1.0, NOW), tmp_path)
    names = " ".join(row["name"] for row in read_table(tmp_path / "truth_profile.csv"))
    assert "<svg onload=alert(1)>" in names
    assert "=HYPERLINK(" in names
    assert "\0" not in names


def test_mobile_numbers_are_possible_numbers_of_their_country(company):
    for row in read_table(company / "truth_profile.csv"):
        if "test_account" not in row["tags"]:
            assert phonenumbers.is_possible_number(phonenumbers.parse(row["phone"])), row["phone"]


def test_hard_pairs_of_every_promised_kind_are_tagged(tmp_path):
    generate(Plan(3000, 1, "real", 3.0, NOW), tmp_path)
    tags = Counter(row["tag"] for row in read_table(tmp_path / "truth_pairs_hard.csv"))
    assert {"twins", "father_son", "shared_mailbox", "recycled_number", "b2c_and_b2b", "moved"} <= tags.keys()
    profile_tags = " ".join(row["tags"] for row in read_table(tmp_path / "truth_profile.csv"))
    for tag in ("family_landline", "info_mailbox", "reseller", "test_account", "other_script"):
        assert tag in profile_tags


def test_activity_is_dense_in_the_last_weeks(company):
    times = [datetime.fromisoformat(body["occurred_at"]).timestamp() for body in all_interactions(company)]
    last_month = sum(at > NOW - 30 * 86400 for at in times)
    assert last_month > len(times) / 10


def test_fewer_events_can_be_asked_for(tmp_path):
    counts = []
    for wanted in (5.0, 20.0):
        manifest = generate(Plan(200, 1, "clean", 3.0, NOW, wanted), tmp_path / str(wanted))
        counts.append(manifest["counts"]["web messages"])
    assert counts[0] * 2 < counts[1]


def test_an_everyday_moment_lies_within_the_period():
    dice, period = Dice("test"), Period(NOW, 3.0)
    for _ in range(2000):
        at = period.some_time(dice, period.start)
        assert period.start - 86400 < at <= NOW
