"""A person's judgement makes its own join certain, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

from regard.events.envelope import RecordKey
from regard.identity.explain_identity import explain, measure_confidence
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import default_model
from regard.kit.ids import derived_id

NOON = datetime(2026, 6, 1, tzinfo=UTC)


def record(external_id: str, **fields: str) -> IdentityRecord:
    key = RecordKey("shop", "people", external_id)
    return IdentityRecord(key.record_id, "person", "shop", "people", external_id, NOON, fields)


def test_joining_two_customers_by_hand_leaves_the_doubt_within_each_of_them() -> None:
    sure = record("1", full_name="Marek Kowalski", phone="+48 600 700 800", email="marek@example.com")
    unsure = record("2", phone="+48 600 700 800")
    other = record("3", full_name="Filip Kowalski", email="filip@example.com")
    alone = measure_confidence([sure, unsure], [], default_model(), frozenset())
    assert alone < 0.99

    merged = Judgement(derived_id("judged"), "same", (sure.record_id, unsure.record_id), (other.record_id,))
    together = [sure, unsure, other]
    assert measure_confidence(together, [merged], default_model(), frozenset()) == alone
    assert explain(together, [merged], default_model(), frozenset()).confidence == alone
