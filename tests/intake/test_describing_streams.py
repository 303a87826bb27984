"""What is proposed for a stream that nobody mapped."""

from __future__ import annotations

from regard.connectors.connector_contract import RawRecord
from regard.intake.describe_streams import propose_for
from regard.sources.manage_sources import Source


def test_the_reason_for_what_repeats_the_id_says_that_it_is_left_out() -> None:
    bodies = [
        {"bestellnr": f"B-{n}", "email": f"a{n}@example.com", "lieblingsfarbe": "rot"} for n in range(5)
    ]
    samples = [RawRecord("kunden", body["bestellnr"], body) for body in bodies]
    proposed = propose_for(Source("erp", "ERP", "records_api"), "kunden", samples, [])
    assert proposed.mapping.skip == ["bestellnr"]
    reasons = {one.path: one.reason for one in proposed.places if one.field is None}
    assert "is left out" in reasons["bestellnr"]
    assert "kept under its own name" in reasons["lieblingsfarbe"]
