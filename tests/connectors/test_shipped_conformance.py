"""The conformance suite on every manifest that comes with Regard, several pages each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import httpx

from regard.connectors.connector_contract import SourceClient
from tests.connectors.conformance import ConnectorConformance, open_shipped
from tests.connectors.shipped_payloads import load, name_of, streams_of
from tests.connectors.vendor_stubs import Data
from tests.connectors.vendor_stubs_money import STUBS


class ShippedConformance(ConnectorConformance):
    """Filled in by name and by how many records a stream should have."""

    name: ClassVar[str]
    grown: ClassVar[Mapping[str, int]]
    data: ClassVar[Data]

    def __init_subclass__(cls) -> None:
        everything = load(cls.name, cls.grown)
        # A list at Stripe does not show what was deleted.
        listed = (lambda one: not one.get("deleted")) if cls.name == "stripe" else (lambda _: True)
        cls.data = {stream: list(filter(listed, records)) for stream, records in everything.items()}
        cls.expected = {
            stream: {name_of(stream, one) for one in cls.data[stream]} for stream in streams_of(cls.name)
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        return STUBS[self.name][0](request, self.data)

    def open(self, transport: httpx.AsyncBaseTransport) -> SourceClient:
        return open_shipped(self.name, STUBS[self.name][1], transport)


class TestHubSpot(ShippedConformance):
    name, grown = "hubspot", {"contacts": 202, "deals": 4}


class TestSalesforce(ShippedConformance):
    name, grown = "salesforce", {"Contact": 5}


class TestPipedrive(ShippedConformance):
    name, grown = "pipedrive", {"persons": 5, "notes": 5}


class TestZendesk(ShippedConformance):
    name, grown = "zendesk", {"users": 5, "organizations": 5, "ticket_comments": 5}


class TestFreshdesk(ShippedConformance):
    name, grown = "freshdesk", {"contacts": 5, "tickets": 5}


class TestIntercom(ShippedConformance):
    name, grown = "intercom", {"contacts": 5, "companies": 62, "conversations": 3}


class TestShopify(ShippedConformance):
    name, grown = "shopify", {"customers": 5}


class TestWooCommerce(ShippedConformance):
    name, grown = "woocommerce", {"customers": 102, "orders": 102}


class TestVendure(ShippedConformance):
    name, grown = "vendure", {"customers": 102}


class TestMedusa(ShippedConformance):
    name, grown = "medusa", {"customers": 102}


class TestStripe(ShippedConformance):
    name, grown = "stripe", {"customers": 5, "refunds": 5}


class TestXero(ShippedConformance):
    name, grown = "xero", {"invoices": 102}


class TestChargebee(ShippedConformance):
    name, grown = "chargebee", {"invoices": 5}


class TestMailchimp(ShippedConformance):
    name, grown = "mailchimp", {"members": 502}


class TestKlaviyo(ShippedConformance):
    name, grown = "klaviyo", {"profiles": 5, "events": 5}


class TestTwilio(ShippedConformance):
    name, grown = "twilio", {"calls": 5}


class TestDjangoHelpdesk(ShippedConformance):
    name, grown = "django_helpdesk", {"tickets": 5}


class TestDjangoOscar(ShippedConformance):
    name, grown = "django_oscar", {"users": 5}


class TestRequestTracker(ShippedConformance):
    name, grown = "request_tracker", {"transactions": 7}
