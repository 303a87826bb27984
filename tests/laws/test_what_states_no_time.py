"""Law: what states no time stands at that of its order or ticket, whatever came first and was taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated, PartyReference
from tests.laws.back_end import BackEnd
from tests.laws.companies import event, histories, person
from tests.laws.test_statements_can_be_taken_back import take_back

_LAW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
Times = dict[tuple[str, str, str], tuple[datetime, bool]]


def expected_times(history: Sequence[Event]) -> Times:
    """(source, stream, id) -> when it stands in the timeline, and whether nothing says when it happened."""
    newest: dict[tuple[str, str, str], tuple[Event, InteractionStated]] = {}
    for one in sorted(history, key=lambda one: one.version):
        if isinstance(one.body, InteractionStated):
            newest[one.source, one.body.stream, one.body.external_id] = one, one.body
    found: Times = {}
    for (source, stream, number), (one, body) in newest.items():
        parent = next((f"{kind}s", body.fields[kind]) for kind in body.fields) if body.fields else None
        above = newest.get((source, *parent)) if parent else None
        of_parent = above[0].occurred_at if above and above[1].dated_by != "arrival" else None
        if body.dated_by is UNSET or of_parent is None:
            found[source, stream, number] = one.occurred_at, body.dated_by == "arrival" and of_parent is None
        else:
            found[source, stream, number] = of_parent, False
    return found


async def times(back_end: BackEnd) -> Times:
    rows = await back_end.pool.fetch(
        "SELECT source, stream, external_id, occurred_at, undated FROM timeline.entry WHERE version <> ''"
    )
    return {
        (row["source"], row["stream"], row["external_id"]): (row["occurred_at"], row["undated"])
        for row in rows
    }


@_LAW
@given(history=histories(), data=st.data(), random=st.randoms(use_true_random=False), batch=st.integers(1, 6))
async def test_what_states_no_time_stands_at_that_of_its_order_or_ticket(
    back_end: BackEnd, history: list[Event], data: st.DataObject, random: Random, batch: int
) -> None:
    mistaken = data.draw(st.sets(st.sampled_from(range(len(history)))))
    shuffled = list(history)
    random.shuffle(shuffled)
    await back_end.begin_again()
    await back_end.deliver(shuffled, batch=batch)
    assert await times(back_end) == expected_times(history)
    await take_back(back_end, [history[at] for at in sorted(mistaken)], 3)
    await back_end.projector.catch_up()
    left = [one for at, one in enumerate(history) if at not in mistaken]
    assert await times(back_end) == expected_times(left)


async def test_an_order_that_turns_out_to_be_a_payment_gives_its_lines_no_time(back_end: BackEnd) -> None:
    anne = person("shop", 1, 1, "1", given_name="Anne", family_name="Nowak")
    line = InteractionStated("lines", "1", "order_line", fields={"order": "1"}, dated_by="arrival")
    order = InteractionStated("orders", "1", "order", PartyReference("people", "1"))
    payment = InteractionStated("orders", "1", "payment", PartyReference("people", "1"))
    history = [
        anne,
        event("shop", 2, 50, anne.subject, line),
        event("shop", 3, 3, anne.subject, order),
    ]
    await back_end.deliver(history, batch=1)
    assert (await times(back_end))["shop", "lines", "1"] == (history[2].occurred_at, False)
    await back_end.deliver([event("shop", 4, 4, anne.subject, payment)])
    assert (await times(back_end))["shop", "lines", "1"] == (history[1].occurred_at, True)
    going_along = await back_end.digests()
    await back_end.rebuild()
    assert await back_end.digests() == going_along


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0)])
async def test_an_order_that_only_borrows_its_time_lends_none(
    back_end: BackEnd, order: tuple[int, ...]
) -> None:
    anne = person("shop", 1, 1, "1", given_name="Anne", family_name="Nowak")
    stated = [
        InteractionStated("lines", "1", "order_line", fields={"order": "1"}, dated_by="arrival"),
        InteractionStated("orders", "1", "order", fields={"ticket": "1"}, dated_by="arrival"),
        InteractionStated("tickets", "1", "ticket", PartyReference("people", "1")),
    ]
    history = [event("shop", 10 + at, 10 + at, anne.subject, body) for at, body in enumerate(stated)]
    await back_end.deliver([anne, *(history[at] for at in order)], batch=1)
    assert await times(back_end) == expected_times(history)
