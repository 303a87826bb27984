"""Law: a cleansing changes what it says, gives way to the source, and leaves nothing when taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.events.envelope import Event, RecordKey
from regard.events.record_events import RecordPatched
from regard.intake.cleanse_source import CleansingWorker, read_corrections
from regard.intake.keep_cleansings import (
    CleansingBusyError,
    NothingToCleanseError,
    list_cleansings,
    start_cleansing,
    undo_cleansing,
)
from regard.sources.manage_sources import Source, create_source
from tests.laws.back_end import BackEnd
from tests.laws.companies import event, person

_LAW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

_emails = st.lists(
    st.sampled_from(["anna@gmial.com", "mailto:jan@example.com", "anna@gmail.com", "ok@example.org"]),
    max_size=3, unique=True,
)  # fmt: skip
_phones = st.sampled_from([["49 30 901820"], ["030 901820"], ["+49 30 901820"], []])
_names = st.sampled_from(["Anna Nowak", "JosÃ© Smith", "Jan Kowalski"])


async def cleanse(back_end: BackEnd, source: str = "crm", flags: set[str] | None = None) -> UUID:
    async with back_end.pool.acquire() as connection:
        found, _ = await read_corrections(connection, source, "DE", None, None)
        chosen = flags or {one.flag for _, better in found for one in better} or {"email:fixed:nothing"}
        now = back_end.clock.now()
        run_id = await start_cleansing(connection, source, sorted(chosen), now, "steward")
    await work(back_end)
    return run_id


async def work(back_end: BackEnd) -> None:
    worker = CleansingWorker(back_end.pool, back_end.keyring, back_end.clock, "test")
    assert await worker.work_once()
    await back_end.projector.catch_up()


async def undo(back_end: BackEnd, run_id: UUID) -> None:
    async with back_end.pool.acquire() as connection:
        await undo_cleansing(connection, "crm", run_id)
    await work(back_end)


async def golden(back_end: BackEnd, field: str) -> dict[str, Any]:
    sql = "SELECT golden -> $1::text ->> 'value' AS value, golden -> $1::text ->> 'corrected_by' AS by"
    [row] = await back_end.pool.fetch(f"{sql} FROM profiles.profile", field)
    return dict(row)


@pytest.fixture(autouse=True)
async def source(back_end: BackEnd) -> None:
    async with back_end.pool.acquire() as connection:
        await create_source(connection, Source("crm", "CRM", "records_api", "DE"), back_end.clock.now())


@st.composite
def messes(draw: st.DrawFn) -> list[Event]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        external_id, minute = draw(st.sampled_from("12")), draw(st.integers(0, 50))
        emails, phones = draw(_emails), draw(_phones)
        if draw(st.booleans()):
            fields = {"full_name": draw(_names), "email": emails or None, "phone": phones or None}
            found.append(person("crm", number, minute, external_id, **fields))
        else:
            key = RecordKey("crm", "people", external_id)
            patch = RecordPatched("people", external_id, "person", {"email": emails, "city": " Berlin "})
            found.append(event("crm", number, minute, key, patch))
    return found


@_LAW
@given(before=messes(), after=messes())
async def test_a_cleansing_that_was_taken_back_leaves_no_trace(
    back_end: BackEnd, before: list[Event], after: list[Event]
) -> None:
    later = [
        Event(one.source, f"later-{one.event_id}", one.subject, one.occurred_at, one.stated_at,
              one.received_at, one.body)
        for one in after
    ]  # fmt: skip
    await back_end.begin_again()
    await back_end.deliver([*before, *later])
    without = await back_end.digests()

    await back_end.begin_again()
    await back_end.deliver(before)
    first = await cleanse(back_end)
    second = await cleanse(back_end)
    going_along, scores = await back_end.digests(), await back_end.scorecard()
    await back_end.rebuild()
    assert await back_end.digests() == going_along
    assert await back_end.scorecard() == scores
    await back_end.deliver(later)
    await undo(back_end, first)
    await undo(back_end, second)
    assert await back_end.digests() == without
    await back_end.rebuild()
    assert await back_end.digests() == without


async def test_values_are_corrected_with_a_word_on_it_and_the_scorecard_follows(back_end: BackEnd) -> None:
    await back_end.deliver([person("crm", 1, 1, "1", full_name="Anna Nowak", email=["anna@gmial.com"])])
    before = await back_end.digests()
    run_id = await cleanse(back_end)
    assert await golden(back_end, "email") == {"value": "anna@gmail.com", "by": run_id.hex}
    assert (await golden(back_end, "full_name"))["by"] is None
    assert "email:suspect:mail_typo" not in {flag for *_, flag in await back_end.scorecard()}
    async with back_end.pool.acquire() as connection:
        [run] = await list_cleansings(connection, "crm")
    assert (run["status"], run["records"], run["values"]) == ("done", 1, 1)
    await undo(back_end, run_id)
    assert await back_end.digests() == before


async def test_what_the_source_says_next_counts(back_end: BackEnd) -> None:
    await back_end.deliver([person("crm", 1, 1, "1", full_name="Anna Nowak", email=["anna@gmial.com"])])
    await cleanse(back_end)
    await back_end.deliver([person("crm", 2, 2, "1", full_name="Anna Nowak", email=["anna@gmial.com"])])
    assert await golden(back_end, "email") == {"value": "anna@gmial.com", "by": None}


async def test_other_values_of_the_field_stay(back_end: BackEnd) -> None:
    both = ["ok@example.org", "anna@gmial.com"]
    await back_end.deliver([person("crm", 1, 1, "1", full_name="Anna Nowak", email=both)])
    await cleanse(back_end)
    rows = await back_end.pool.fetch("SELECT value FROM identity.identifier WHERE type = 'email' ORDER BY 1")
    assert [row["value"] for row in rows] == ["anna@gmail.com", "ok@example.org"]


async def test_only_what_was_chosen_is_corrected(back_end: BackEnd) -> None:
    fields = {"full_name": "Anna Nowak", "email": ["anna@gmial.com"]}
    await back_end.deliver([person("crm", 1, 1, "1", **fields)])
    await cleanse(back_end, flags={"phone:fixed:number_repaired"})
    assert (await golden(back_end, "email"))["value"] == "anna@gmial.com"


async def test_two_at_once_are_refused_and_so_is_none_at_all(back_end: BackEnd) -> None:
    now = back_end.clock.now()
    async with back_end.pool.acquire() as connection:
        with pytest.raises(NothingToCleanseError):
            await start_cleansing(connection, "crm", [], now, "steward")
        await start_cleansing(connection, "crm", ["email:suspect:mail_typo"], now, "steward")
        with pytest.raises(CleansingBusyError):
            await start_cleansing(connection, "crm", ["email:suspect:mail_typo"], now, "steward")
