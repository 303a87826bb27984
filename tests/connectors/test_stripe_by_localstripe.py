"""The manifest and the mapping of Stripe, on a stand-in that keeps what it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import Cursor, RawRecord, SourceClient, Surroundings
from regard.kit.clock import SystemClock
from tests.connectors.describe_items import describe, items_of
from tests.connectors.local_stripe import KEY, LocalStripe, run_local_stripe


@pytest.fixture(scope="module")
def stripe() -> Iterator[LocalStripe]:
    with run_local_stripe() as running:
        yield running


@pytest.fixture
def client(stripe: LocalStripe) -> SourceClient:
    connector = find_connector("stripe")
    assert connector is not None
    assert connector.open is not None
    settings = {"secret_key": KEY, "base_url": stripe.address}
    return connector.open(settings, Surroundings("billing", SystemClock()))


async def read(
    client: SourceClient, stream: str, cursor: Cursor | None = None
) -> tuple[list[RawRecord], Cursor | None]:
    records: list[RawRecord] = []
    async for batch in client.read(stream, cursor):
        records += batch.records
        cursor = batch.cursor or cursor
    return records, cursor


def add_customer(stripe: LocalStripe, name: str) -> str:
    made = stripe.post("/v1/customers", name=name, email=f"{name}@example.com", phone="+442079460001")
    return str(made["id"])


async def test_what_a_customer_bought_and_got_back_is_read_and_understood(
    stripe: LocalStripe, client: SourceClient
) -> None:
    ann = add_customer(stripe, "ann")
    card = {
        "card[number]": "4242424242424242",
        "card[exp_month]": "12",
        "card[exp_year]": "2030",
        "card[cvc]": "123",
    }
    method = stripe.post("/v1/payment_methods", type="card", **card)["id"]
    stripe.post(f"/v1/payment_methods/{method}/attach", customer=ann)
    stripe.post(f"/v1/customers/{ann}", **{"invoice_settings[default_payment_method]": method})
    product = stripe.post("/v1/products", name="Care plan", type="service")["id"]
    stripe.post("/v1/plans", id="care", amount="900", currency="eur", interval="month", product=product)
    stripe.post("/v1/subscriptions", customer=ann, **{"items[0][plan]": "care", "items[0][quantity]": "2"})
    stripe.post("/v1/invoiceitems", customer=ann, amount="4990", currency="eur")
    bought = stripe.post("/v1/invoices", customer=ann)["id"]
    stripe.post(f"/v1/invoices/{bought}/pay")
    await client.check()
    charges, _ = await read(client, "charges")
    stripe.post("/v1/refunds", charge=charges[0].external_id, amount="100")
    said = []
    for spec in await client.streams():
        records, _ = await read(client, spec.name)
        said += [line for one in records for line in describe(items_of("stripe", one))]
    await client.close()
    kinds = sorted({line.split("/")[0] for line in said})
    assert kinds == [
        "invoice invoices",
        "payment charges",
        "person customers",
        "refund refunds",
        "subscription subscriptions",
    ]
    money = [line for line in said if not line.startswith("person")]
    assert [line for line in money if f"of customers/{ann} " not in line] == []
    [plan] = [line for line in said if line.startswith("subscription")]
    assert "quantity: 2; unit_price: 9.00; status: active" in plan
    assert "amount: 18.00; currency: EUR" in plan
    assert any("amount: 1.00; status: succeeded" in line for line in said if line.startswith("refund"))


async def test_what_changes_afterwards_is_read_by_its_events(
    stripe: LocalStripe, client: SourceClient
) -> None:
    ben = add_customer(stripe, "ben")
    first, cursor = await read(client, "customers")
    assert ben in {record.external_id for record in first}
    stripe.post(f"/v1/customers/{ben}", phone="+442079460999")
    eve = add_customer(stripe, "eve")
    changed, _ = await read(client, "customers", cursor)
    await client.close()
    phones = {record.external_id: (record.body or {}).get("phone") for record in changed}
    assert (phones[ben], phones[eve]) == ("+442079460999", "+442079460001")
