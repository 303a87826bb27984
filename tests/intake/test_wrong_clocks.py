"""A source whose clock is ten years ahead hides nothing of what it says once the clock is right again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from regard.events.interaction_events import InteractionDeleted
from tests.intake.raw_desk import ORDERS, Desk, order


async def test_what_a_source_says_after_its_clock_was_put_right_counts(desk: Desk) -> None:
    await desk.map(ORDERS)
    ahead = order(1, [1, 2], total="10.00", updated_at="2036-03-01T10:00:01Z")
    await desk.take(replace(ahead, updated_at=datetime(2036, 3, 1, 10, 0, 1, tzinfo=UTC)))
    desk.door.world.back_end.clock.advance(timedelta(minutes=5))
    now = desk.door.world.back_end.clock.now()
    right = order(1, [1], total="25.00", updated_at=now.isoformat())
    assert await desk.take(replace(right, updated_at=now)) == ["accepted"]
    assert len(await desk.bodies(InteractionDeleted)) == 1, "the line that was taken off is gone"
    await desk.door.world.back_end.projector.catch_up()
    row = await desk.door.pool.fetchrow(
        "SELECT amount_minor FROM timeline.entry WHERE stream = 'orders' AND external_id = '1'"
    )
    assert row["amount_minor"] == 2500


async def test_the_same_record_of_a_clock_ahead_is_known_when_it_comes_again(desk: Desk) -> None:
    await desk.map(ORDERS)
    ahead = replace(order(1, [1]), updated_at=datetime(2036, 3, 1, tzinfo=UTC))
    assert await desk.take(ahead) == ["accepted"]
    desk.door.world.back_end.clock.advance(timedelta(days=30))
    assert await desk.take(ahead) == ["duplicate"]
