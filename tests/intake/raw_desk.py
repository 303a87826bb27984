"""Raw records into the product of a test: a shop's orders and a CRM's parties, and what the log says then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

import httpx
import yaml

from regard.connectors.connector_contract import Connector, RawRecord
from regard.connectors.mapping.describe_stream_mapping import read_stream_mapping
from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.keep_stream_mappings import save_mapping
from regard.intake.receive_raw_records import RawIntake
from regard.sources.manage_sources import Source
from tests.api.world import World


class Door(Protocol):
    """What is needed of the door of `conftest.py`."""

    world: World

    @property
    def pool(self) -> Pool: ...

    @property
    def keyring(self) -> Keyring: ...

    async def log(self) -> list[Event]: ...

    async def push(self, kind: str, body: Any, source: str = "shop", **headers: str) -> httpx.Response: ...


SHOP = Source("shop", "Shop", "records_api", currency="EUR")
ORDERS = """
stream: orders
items:
  - target: order
    id: id
    party: [{stream: customers, id: customer.id}, {stream: guests, id: {path: email, as: lower}}]
    occurred_at: created_at
    updated_at: updated_at
    fields: {title: name, amount: total}
  - target: order_line
    stream: order_lines
    each: lines
    id: {template: "{$.id}-{id}"}
    fields: {order: $.id, sku: sku, quantity: quantity, unit_price: price}
  - target: person
    stream: guests
    when: [{path: customer, empty: true}]
    id: {path: email, as: lower}
    fields: {email: email, phone: phone}
"""
PARTIES = """
stream: parties
items:
  - target: person
    id: id
    updated_at: write_date
    fields: {full_name: name, email: email}
  - target: link
    id: id
    party: {stream: parties, id: replaced_by}
"""


class Desk:
    """Raw records into the product of a test, and the log's answer."""

    def __init__(self, door: Door) -> None:
        self.door = door
        clock = door.world.back_end.clock
        self.intake = RawIntake(door.pool, door.keyring, clock)

    async def map(self, text: str) -> int:
        async with self.door.pool.acquire() as connection:
            mapping = read_stream_mapping(yaml.safe_load(text))
            now = datetime.now(UTC)
            return await save_mapping(connection, "shop", mapping, "ann", now)

    async def take(self, *records: RawRecord) -> list[str]:
        return [one.verdict for one in await self.intake.receive(SHOP, records)]

    async def bodies(self, *types: type) -> list[Any]:
        return [event.body for event in await self.door.log() if isinstance(event.body, types)]


def order(number: int, lines: list[int], at: int = 1, **more: Any) -> RawRecord:
    body = {
        "id": number, "name": f"#{number}", "email": "Ann@Example.com", "phone": " 442079460001",
        "total": "10.00", "created_at": "2026-03-01T10:00:00Z",
        "updated_at": f"2026-03-01T10:00:0{at}Z",
        "lines": [{"id": n, "sku": f"S{n}", "quantity": 1, "price": "5"} for n in lines], **more,
    }  # fmt: skip
    return RawRecord("orders", str(number), body, datetime(2026, 3, 1, 10, 0, at, tzinfo=UTC))


async def show(desk: Desk, *, shown: bool) -> None:
    back_end = desk.door.world.back_end
    wanted = Connected("shop", {}, enabled=True, time_zone="UTC", freshness_seconds=None,
                       changed_at=back_end.clock.now(), changed_by="ann", shown=shown)  # fmt: skip
    async with desk.door.pool.acquire() as connection, connection.transaction():
        await save_connection(connection, desk.door.keyring, Connector("shop", "Shop"), wanted, {})
