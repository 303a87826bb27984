"""A source that falls silent, fails or changes its form is told in a sentence."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.intake.judge_health import Health, read_drift, read_health
from regard.intake.receive_raw_records import RawIntake
from regard.sources.manage_sources import Source
from tests.intake.conftest import Door

SHOP = Source("shop", "Shop", "records_api")


async def send(door: Door, numbers: range, **more: Any) -> None:
    intake = RawIntake(door.pool, door.keyring, door.world.back_end.clock)
    records = [RawRecord("things", str(n), {"id": n, "name": f"n{n}", **more}) for n in numbers]
    await intake.receive(SHOP, records)


async def health_of(door: Door, slug: str) -> Health:
    async with door.pool.acquire() as connection:
        found = await read_health(connection, door.world.back_end.clock.now())
    return next(one for one in found if one.source == slug)


async def drift(door: Door) -> list[tuple[str, str]]:
    async with door.pool.acquire() as connection:
        found = await read_drift(connection, "shop", door.world.back_end.clock.now())
    return [(one.change, one.place) for one in found]


async def test_a_source_is_late_when_its_news_are_older_than_its_budget(door: Door) -> None:
    assert (await health_of(door, "shop")).state == "waiting"
    await send(door, range(3))
    await door.pool.execute("UPDATE intake.connection SET freshness_seconds = 600 WHERE source = 'shop'")
    assert (await health_of(door, "shop")).state == "well"
    door.world.back_end.clock.advance(timedelta(minutes=11))
    late = await health_of(door, "shop")
    assert late.state == "late"
    assert "news is expected every 10 minutes" in late.sentence


async def test_a_failing_stream_says_why(door: Door) -> None:
    await send(door, range(3))
    await door.pool.execute(
        "UPDATE intake.stream SET error = 'The key was revoked.', error_at = now() WHERE stream = 'things'"
    )
    failing = await health_of(door, "shop")
    assert (failing.state, failing.sentence) == ("failing", "things: The key was revoked.")


async def test_a_field_that_vanishes_and_one_that_is_new_are_noticed(door: Door) -> None:
    await send(door, range(300), phone="030 1234567")
    assert await drift(door) == []
    door.world.back_end.clock.advance(timedelta(hours=2))
    await send(door, range(300, 420), vip=True)
    assert sorted(await drift(door)) == [("new", "vip"), ("vanished", "phone")]


async def test_a_field_that_few_records_have_does_not_vanish(door: Door) -> None:
    await send(door, range(5), nickname="n")
    await send(door, range(5, 300))
    assert await drift(door) == []


async def test_places_that_hold_somebodys_mailbox_or_number_are_forgotten(door: Door) -> None:
    names = ["email", "address.line_2", "custom_1234", "a.b.c.d", "year2026.q1", "Größe"]
    personal = [
        "by.anna.lee@example.com.visits", "by.+49.30.901820", "calls.49 30 901", "by." + "x" * 61,
        "by.6b1c8f5e-0000-4000-8000-00000000000a.name", "rows.123456.note",
    ]  # fmt: skip
    await door.pool.executemany(
        "INSERT INTO intake.stream_place VALUES ('web', 's', $1, now(), 1, now(), 1, 1)",
        [(place,) for place in names + personal],
    )
    text = resources.files("regard.migrations").joinpath("0027_pre_kept_marks.sql").read_text("utf-8")
    await door.pool.execute(text[text.index("DELETE FROM intake.stream_place") :])
    rows = await door.pool.fetch("SELECT place FROM intake.stream_place")
    assert {row["place"] for row in rows} == set(names)
