"""One bad record stops nobody, nothing is dropped in silence, what vanished goes in short transactions."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.connector_contract import Batch, RawRecord
from regard.intake import commit_raw_records, judge_raw_records
from regard.intake.commit_raw_records import EndedReading, RawTransaction
from regard.intake.cut_batches import MOST_RECORDS, MOST_STATES, find_ends
from regard.intake.mend_raw_records import storable
from regard.intake.read_stream import StreamReader
from regard.intake.translate_raw_records import translate_raw
from tests.intake.raw_desk import ORDERS, Desk, order
from tests.intake.test_reading_sources import Place, pages, place, thing

__all__ = ["place"]


def note(number: int, **more: Any) -> RawRecord:
    return RawRecord("notes", str(number), {"id": number, **more})


async def reasons(desk: Desk) -> dict[str, str]:
    rows = await desk.door.pool.fetch(
        "SELECT context ->> 'id' AS id, code, reason FROM intake.quarantine WHERE status = 'open'"
    )
    return {row["id"]: f"{row['code']}: {row['reason']}" for row in rows}


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (RawRecord("notes", "x\ud800", {"id": 1}), "half a character"),
        (note(1, when=object()), "“when” holds a value that is neither text"),
        (RawRecord("notes", "x", {}, datetime(2026, 1, 1)), "no zone"),  # noqa: DTZ001 - that is the fault
        (RawRecord("notes", "x", {}, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))), "calendar"),
    ],
    ids=["half a character", "no JSON", "no zone", "no such day"],
)
async def test_a_record_that_cannot_be_kept_is_in_quarantine_and_the_others_go_on(
    desk: Desk, bad: RawRecord, told: str
) -> None:
    assert await desk.take(note(2), bad, note(3)) == ["accepted", "rejected", "accepted"]
    [reason] = (await reasons(desk)).values()
    assert told in reason
    assert "orrect it" in reason
    # Polled again it is known, not one more item.
    await desk.take(note(2), bad)
    assert len(await reasons(desk)) == 1


@pytest.mark.parametrize("also_its_name", [False, True])
async def test_a_record_that_the_database_refuses_is_in_quarantine_and_the_others_go_on(
    desk: Desk, also_its_name: bool
) -> None:
    refused = "external_id = '7'" if also_its_name else "external_id = '7' AND part IS NOT NULL"
    await desk.door.pool.execute(
        f"ALTER TABLE intake.raw_head ADD CONSTRAINT of_a_test CHECK (NOT ({refused}))"
    )
    verdicts = await desk.take(*(note(number) for number in range(20)))
    assert Counter(verdicts) == {"accepted": 19, "rejected": 1}
    assert verdicts[7] == "rejected"
    [(name, reason)] = (await reasons(desk)).items()
    assert name == "7"
    assert reason.startswith("unkeepable_value: the record “7” of “notes”")
    assert len(await desk.door.log()) == 19


async def test_a_mapping_that_breaks_on_one_record_stops_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = translate_raw

    def breaking(record: RawRecord, *more: Any) -> Any:
        if record.external_id == "2":
            raise OverflowError("date value out of range")
        return real(record, *more)

    monkeypatch.setattr(judge_raw_records, "translate_raw", breaking)
    await desk.map(ORDERS)
    assert await desk.take(order(1, [1]), order(2, [2])) == ["accepted", "rejected"]
    assert "date value" not in (await reasons(desk))["2"]
    monkeypatch.undo()
    assert await desk.take(order(2, [2], at=2)) == ["accepted"]
    assert await reasons(desk) == {}


async def test_a_state_whose_number_the_log_knows_otherwise_is_not_dropped(desk: Desk) -> None:
    await desk.map(ORDERS)
    assert await desk.take(order(1, [1])) == ["accepted"]

    async def forget() -> None:
        await desk.door.pool.execute("DELETE FROM intake.raw_head")

    await forget()
    assert await desk.take(order(1, [1, 2])) == ["accepted"]
    raws = [event for event in await desk.door.log() if event.type == "raw.received"]
    assert len(raws) == 2
    position = "SELECT count(*) FROM intake.raw_head WHERE part IS NOT NULL"
    assert await desk.door.pool.fetchval(position) == 1
    # In the very same second there is no other number: then a person is asked, and nothing is lost.
    await forget()
    assert await desk.take(order(1, [1, 2, 3])) == ["rejected"]
    assert (await reasons(desk))["1"].startswith("event_id_conflict")


@given(st.lists(st.integers(0, 3) | st.integers(0, 5_000), max_size=3_000))
def test_portions_are_short_hold_everything_and_change_no_record_too_often(names: list[int]) -> None:
    ends = find_ends(names)
    portions = [names[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    assert [name for one in portions for name in one] == names
    assert all(len(one) <= MOST_RECORDS for one in portions)
    assert all(max(Counter(one).values(), default=0) <= MOST_STATES for one in portions)


async def test_what_a_whole_reading_did_not_meet_goes_in_portions_and_a_killed_one_is_finished(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_raw_records, "MOST_AT_ONCE", 2)
    clock = place.door.world.back_end.clock
    await place.reader(pages(Batch([thing(number) for number in range(9)])), full=True).read_once()
    clock.advance(timedelta(minutes=1))
    portions: list[Any] = []
    real = RawTransaction.end_portion

    async def killed(self: RawTransaction, ended: EndedReading, *more: Any) -> Any:
        if len(portions) == 2:
            raise KeyboardInterrupt
        portions.append(await real(self, ended, *more))
        return portions[-1]

    monkeypatch.setattr(RawTransaction, "end_portion", killed)
    with pytest.raises(KeyboardInterrupt):
        await place.reader(pages(Batch([thing(8)])), full=True).read_once()
    assert len(await place.there()) == 5
    monkeypatch.setattr(RawTransaction, "end_portion", real)

    async def away(cursor: Any) -> Any:
        raise ConnectionError("the source is away")
        yield Batch([])

    with pytest.raises(ConnectionError):
        await place.reader(away).read_once()
    assert await place.there() == ["8"]
    assert await there(place) == 1


async def test_only_who_holds_the_source_removes_what_vanished(place: Place) -> None:
    await place.reader(pages(Batch([thing(1)]))).read_once()
    await place.door.pool.execute("UPDATE intake.stream SET ending_since = now() + '1 day'")
    reader: StreamReader = place.reader(pages(), owner="somebody else")
    with pytest.raises(commit_raw_records.SourceTakenOverError):
        await reader.read_once()
    assert await place.there() == ["1"]


async def there(place: Place) -> int:
    return int(await place.door.pool.fetchval("SELECT sum(there)::bigint FROM intake.stream"))


async def test_how_many_records_are_there_is_kept_with_every_change(desk: Desk) -> None:
    later = datetime(2026, 1, 2, tzinfo=UTC)
    gone = RawRecord("notes", "1", None, later)
    steps = [(note(1),), (note(1, a=1), note(2), note(2, a=2)), (gone,), (gone, note(3)), (note(1, a=3),)]
    for records in steps:
        await desk.take(*records)
        kept = await desk.door.pool.fetchval("SELECT there FROM intake.stream WHERE stream = 'notes'")
        assert kept == await desk.door.pool.fetchval("SELECT count(*) FROM intake.raw_head WHERE NOT deleted")
    client = await desk.door.world.as_role("data_steward")
    [told] = (await client.get("/api/v1/sources/shop/streams")).json()["streams"]
    assert (told["stream"], told["records"], told["waiting_for_mapping"]) == ("notes", kept, kept)


def test_a_record_that_can_be_kept_stays_the_very_same() -> None:
    plain = note(2**70, text="ü", deep={"a": [1.5, None, True]})
    assert storable(plain) is plain
    assert storable(note(1, text="a\0\ud800")).body == {"id": 1, "text": "a?"}
