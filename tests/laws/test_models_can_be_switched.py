"""Other weights decide anew on everybody, in the open; the old ones restore every customer, ids included."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import suppress
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.eventlog.read_events import LeaseLostError
from regard.events.envelope import Event, RecordKey
from regard.events.model_events import ModelChosen
from regard.identity.keep_models import ModelShelf, Origin, shipped_model
from regard.identity.match_model import MatchModel, default_model
from regard.identity.write_model import digest_of
from regard.pipeline.compare_models import ShadowResolver
from regard.pipeline.read_parties import read_judged, read_memberships, read_parties
from regard.pipeline.resolve_identity import Resolver
from tests.laws.back_end import BackEnd
from tests.laws.companies import event, histories, person
from tests.laws.test_judgements_can_be_taken_back import judged

_LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
_numbers = count(1)


def with_prior(bits: float) -> MatchModel:
    """The shipped weights with another readiness to join."""
    model = default_model()
    return dataclasses.replace(
        model,
        version=f"prior{bits}",
        person=dataclasses.replace(model.person, prior=bits),
        organisation=dataclasses.replace(model.organisation, prior=bits),
    )


NOBODY, ANYBODY = with_prior(-60.0), with_prior(-2.0)


async def kept(back_end: BackEnd, model: MatchModel) -> MatchModel:
    async with back_end.pool.acquire() as connection:
        origin = Origin("imported", back_end.clock.now(), "steward")
        return await ModelShelf(back_end.keyring).keep(connection, model, origin)


async def choose(back_end: BackEnd, model: MatchModel, digest: str | None = None) -> None:
    await back_end.deliver([choice(await kept(back_end, model), digest)])


def choice(model: MatchModel, digest: str | None = None) -> Event:
    number = next(_numbers)
    body = ModelChosen(model.version, digest or digest_of(model), "steward", "")
    return event("regard", 1_000 + number, 30_000 + number, RecordKey("regard", "models", "chosen"), body)


async def state(back_end: BackEnd) -> dict[str, object]:
    async with back_end.pool.acquire() as connection:
        return dict(await connection.fetchrow("SELECT * FROM identity.model_state"))


@_LAW
@given(history=histories(), others=st.lists(st.sampled_from([NOBODY, ANYBODY]), min_size=1, max_size=3))
async def test_switching_back_restores_every_customer_byte_for_byte(
    back_end: BackEnd, history: list[Event], others: list[MatchModel]
) -> None:
    await back_end.begin_again()
    await back_end.deliver(history)
    before = await back_end.digests()
    for other in others:
        await choose(back_end, other)
    await choose(back_end, default_model())
    assert await back_end.digests() == before


@_LAW
@given(history=histories(), at=st.integers(0, 200), model=st.sampled_from([NOBODY, ANYBODY]))
async def test_when_weights_are_chosen_does_not_matter_and_a_rebuild_ends_in_the_same_state(
    back_end: BackEnd, history: list[Event], at: int, model: MatchModel
) -> None:
    await back_end.begin_again()
    await choose(back_end, model)
    await back_end.deliver(history)
    first = await back_end.digests()

    await back_end.begin_again()
    at %= len(history) + 1
    named = await kept(back_end, model)
    await back_end.deliver([*history[:at], choice(named), *history[at:]], batch=7)
    assert await back_end.digests() == first

    await back_end.rebuild()
    assert await back_end.digests() == first
    assert (await state(back_end))["version"] == named.version


SAME = {"full_name": "Anne Kowalczyk", "email": "anne@example.com", "birth_date": "1980-02-03"}
TWICE = [person("crm", 1, 1, "1", **SAME), person("shop", 1, 2, "9", **{**SAME, "email": "anne@example.org"})]


async def test_a_switch_is_told_as_changes_of_customers_caused_by_the_model(back_end: BackEnd) -> None:
    await back_end.deliver(TWICE)
    await choose(back_end, NOBODY)
    await choose(back_end, default_model())
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT DISTINCT ON (change_id) kind, cause, model FROM identity.customer_change"
            " WHERE cause = 'model' ORDER BY change_id"
        )
    named = [await kept(back_end, model) for model in (NOBODY, default_model())]
    assert {(row["kind"], row["model"]) for row in rows} == {
        ("split", named[0].version),
        ("merged", named[1].version),
    }
    assert len(rows) == 2
    told = await state(back_end)
    assert (told["version"], told["stage"], told["records"], told["customers"]) == (
        named[1].version,
        "done",
        2,
        2,
    )


async def test_a_rebuild_tells_no_switch_a_second_time(back_end: BackEnd) -> None:
    await back_end.deliver(TWICE)
    back_end.clock.advance(timedelta(seconds=1))
    await choose(back_end, NOBODY)
    async with back_end.pool.acquire() as connection:
        before = await connection.fetchval("SELECT count(*) FROM identity.customer_change")
    await back_end.rebuild()
    async with back_end.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM identity.customer_change") == before


async def test_a_worker_that_ended_between_choice_and_decision_goes_on_where_it_was(
    back_end: BackEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_end.deliver(TWICE)
    before = await back_end.digests()

    async def lost(*_: object) -> None:
        raise LeaseLostError("ended")

    named = await kept(back_end, NOBODY)
    await back_end.append([choice(named)])
    with monkeypatch.context() as broken:
        broken.setattr(Resolver, "load", lost)
        with pytest.raises(LeaseLostError):
            await back_end.projector.catch_up()
    assert await back_end.digests() == before
    async with back_end.pool.acquire() as connection:
        await connection.execute("UPDATE eventlog.lease SET expires_at = '-infinity'")
    await back_end.new_projector().catch_up()
    assert len(await back_end.digests()) == 2


@pytest.mark.parametrize("wrong", ["version", "digest"])
async def test_a_choice_of_weights_that_are_not_kept_is_parked_and_nothing_changes(
    back_end: BackEnd, wrong: str
) -> None:
    await back_end.deliver(TWICE)
    before = await back_end.digests()
    if wrong == "digest":
        await choose(back_end, NOBODY, "0" * 64)
    else:
        await back_end.deliver([choice(dataclasses.replace(NOBODY, version="elsewhere-000000000000"))])
    assert await back_end.digests() == before
    async with back_end.pool.acquire() as connection:
        assert await connection.fetchval("SELECT reason FROM pipeline.parked_event") == "ModelUnknownError"


async def test_the_latest_choice_counts_whatever_the_order_of_arrival(back_end: BackEnd) -> None:
    await back_end.deliver(TWICE)
    early, late = choice(await kept(back_end, default_model())), choice(await kept(back_end, NOBODY))
    await back_end.deliver([late])
    await back_end.deliver([early])
    assert len(await back_end.digests()) == 2


@_LAW
@given(history=histories(), model=st.sampled_from([NOBODY, ANYBODY]), judge=st.booleans())
async def test_what_a_comparison_says_is_what_a_switch_does(
    back_end: BackEnd, history: list[Event], model: MatchModel, judge: bool
) -> None:
    await back_end.begin_again()
    await back_end.deliver(history)
    if judge:
        customers = sorted(await back_end.digests())
        await back_end.deliver([judged("same", [customers[0]], [customers[-1]])])
    before = await memberships(back_end)
    named = await kept(back_end, model)
    async with back_end.pool.acquire() as connection, connection.transaction():
        shadow = ShadowResolver(named)
        async for record in read_parties(connection):
            shadow.add(record)
        found = shadow.compare(await read_judged(connection), before, lambda *_: None)
    told = dict(before)
    for one in found.differences:
        told.update(zip(one.records, one.went_to, strict=True))
        assert [before[record] for record in one.records] == list(one.came_from)
    await choose(back_end, model)
    assert await memberships(back_end) == told


async def memberships(back_end: BackEnd) -> dict[UUID, UUID]:
    async with back_end.pool.acquire() as connection, connection.transaction():
        return await read_memberships(connection)


async def test_a_choice_is_followed_though_its_worker_was_ended_right_after_reading_it(
    back_end: BackEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    await back_end.deliver([person("crm", 1, 1, "1", full_name="Anne Kowalczyk")])
    model = await kept(back_end, NOBODY)
    await back_end.append([choice(model)])

    async def end(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as ending, suppress(asyncio.CancelledError):
        ending.setattr(ModelShelf, "chosen", end)
        await back_end.projector.catch_up()
    await back_end.projector.catch_up()
    assert (await state(back_end))["version"] == model.version


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM identity.model WHERE how = 'imported'",
        "UPDATE identity.model SET body = '\\x00' WHERE how = 'imported'",
        "DELETE FROM eventlog.subject_key",
    ],
)
async def test_chosen_weights_that_cannot_be_read_stop_nothing(back_end: BackEnd, spoil: str) -> None:
    await back_end.deliver([person("crm", 1, 1, "1", full_name="Anne Kowalczyk")])
    await choose(back_end, NOBODY)
    async with back_end.pool.acquire() as connection:
        await connection.execute(spoil)
    back_end.keyring.forget()
    started = back_end.new_projector()
    await back_end.append([person("shop", 2, 2, "9", full_name="Jan Nowak")])
    await started.catch_up()
    assert len(await back_end.digests()) == 2
    assert (await state(back_end))["version"] == shipped_model().version
    model = await kept(back_end, NOBODY)
    await back_end.new_projector().catch_up()
    assert (await state(back_end))["version"] == model.version
