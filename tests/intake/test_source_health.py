"""A source that falls silent, fails or changes its form is told in a sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from importlib import resources
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.intake.count_webhooks import PROVED, WebhookCounter
from regard.intake.judge_health import Health, read_drift, read_health
from regard.intake.keep_connections import QUERIES
from regard.intake.receive_raw_records import RawIntake
from regard.kit.tell_dates import tell_moment
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


async def map_things(door: Door, stream: str = "things", skip: Sequence[str] = (), **item: Any) -> None:
    items = [{"target": "person", "id": "id", **item}] if item else []
    mapping = json.dumps({"stream": "things", "items": items, "skip": list(skip)})
    await door.pool.execute(
        "INSERT INTO intake.stream_mapping (source, stream, number, mapping, shipped, saved_at, saved_by)"
        " SELECT 'shop', $1, count(*) + 1, $2, false, now(), 'ann' FROM intake.stream_mapping",
        stream, mapping,
    )  # fmt: skip


async def drift(door: Door) -> list[tuple[str, str]]:
    async with door.pool.acquire() as connection:
        found = await read_drift(connection, "shop", door.world.back_end.clock.now())
    return [(one.change, one.place) for one in found]


async def test_a_source_is_late_when_its_news_are_older_than_its_budget(door: Door) -> None:
    assert (await health_of(door, "shop")).state == "waiting"
    await map_things(door)
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


async def test_a_failing_source_says_when_it_is_tried_again(door: Door) -> None:
    await send(door, range(3))
    now = door.world.back_end.clock.now()
    again = now + timedelta(minutes=5)
    failing = "UPDATE intake.stream SET error = 'It answers 500.', error_at = $1, retry_at = $2"
    await door.pool.execute(failing, now, again)
    told = await health_of(door, "shop")
    assert told.sentence == f"things: It answers 500. Regard tries again at {again:%H:%M} UTC."
    trouble = "UPDATE intake.connection SET error = 'It answers 429.', error_at = $1, retry_at = $2"
    await door.pool.execute(trouble, now, now + timedelta(days=2))
    told = await health_of(door, "shop")
    day = now + timedelta(days=2)
    assert told.sentence == f"It answers 429. Regard tries again at {tell_moment(day)}."
    door.world.back_end.clock.advance(timedelta(days=3))
    assert (await health_of(door, "shop")).sentence == "It answers 429."


async def test_streams_without_a_mapping_are_not_well(door: Door) -> None:
    await send(door, range(3))
    told = await health_of(door, "shop")
    assert told.state == "waiting"
    assert told.sentence == "1 stream waits for a mapping (things); nothing of it reaches customers."
    await map_things(door)
    told = await health_of(door, "shop")
    assert (told.state, told.warnings) == ("well", ())
    intake = RawIntake(door.pool, door.keyring, door.world.back_end.clock)
    await intake.receive(SHOP, [RawRecord("others", "1", {"id": 1})])
    told = await health_of(door, "shop")
    assert told.state == "well"
    assert told.warnings[0].startswith("1 stream waits for a mapping (others)")


async def test_pushes_that_are_turned_away_make_a_source_fail_until_one_is_proved(door: Door) -> None:
    counter, clock = WebhookCounter(door.pool), door.world.back_end.clock
    counter.note("shop", PROVED, "", clock.now())
    clock.advance(timedelta(minutes=1))
    counter.note("shop", "stale_signature", "The clock is wrong.", clock.now())
    await counter.close()
    told = await health_of(door, "shop")
    assert told.state == "failing"
    assert "Pushes are turned away" in told.sentence
    assert told.sentence.endswith("(1 in all): The clock is wrong.")
    clock.advance(timedelta(minutes=1))
    counter.note("shop", PROVED, "", clock.now())
    counter.note("shop", "seen_before", "Again.", clock.now())
    await counter.close()
    await map_things(door)
    await send(door, range(3))
    told = await health_of(door, "shop")
    assert told.state == "well"
    assert "Pushes that came since were taken." in told.warnings[0]
    assert told.warnings[1].startswith("1 push came that had come before")
    clock.advance(timedelta(hours=30))
    assert (await health_of(door, "shop")).warnings == ()


async def test_a_mapped_field_that_most_records_had_makes_the_source_fail_when_it_is_gone(door: Door) -> None:
    await map_things(door)
    person = {"target": "person", "id": "id", "fields": {"phone": "phone"}}
    mapping = json.dumps({"stream": "things", "items": [person]})
    await door.pool.execute("UPDATE intake.stream_mapping SET mapping = $1", mapping)
    await send(door, range(30))
    await send(door, range(30, 100), phone="030 1234567")
    assert (await health_of(door, "shop")).state == "well"
    await send(door, range(100, 160))
    told = await health_of(door, "shop")
    assert told.state == "failing"
    assert "“phone” vanished" in told.sentence
    client = await door.world.as_role("administrator")
    went = await client.post("/api/v1/sources/shop/streams/things/go-on")
    assert went.json() == {"places": ["phone"]}
    assert (await health_of(door, "shop")).state == "well"


async def test_deletions_are_no_vanished_fields(door: Door) -> None:
    await send(door, range(300), phone="030 1234567")
    intake = RawIntake(door.pool, door.keyring, door.world.back_end.clock)
    await intake.receive(SHOP, [RawRecord("things", str(n), None) for n in range(100)])
    assert await drift(door) == []


async def test_a_new_field_is_told_however_small_the_stream_is(door: Door) -> None:
    await send(door, range(3))
    now = door.world.back_end.clock.now()
    await door.pool.execute(QUERIES["note_read"], "shop", "things", now)
    door.world.back_end.clock.advance(timedelta(minutes=1))
    await send(door, range(3, 4), vip=True)
    assert await drift(door) == [("new", "vip")]
    await map_things(door, fields={"name": "vip"})
    assert await drift(door) == []
    await map_things(door)
    assert await drift(door) == [("new", "vip")]
    await map_things(door, skip=["vip"])
    assert await drift(door) == []


async def test_a_field_that_vanishes_and_one_that_is_new_are_noticed(door: Door) -> None:
    await send(door, range(300), phone="030 1234567")
    assert await drift(door) == []
    door.world.back_end.clock.advance(timedelta(hours=2))
    await send(door, range(300, 420), vip=True)
    assert sorted(await drift(door)) == [("new", "vip"), ("vanished", "phone")]


async def test_a_field_that_all_had_is_missed_after_ten_records(door: Door) -> None:
    await send(door, range(20), phone="030 1234567", fax="030 1", note="a")
    await send(door, range(20, 29), fax=None)
    assert await drift(door) == []
    # Where the key is there without a value, the field is; and one that some lack may be lacking for longer.
    await send(door, range(29, 31), fax=None)
    assert sorted(await drift(door)) == [("vanished", "note"), ("vanished", "phone")]
    await send(door, range(31, 32), note="b")
    await send(door, range(32, 52), fax=None)
    assert await drift(door) == [("vanished", "phone")]


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
