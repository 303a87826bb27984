"""The laws: every view equals a rebuild, and neither order nor repetition of events matters."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regard.events.envelope import Event
from tests.laws.back_end import BackEnd
from tests.laws.companies import histories, person

_LAW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@_LAW
@given(history=histories(), batch=st.integers(1, 6))
async def test_a_rebuild_gives_the_same_bytes_per_customer_as_going_along(
    back_end: BackEnd, history: list[Event], batch: int
) -> None:
    await back_end.begin_again()
    await back_end.deliver(history, batch=batch)
    going_along, scores = await back_end.digests(), await back_end.scorecard()
    await back_end.rebuild()
    assert await back_end.digests() == going_along
    assert await back_end.scorecard() == scores


@_LAW
@given(history=histories(), random=st.randoms(use_true_random=False), batch=st.integers(1, 6))
async def test_any_order_and_any_repetition_gives_the_same_bytes_per_customer(
    back_end: BackEnd, history: list[Event], random: Random, batch: int
) -> None:
    await back_end.begin_again()
    await back_end.deliver(history)
    in_order, scores = await back_end.digests(), await back_end.scorecard()

    shuffled = history + random.sample(history, len(history) // 2)
    random.shuffle(shuffled)
    await back_end.begin_again()
    await back_end.deliver(shuffled, batch=batch)
    assert await back_end.digests() == in_order
    assert await back_end.scorecard() == scores


async def test_the_digest_notices_a_single_changed_value(back_end: BackEnd) -> None:
    await back_end.deliver([person("crm", 1, 1, "1", given_name="Anne", family_name="Nowak")])
    before = await back_end.digests()
    await back_end.deliver([person("crm", 2, 2, "1", given_name="Anna", family_name="Nowak")])
    after = await back_end.digests()
    assert before.keys() == after.keys()
    assert before != after
