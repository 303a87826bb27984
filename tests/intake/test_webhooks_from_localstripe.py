"""localstripe, a stateful stand-in for Stripe, pushes signed webhooks into the real server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import RawRecord, Surroundings
from regard.connectors.mapping.describe_stream_mapping import read_stream_mapping
from regard.db.pool import Pool, open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.seal_bodies import Keyring
from regard.events.raw_events import RawReceived
from regard.events.record_events import RecordUpserted
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.keep_stream_mappings import save_mapping
from regard.intake.receive_raw_records import RawIntake
from regard.kit.clock import SystemClock
from regard.sources.manage_sources import Source, create_source
from tests.free_port import free_port
from tests.intake.live_server import LiveServer
from tests.intake.read_whole_log import read_log
from tests.patience import PATIENCE, until

# Its own start command listens on all interfaces and keeps its state in a file that all runs would share.
START = """
import sys
from aiohttp import web
from localstripe.resources import store
from localstripe.server import app
type(store).dump_to_disk = lambda self: None
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
SECRET = "whsec_of_localstripe"
SOURCE = Source("billing", "Billing", "stripe", currency="EUR")
CUSTOMERS = """
stream: customers
items:
  - {target: person, id: id, fields: {full_name: name, email: email, phone: phone}}
"""


class LocalStripe:
    """The stand-in in a process of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process = subprocess.Popen([sys.executable, "-c", START, str(self.port)])
        address = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=address, auth=("sk_test_12345", ""), timeout=60)

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "localstripe ended at its start"
            try:
                if self.client.get("/v1/customers").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("localstripe did not answer in time")

    def post(self, path: str, form: str) -> dict[str, Any]:
        """Send a form exactly as it is written; signs that should have been escaped included."""
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self.client.post(path, content=form, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def push_to(self, address: str) -> None:
        answer = self.client.post("/_config/webhooks/regard", data={"url": address, "secret": SECRET})
        assert answer.status_code == 200

    def close(self) -> None:
        self.client.close()
        self._process.kill()
        self._process.wait()


@pytest.fixture
def localstripe() -> Iterator[LocalStripe]:
    running = LocalStripe()
    try:
        running.wait()
        yield running
    finally:
        running.close()


class Regard:
    """The real server, and a look into its log."""

    def __init__(self, pool: Pool, keyring: Keyring, server: LiveServer) -> None:
        self.pool = pool
        self.keyring = keyring
        self.server = server

    async def bodies(self, kind: type) -> list[Any]:
        return [
            event.body for event in await read_log(self.pool, self.keyring) if isinstance(event.body, kind)
        ]

    async def streams(self) -> set[str]:
        return {raw.stream for raw in await self.bodies(RawReceived)}


@pytest.fixture
async def regard(database_url: str, tmp_path: Path) -> AsyncIterator[Regard]:
    pool = await open_pool(database_url)
    now = SystemClock().now()
    connector = find_connector("stripe")
    assert connector is not None
    connected = Connected("billing", {}, True, "UTC", None, now, "test")
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, tmp_path / "root.key")
        async with connection.transaction():
            await create_source(connection, SOURCE, now)
            await save_connection(connection, keyring, connector, connected, {"webhook_secret": SECRET})
            await save_mapping(
                connection, "billing", read_stream_mapping(yaml.safe_load(CUSTOMERS)), "test", now
            )
    server = LiveServer(database_url, tmp_path)
    server.start()
    try:
        yield Regard(pool, keyring, server)
    finally:
        server.kill()
        await pool.close()


def lose_push(port: int, mark: bytes) -> None:
    """Take what is pushed, in the server's place, and answer nothing, until one push held `mark`."""
    taken = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))

    with HTTPServer(("127.0.0.1", port), Handler) as server:
        server.timeout = PATIENCE
        while not any(mark in body for body in taken):
            came = len(taken)
            server.handle_request()
            assert len(taken) > came, "the push did not come"


def subscribe(localstripe: LocalStripe, customer: str) -> None:
    """What makes localstripe write an invoice: a card, a plan, a subscription."""
    card = "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123"
    token = localstripe.post("/v1/tokens", card)["id"]
    localstripe.post(f"/v1/customers/{customer}/sources", f"source={token}")
    plan = localstripe.post("/v1/plans", "amount=4990&currency=eur&interval=month&product[name]=Tea")["id"]
    localstripe.post("/v1/subscriptions", f"customer={customer}&items[0][plan]={plan}")


async def read_customers(localstripe: LocalStripe) -> list[RawRecord]:
    """What the connector that reads Stripe reads."""
    connector = find_connector("stripe")
    assert connector is not None
    assert connector.open is not None
    address = f"http://127.0.0.1:{localstripe.port}"
    settings = {"secret_key": "sk_test_12345", "base_url": address}
    client = connector.open(settings, Surroundings("billing", SystemClock()))
    try:
        return [one async for batch in client.read("customers", None) for one in batch.records]
    finally:
        await client.close()


async def test_customers_and_invoices_arrive_and_a_lost_push_is_repaired_by_a_poll(
    regard: Regard, localstripe: LocalStripe
) -> None:
    localstripe.push_to(f"http://127.0.0.1:{regard.server.port}/hooks/billing")
    form = "name=Ann+Smith&email=Ann.Smith@Example.com&phone=+442079460001"
    customer = localstripe.post("/v1/customers", form)
    assert customer["phone"] == " 442079460001", "the sign in the form became a space"

    async def has_customer() -> bool:
        return bool(await regard.bodies(RecordUpserted))

    await until(has_customer)
    (known,) = await regard.bodies(RecordUpserted)
    assert (known.stream, known.external_id) == ("customers", customer["id"])
    assert known.fields["phone"] == ["+442079460001"]

    subscribe(localstripe, customer["id"])

    async def has_invoice() -> bool:
        return {"subscriptions", "invoices"} <= await regard.streams()

    await until(has_invoice)

    regard.server.kill()
    localstripe.post(f"/v1/customers/{customer['id']}", "phone=%2B442079460999")
    # It is sent after a second, once.
    await asyncio.to_thread(lose_push, regard.server.port, b"+442079460999")
    regard.server.start()
    assert [one.fields["phone"] for one in await regard.bodies(RecordUpserted)] == [["+442079460001"]]

    records = await read_customers(localstripe)
    intake = RawIntake(regard.pool, regard.keyring, SystemClock())
    assert [one.verdict for one in await intake.receive(SOURCE, records)] == ["accepted"]
    assert [one.verdict for one in await intake.receive(SOURCE, records)] == ["duplicate"]
    latest = (await regard.bodies(RecordUpserted))[-1]
    assert (latest.external_id, latest.fields["phone"]) == (customer["id"], ["+442079460999"])
    heads = await regard.pool.fetchval("SELECT count(*) FROM intake.raw_head WHERE stream = 'customers'")
    assert heads == 1, "the push and the poll are about one record"


async def test_a_push_of_localstripe_with_another_secret_is_refused(
    regard: Regard, localstripe: LocalStripe
) -> None:
    form = {"url": f"http://127.0.0.1:{regard.server.port}/hooks/billing", "secret": "whsec_other"}
    assert localstripe.client.post("/_config/webhooks/forger", data=form).status_code == 200
    localstripe.post("/v1/customers", "name=Eve")

    async def is_counted() -> bool:
        rows = await regard.pool.fetch("SELECT code FROM intake.webhook_count")
        return [row["code"] for row in rows] == ["wrong_signature"]

    await until(is_counted)
    assert await regard.bodies(RawReceived) == []
