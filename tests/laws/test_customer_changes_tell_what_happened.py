"""What is told of customers is what happened to them: the account alone gives back who is who."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.events.envelope import Event
from tests.laws.back_end import BackEnd
from tests.laws.companies import histories, person
from tests.laws.test_judgements_can_be_taken_back import judged, taken_back

_LAW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
_SECOND = timedelta(seconds=1)
_SAME = {"full_name": "Anne Kowalczyk", "email": "anne@example.com", "birth_date": "1980-02-03"}


async def told(back_end: BackEnd) -> list[Any]:
    """Each change once, in the order it was written."""
    async with back_end.pool.acquire() as connection:
        return list(
            await connection.fetch(
                "SELECT DISTINCT ON (at, change_id) * FROM identity.customer_change ORDER BY at, change_id"
            )
        )


async def members(back_end: BackEnd) -> dict[UUID, UUID]:
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch("SELECT record_id, customer_id FROM identity.membership")
    return {row["record_id"]: row["customer_id"] for row in rows}


async def begin_again(back_end: BackEnd) -> None:
    await back_end.begin_again()
    async with back_end.pool.acquire() as connection:
        await connection.execute("TRUNCATE identity.customer_change, pipeline.change_feed")


def replayed(changes: list[Any]) -> dict[UUID, UUID]:
    """Who is who after these changes, from nothing but the account of them."""
    found: dict[UUID, UUID] = {}
    for change in changes:
        count = len(change["records"])
        came = change["came_from"] or [None] * count
        went = change["went_to"] or [change["after"][0]] * count
        for record, before, after in zip(change["records"], came, went, strict=True):
            assert found.get(record) == before
            found[record] = after
        assert set(change["before"]) | set(change["after"])
    return found


@_LAW
@given(history=histories(), batch=st.integers(1, 4))
async def test_the_account_of_all_changes_gives_back_who_is_who(
    back_end: BackEnd, history: list[Event], batch: int
) -> None:
    await begin_again(back_end)
    for start in range(0, len(history), batch):
        back_end.clock.advance(_SECOND)
        await back_end.deliver(history[start : start + batch])
    once = await told(back_end)
    assert replayed(once) == await members(back_end)
    await back_end.rebuild()
    assert await told(back_end) == once


async def test_a_merge_and_its_undo_are_told_with_the_judgement_that_caused_them(back_end: BackEnd) -> None:
    anne = person("crm", 1, 1, "1", full_name="Anne Kowalczyk", email="anne@example.com")
    jan = person("shop", 1, 2, "9", full_name="Jan Nowak", email="jan@example.org")
    await back_end.deliver([anne, jan])
    one, other = anne.subject.record_id, jan.subject.record_id
    before = await members(back_end)
    judgement = judged("same", [one], [other])
    for event in (judgement, taken_back()):
        back_end.clock.advance(_SECOND)
        await back_end.deliver([event])
    merged, split = (await told(back_end))[-2:]
    assert (merged["kind"], merged["before"], merged["after"]) == ("merged", sorted([one, other]), [one])
    assert (split["kind"], split["before"], split["after"]) == ("split", [one], sorted([one, other]))
    assert [merged["cause"], split["cause"]] == ["judgement", "judgement withdrawn"]
    assert merged["caused_by"] == split["caused_by"] == [UUID(judgement.subject.external_id)]
    assert await members(back_end) == before


async def test_records_that_change_who_is_who_are_named_as_the_cause(back_end: BackEnd) -> None:
    first, second = person("crm", 1, 1, "1", **_SAME), person("shop", 1, 2, "9", full_name="Jan Nowak")
    await back_end.deliver([first, second])
    back_end.clock.advance(_SECOND)
    await back_end.deliver([person("shop", 2, 3, "9", **_SAME)])
    merged = (await told(back_end))[-1]
    assert (merged["kind"], merged["cause"]) == ("merged", "records")
    assert merged["caused_by"] == [second.subject.record_id]
    assert merged["model"]


async def test_who_follows_the_feed_hears_what_kind_of_change_it_was(back_end: BackEnd) -> None:
    first, second = person("crm", 1, 1, "1", **_SAME), person("shop", 1, 2, "9", full_name="Jan Nowak")
    await back_end.deliver([first, second])
    await back_end.deliver([person("shop", 2, 3, "9", **_SAME)])
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT customer_id, kinds FROM pipeline.change_feed ORDER BY position DESC LIMIT 2"
        )
    assert {row["customer_id"] for row in rows} == {first.subject.record_id, second.subject.record_id}
    assert all({"identity", "merged"} <= set(row["kinds"]) for row in rows)


async def test_a_judgement_that_moves_nobody_still_reaches_open_screens(back_end: BackEnd) -> None:
    twice = [person("crm", 1, 1, "1", **_SAME), person("shop", 1, 2, "9", **_SAME)]
    await back_end.deliver(twice)
    version = "SELECT version FROM profiles.profile"
    async with back_end.pool.acquire() as connection:
        before = await connection.fetchval(version)
        await back_end.deliver([judged("same", *([e.subject.record_id] for e in twice))])
        assert await connection.fetchval(version) > before
