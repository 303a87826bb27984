"""Mail and files on their whole way: from the mail server or folder to the customer they belong to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from regard.connectors.connector_catalogue import find_connector
from regard.connectors.mapping.describe_stream_mapping import read_stream_mapping
from regard.events.envelope import RecordKey
from regard.intake.keep_connections import Connected, save_connection
from regard.intake.keep_stream_mappings import save_mapping
from regard.intake.run_connectors import ConnectorRunner
from regard.sources.manage_sources import Source, create_source
from tests.connectors.dovecot_server import Dovecot, run_dovecot
from tests.intake.conftest import Door
from tests.patience import until

ANN, BOB = "ann.lee@home.example", "bob@elsewhere.example"


class House:
    """The product with a customer Ann from the shop, and readers of its sources that can be killed."""

    def __init__(self, door: Door, folders: tuple[Path, ...]) -> None:
        self.door = door
        self.folders = folders

    async def connect(self, slug: str, connector: str, settings: dict[str, Any]) -> None:
        kind = find_connector(connector)
        assert kind is not None
        now = self.door.world.back_end.clock.now()
        secrets = {name: settings.pop(name) for name in ("password",) if name in settings}
        async with self.door.pool.acquire() as connection, connection.transaction():
            await create_source(connection, Source(slug, slug.title(), connector), now)
            wanted = Connected(slug, settings, True, "UTC", None, now, "test")
            await save_connection(connection, self.door.keyring, kind, wanted, secrets)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """A runner; at the end it is cut off in the middle of whatever it does."""
        back_end = self.door.world.back_end
        await self.door.pool.execute("UPDATE intake.connection SET owner = NULL, expires_at = NULL")
        runner = ConnectorRunner(
            back_end.pool, back_end.keyring, back_end.clock, "reader", folders=self.folders
        )
        task = asyncio.create_task(runner.run(asyncio.Event()))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, query: str, wanted: int, *given: Any) -> None:
        async def is_there() -> bool:
            return bool(await self.door.pool.fetchval(query, *given) == wanted)

        try:
            await until(is_there)
        except AssertionError:
            troubles = await self.door.pool.fetch("SELECT * FROM intake.connection")
            raise AssertionError(f"it did not come to that: {[dict(row) for row in troubles]}") from None

    async def raw(self, stream: str, count: int) -> None:
        await self.until(
            "SELECT count(*) FROM intake.raw_head WHERE stream = $1 AND NOT deleted", count, stream
        )

    async def customer_of(self, source: str, stream: str, external_id: str) -> Any:
        return await self.door.pool.fetchval(
            "SELECT customer_id FROM identity.membership WHERE record_id = $1",
            RecordKey(source, stream, external_id).record_id,
        )

    async def timeline(self, customer: Any) -> list[str]:
        """The titles of a customer's messages, the eldest first."""
        rows = await self.door.pool.fetch(
            "SELECT body -> 'fields' ->> 'title' AS title FROM timeline.entry"
            " JOIN identity.membership USING (record_id)"
            " WHERE customer_id = $1 AND type = 'message' AND NOT deleted ORDER BY occurred_at",
            customer,
        )
        return [row["title"] for row in rows]


@pytest.fixture
async def house(door: Door, tmp_path: Path) -> House:
    (tmp_path / "inbox").mkdir()
    fields = {"full_name": "Ann Lee", "email": ANN}
    record = {"stream": "customers", "id": "c1", "kind": "person", "fields": fields}
    answer = await door.push("records", {"records": [record]})
    assert answer.status_code == 200, answer.text
    return House(door, (tmp_path / "inbox",))


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with run_dovecot() as server:
        yield server


def mail(number: int, sender: str, to: str = "help@shop.example", answers: int | None = None) -> bytes:
    thread = f"References: <{answers}@mail.example>\r\n" if answers else ""
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: number {number}\r\n{thread}"
        f"Message-ID: <{number}@mail.example>\r\n"
        f"Date: Mon, 02 Mar 2026 10:0{number}:00 +0100\r\n\r\nHello\r\n"
    ).encode()


async def test_mail_stands_in_the_timeline_of_the_customer_it_was_exchanged_with(
    house: House, dovecot: Dovecot
) -> None:
    await house.connect("mail", "imap", dict(dovecot.settings))
    dovecot.deliver(mail(1, f"Ann Lee <{ANN.upper()}>"), mail(2, f"Bob <{BOB}>"))
    async with house.reading():
        await house.raw("messages", 2)
        await asyncio.to_thread(dovecot.deliver, mail(3, "help@shop.example", f"Ann <{ANN}>", answers=1))
        await house.raw("messages", 3)
    await house.door.world.back_end.projector.catch_up()
    ann = await house.customer_of("shop", "customers", "c1")
    assert ann is not None
    assert await house.customer_of("mail", "addresses", ANN) == ann
    assert await house.timeline(ann) == ["number 1", "number 3"]
    assert await house.timeline(await house.customer_of("mail", "addresses", BOB)) == ["number 2"]


async def test_no_mail_is_lost_or_doubled_when_the_reader_and_the_mail_server_are_killed(
    house: House, dovecot: Dovecot
) -> None:
    await house.connect("mail", "imap", dict(dovecot.settings))
    for number in range(1, 9):
        dovecot.deliver(mail(number, f"Ann Lee <{ANN}>"))
        async with house.reading():
            await house.raw("messages", number)
        if number % 3 == 0:
            dovecot.stop()
            if number == 6:
                dovecot.give_new_uids()
            dovecot.start()
    await house.door.world.back_end.projector.catch_up()
    ann = await house.customer_of("mail", "addresses", ANN)
    assert await house.timeline(ann) == [f"number {number}" for number in range(1, 9)]
    log = [event for event in await house.door.log() if type(event.body).__name__ == "RawReceived"]
    assert len(log) == 8


async def test_rows_of_a_watched_folder_become_customers_and_bad_ones_wait_in_quarantine(
    house: House, tmp_path: Path
) -> None:
    await house.connect("files", "folder", {"path": ".", "poll_seconds": 1})
    item = {"target": "person", "id": "customer_id", "fields": {"full_name": "name", "email": "email"}}
    mapping = read_stream_mapping({"stream": "members", "items": [item]})
    async with house.door.pool.acquire() as connection:
        await save_mapping(connection, "files", mapping, "ann", house.door.world.back_end.clock.now())
    people = "customer_id,name,email\n7,Ann Lee," + ANN + "\n8,Bob,too,many,cells\n9,Cy,cy@home.example\n"
    path = tmp_path / "inbox" / "members-2026-03-01.csv"
    path.write_text(people)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (tmp_path / "inbox" / "photo.csv").write_bytes(b"\x89PNG nonsense")
    os.utime(tmp_path / "inbox" / "photo.csv", (1_700_000_000, 1_700_000_000))
    async with house.reading():
        await house.until("SELECT count(*) FROM intake.raw_head WHERE source = 'files'", 4)
    waiting = await house.door.pool.fetch("SELECT reason FROM intake.quarantine")
    told = " ".join(row["reason"] for row in waiting)
    assert "members-2026-03-01.csv, row 3" in told
    assert "photo.csv is a picture" in told
    await house.door.world.back_end.projector.catch_up()
    ann = await house.customer_of("files", "members", "7")
    assert ann is not None
    assert ann == await house.customer_of("shop", "customers", "c1")
    assert await house.customer_of("files", "members", "9") not in (None, ann)
