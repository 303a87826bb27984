"""A stream of a known system is known by its name and its fields."""

from __future__ import annotations

import pytest

from regard.connectors.match_shipped_mappings import match_shipped_mapping
from tests.connectors.shipped_payloads import load


@pytest.mark.parametrize(
    ("connector", "stream", "named"),
    [
        ("tryton_tables", "party_party", "party_party"),
        ("tryton_tables", "party_contact_mechanism", "erp.party_contact_mechanism"),
        ("django_oscar_tables", "order_order", "public.order_order"),
        ("django_crm_admin_tables", "crm_contact", "crm_contact"),
        ("kamailio_tables", "acc_cdrs", "acc_cdrs"),
        ("xero", "invoices", "invoices"),
        ("salesforce", "Opportunity", "Opportunity"),
        ("zendesk", "tickets", "tickets"),
        ("tryton", "party.party", "party.party"),
    ],
)
def test_records_of_a_known_system_are_recognised(connector: str, stream: str, named: str) -> None:
    found = match_shipped_mapping(named, load(connector)[stream])
    assert found is not None
    assert (found.name, found.mapping.stream) == (connector, named)


def test_a_table_of_ones_own_is_not_taken_for_somebody_elses() -> None:
    row = {"id": 1, "email": "a@example.com", "name": "A", "created_at": "2026-01-01", "points": 3}
    assert match_shipped_mapping("customers", [row]) is None
    assert match_shipped_mapping("orders", [{"id": 1, "total": "3", "customer": 1}]) is None
    assert match_shipped_mapping("members_of_the_club", [row]) is None
    assert match_shipped_mapping("customers", []) is None


def test_tables_under_a_schema_point_to_each_other_there() -> None:
    found = match_shipped_mapping("erp.party_party", load("tryton_tables")["party_party"])
    assert found is not None
    [merged] = [item for item in found.mapping.items if item.target == "link"]
    assert [party.stream for party in merged.parties()] == ["erp.party_party"]
