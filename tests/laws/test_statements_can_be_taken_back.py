"""Law: taking statements back leaves customers as if they had never been made, whatever came meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.db.pool import Connection
from regard.events.envelope import Event
from regard.intake.withdraw_statements import Place, StatementWithdrawer
from tests.laws.back_end import BackEnd
from tests.laws.companies import histories, person

_LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


class Mistakes:
    """A ledger in memory: the statements of one source with these event ids."""

    def __init__(self, source: str, event_ids: set[str]) -> None:
        self.source = source
        self._ids = event_ids
        self._settled: set[Place] = set()

    async def left(self, connection: Connection, limit: int) -> list[Place]:
        rows = await connection.fetch(
            "SELECT part, seq FROM eventlog.event WHERE source = $1 AND event_id = ANY ($2) ORDER BY 1, 2",
            self.source, list(self._ids),
        )  # fmt: skip
        return [one for row in rows if (one := (row["part"], row["seq"])) not in self._settled][:limit]

    async def release(self, connection: Connection, places: Sequence[Place]) -> list[Place]:
        return []

    async def settle(self, connection: Connection, places: Sequence[Place], released: int) -> None:
        self._settled.update(places)


async def take_back(back_end: BackEnd, events: Sequence[Event], at_once: int) -> None:
    for source in sorted({event.source for event in events}):
        ids = {event.event_id or "" for event in events if event.source == source}
        withdrawer = StatementWithdrawer(back_end.pool, back_end.keyring, back_end.clock, at_once)
        await withdrawer.withdraw(source, Mistakes(source, ids), "a mistake")


@_LAW
@given(
    history=histories(),
    data=st.data(),
    batch=st.integers(1, 6),
    at_once=st.integers(1, 4),
)
async def test_what_was_taken_back_was_never_said(
    back_end: BackEnd, history: list[Event], data: st.DataObject, batch: int, at_once: int
) -> None:
    chosen = data.draw(st.sets(st.sampled_from(range(len(history)))))
    mistaken = [history[at] for at in sorted(chosen)]
    sound = [event for at, event in enumerate(history) if at not in chosen]
    await back_end.begin_again()
    await back_end.deliver(sound, batch=batch)
    without, scores = await back_end.digests(), await back_end.scorecard()

    # Taken back at any moment after the last of them, projected or not; the rest comes later.
    moment = data.draw(st.integers(max(chosen, default=-1) + 1, len(history)))
    await back_end.begin_again()
    if data.draw(st.booleans()):
        await back_end.deliver(history[:moment], batch=batch)
    else:
        await back_end.append(history[:moment])
    await take_back(back_end, mistaken, at_once)
    if data.draw(st.booleans()):
        await back_end.projector.catch_up()
    await back_end.deliver(history[moment:], batch=batch)
    await back_end.projector.catch_up()
    assert await back_end.digests() == without
    assert await back_end.scorecard() == scores
    await back_end.rebuild()
    assert await back_end.digests() == without
    assert await back_end.scorecard() == scores


async def members(back_end: BackEnd) -> set[UUID]:
    rows = await back_end.pool.fetch("SELECT record_id FROM identity.membership")
    return {row["record_id"] for row in rows}


async def test_a_record_of_which_nothing_is_left_is_nobody(back_end: BackEnd) -> None:
    told = person("crm", 1, 1, "1", given_name="Anne", family_name="Nowak", email="anne@example.com")
    await back_end.deliver([told])
    assert len(await members(back_end)) == 1
    await take_back(back_end, [told], 1)
    await back_end.projector.catch_up()
    assert await members(back_end) == set()
    assert await back_end.digests() == {}
    kept = await back_end.pool.fetchval("SELECT count(*) FROM eventlog.event WHERE type = 'record.upserted'")
    assert kept == 1


async def test_it_may_be_said_again(back_end: BackEnd) -> None:
    told = person("crm", 1, 1, "1", given_name="Anne", family_name="Nowak")
    again = person("crm", 2, 1, "1", given_name="Anne", family_name="Nowak")
    await back_end.deliver([told])
    await take_back(back_end, [told], 1)
    await back_end.deliver([again])
    assert len(await members(back_end)) == 1
