"""The conformance suite on every manifest that comes with Regard, several pages each."""

from __future__ import annotations

from functools import cache

import httpx
import pytest

from regard.connectors.connector_contract import SourceClient
from tests.connectors.conformance import ConnectorConformance, open_shipped
from tests.connectors.shipped_payloads import load, name_of, streams_of
from tests.connectors.vendor_stubs import Data
from tests.connectors.vendor_stubs_money import STUBS

# How many records a stream should have, so that it needs several pages.
GROWN = {
    "hubspot": {"contacts": 202, "deals": 4},
    "salesforce": {"Contact": 5},
    "pipedrive": {"persons": 5, "notes": 5},
    "zendesk": {"users": 5, "organizations": 5, "ticket_comments": 5},
    "freshdesk": {"contacts": 5, "tickets": 5},
    "intercom": {"contacts": 5, "companies": 62, "conversations": 3},
    "shopify": {"customers": 5},
    "woocommerce": {"customers": 102, "orders": 102},
    "vendure": {"customers": 102},
    "medusa": {"customers": 102},
    "stripe": {"customers": 5, "refunds": 5},
    "xero": {"invoices": 102},
    "chargebee": {"invoices": 5},
    "mailchimp": {"members": 502},
    "klaviyo": {"profiles": 5, "events": 5},
    "twilio": {"calls": 5},
    "django_helpdesk": {"tickets": 5},
    "django_oscar": {"users": 5},
    "request_tracker": {"transactions": 7},
}


@cache
def listed(name: str) -> Data:
    """What the vendor lists; a list at Stripe does not show what was deleted."""
    everything = load(name, GROWN[name])
    return {
        stream: [one for one in records if name != "stripe" or not one.get("deleted")]
        for stream, records in everything.items()
    }


class TestShippedManifests(ConnectorConformance):
    @pytest.fixture(params=GROWN, autouse=True)
    def shipped(self, request: pytest.FixtureRequest) -> None:
        self.name: str = request.param
        self.expected = {
            stream: {name_of(stream, one) for one in listed(self.name)[stream]}
            for stream in streams_of(self.name)
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        return STUBS[self.name][0](request, listed(self.name))

    def open(self, transport: httpx.AsyncBaseTransport) -> SourceClient:
        return open_shipped(self.name, STUBS[self.name][1], transport)
