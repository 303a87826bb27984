"""Merging and then undoing leaves every customer exactly as before, ids included."""

from __future__ import annotations

from uuid import UUID

from hypothesis import HealthCheck, given, settings

from regard.events.envelope import Event, RecordKey
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn, Verdict
from regard.kit.ids import derived_id
from tests.laws.back_end import BackEnd
from tests.laws.companies import event, histories, person

_LAW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
JUDGEMENT = derived_id("a judgement of this test")
SUBJECT = RecordKey("regard", "judgements", str(JUDGEMENT))


def judged(verdict: Verdict, left: list[UUID], right: list[UUID]) -> Event:
    body = JudgementRecorded(JUDGEMENT, verdict, left, right, "steward", "they told us")
    return event("regard", 1, 20_000, SUBJECT, body)


def taken_back() -> Event:
    return event("regard", 2, 20_001, SUBJECT, JudgementWithdrawn(JUDGEMENT, "steward", "a mistake"))


async def _customers(back_end: BackEnd) -> dict[UUID, list[UUID]]:
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT customer_id, record_ids FROM profiles.profile ORDER BY customer_id"
        )
    return {row["customer_id"]: row["record_ids"] for row in rows}


@_LAW
@given(history=histories())
async def test_a_merge_that_is_undone_restores_every_customer_byte_for_byte(
    back_end: BackEnd, history: list[Event]
) -> None:
    await back_end.begin_again()
    await back_end.deliver(history)
    before = await back_end.digests()
    customers = list((await _customers(back_end)).values())
    left, right = customers[0], customers[-1]

    await back_end.deliver([judged("same", left, right)])
    assert len(set(await _owners(back_end, [*left, *right]))) == 1
    await back_end.deliver([taken_back()])
    assert await back_end.digests() == before


async def _owners(back_end: BackEnd, records: list[UUID]) -> list[UUID]:
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT customer_id FROM identity.membership WHERE record_id = ANY ($1::uuid[])", records
        )
    return [row["customer_id"] for row in rows]


async def test_history_follows_a_merge_and_its_undo_without_being_touched(back_end: BackEnd) -> None:
    anne = person("crm", 1, 1, "1", full_name="Anne Kowalczyk", email="anne@example.com")
    jan = person("shop", 1, 2, "9", full_name="Jan Nowak", email="jan@example.org")
    await back_end.deliver([anne, jan])
    one, other = anne.subject.record_id, jan.subject.record_id
    assert await _owners(back_end, [other]) == [other]

    await back_end.deliver([judged("same", [one], [other])])
    assert await _owners(back_end, [one, other]) == [one, one]
    await back_end.deliver([taken_back()])
    assert await _owners(back_end, [other]) == [other]


async def test_a_steward_can_part_what_the_rules_joined_and_put_it_together_again(back_end: BackEnd) -> None:
    fields = {"full_name": "Anne Kowalczyk", "email": "anne@example.com", "birth_date": "1980-02-03"}
    twice = [person("crm", 1, 1, "1", **fields), person("shop", 1, 2, "9", **fields)]
    await back_end.deliver(twice)
    before = await back_end.digests()
    one, other = (e.subject.record_id for e in twice)
    assert len(before) == 1

    await back_end.deliver([judged("different", [one], [other])])
    assert sorted(await _owners(back_end, [one, other])) == sorted([one, other])
    await back_end.deliver([taken_back()])
    assert await back_end.digests() == before


async def test_a_withdrawal_that_arrives_before_its_judgement_still_counts(back_end: BackEnd) -> None:
    people = [person("crm", 1, 1, "1", full_name="Anne"), person("shop", 1, 2, "9", full_name="Jan")]
    await back_end.deliver(people)
    before = await back_end.digests()
    await back_end.deliver([taken_back()])
    await back_end.deliver([judged("same", [people[0].subject.record_id], [people[1].subject.record_id])])
    assert await back_end.digests() == before
