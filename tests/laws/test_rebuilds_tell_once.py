"""A rebuild, broken off or not, tells nobody anything twice and swallows nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.events.envelope import Event
from regard.identity.match_model import default_model
from regard.kit.clock import SetClock
from regard.pipeline import run_projector
from regard.pipeline.rebuild_projections import rebuild_projections
from regard.pipeline.resolve_identity import Resolver
from regard.pipeline.run_projector import Projector
from tests.laws.back_end import BackEnd
from tests.laws.companies import histories, person
from tests.laws.test_customer_changes_tell_what_happened import begin_again, members, replayed, told

_LAW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
_SECOND = timedelta(seconds=1)


class _EndingClock(SetClock):
    """Its program is ended when it has asked so often what time it is. Time passes with every question."""

    def __init__(self, at: datetime, questions: int) -> None:
        super().__init__(at)
        self._left = questions

    def now(self) -> datetime:
        if not self._left:
            raise asyncio.CancelledError
        self._left -= 1
        self.advance(_SECOND)
        return super().now()


def _worker(back_end: BackEnd, batch: int, questions: int = -1) -> Projector:
    """A worker of few events at once, whose time goes on from where the last one was."""
    back_end.clock.advance(timedelta(hours=1))
    clock = _EndingClock(back_end.clock.now(), questions)
    return Projector(back_end.pool, back_end.keyring, clock, Resolver(default_model()), batch=batch)


async def _release(back_end: BackEnd) -> None:
    """The lease of a worker that is no more runs out."""
    async with back_end.pool.acquire() as connection:
        await connection.execute("UPDATE eventlog.lease SET expires_at = now() - interval '1 second'")


async def _go_on(back_end: BackEnd, worker: Projector, *, anew: bool) -> None:
    await (rebuild_projections(back_end.pool, worker) if anew else worker.catch_up())


@_LAW
@given(history=histories(), known=st.integers(0, 12), breaks=st.lists(st.integers(1, 9), max_size=3))
async def test_what_a_rebuild_applies_first_is_told_and_the_rest_is_not_told_again(
    back_end: BackEnd, history: list[Event], known: int, breaks: list[int]
) -> None:
    await begin_again(back_end)
    await back_end.append(history[:known])
    await _worker(back_end, 16).catch_up()
    before = await told(back_end)
    await back_end.append(history[known:])
    for at, questions in enumerate(breaks):
        broken = _worker(back_end, 16, questions)
        with suppress(asyncio.CancelledError):
            # Whether the next one begins anew or only goes on.
            await _go_on(back_end, broken, anew=at % 2 == 0)
        await _release(back_end)
    await _go_on(back_end, _worker(back_end, 16), anew=not breaks)
    account = await told(back_end)
    assert account[: len(before)] == before
    assert replayed(account) == await members(back_end)
    assert not {change["cause"] for change in account[len(before) :]} & {"rebuild", "model"}


async def test_an_event_that_was_parked_and_goes_in_now_is_told(
    back_end: BackEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = person("shop", 1, 2, "9", full_name="Jan Nowak", email="jan@example.org")

    async def fail(connection: Any, resolver: Any, events: list[Event], now: Any, **how: Any) -> int:
        if bad in events:
            raise ZeroDivisionError
        return await project(connection, resolver, events, now, **how)

    project = run_projector.project_events
    with monkeypatch.context() as broken:
        broken.setattr(run_projector, "project_events", fail)
        await back_end.deliver([person("crm", 1, 1, "1", full_name="Anne Kowalczyk"), bad])
    before = await told(back_end)
    assert bad.subject.record_id not in await members(back_end)
    back_end.clock.advance(_SECOND)
    await back_end.rebuild()
    account = await told(back_end)
    assert account[: len(before)] == before
    (new,) = account[len(before) :]
    assert (new["kind"], new["cause"], new["after"]) == ("created", "rebuild", [bad.subject.record_id])
    assert replayed(account) == await members(back_end)
