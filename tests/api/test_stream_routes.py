"""The live stream of a browser."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import cast
from uuid import UUID

import asyncpg
import pytest

from regard.access.load_roles import shipped_roles
from regard.db.pool import Pool
from regard.live.change_hub import MOST_CHANGED, Change, ChangeHub
from regard.live.stream_changes import stream_changes
from regard.views.door import StreamFilter
from regard.views.plan_desktop import plan_desktop
from tests.api.world import QuickBell, World, id_of
from tests.patience import PATIENCE, until
from tests.views.customers import happened, record
from tests.views.test_compose_view import ANNE, NOON

JAN = record(
    "crm", "contacts", "C-18", NOON - timedelta(days=300), full_name="Jan Nowak", email="jan@example.org"
)


def changes(heard: str) -> list[dict[str, object]]:
    return [
        json.loads(line.removeprefix("data: "))
        for block in heard.split("\n\n")
        if "event: change" in block
        for line in block.splitlines()
        if line.startswith("data: ")
    ]


async def a_session(world: World) -> bytes:
    """A session that lives, of a support agent; watchers of others are dropped every two seconds."""
    await world.as_role("support_agent")
    (session,) = [row["token_hash"] for row in await world.fetch("SELECT token_hash FROM access.session")]
    return bytes(session)


async def test_a_browser_hears_of_the_customers_it_watches_and_of_no_others(world: World) -> None:
    await world.deliver(ANNE, JAN)
    await world.all_told()
    listener = await world.listen("support_agent", f"/stream?customer={id_of(ANNE)}")
    await world.deliver(happened(JAN, "ticket", "9", NOON, "open"))
    await world.deliver(happened(ANNE, "ticket", "8", NOON, "open"))
    view = await world.json("support_agent", f"/customers/{id_of(ANNE)}")
    heard = changes(await listener.until(f'"version":"{view["version"]}"'))
    await listener.close()
    change = heard[-1]
    assert {one["customer"] for one in heard} == {str(id_of(ANNE))}
    assert change["version"] == view["version"]
    assert {"tickets", "timeline", "vitals"} <= set(change["cards"])  # type: ignore[call-overload]
    assert "profile" not in change["cards"]  # type: ignore[operator]


async def test_a_returning_browser_is_told_what_it_missed_once(world: World) -> None:
    await world.deliver(ANNE, JAN)
    await world.all_told()
    listener = await world.listen("support_agent", f"/stream?customer={id_of(ANNE)}")
    await listener.close()
    last = (await world.fetch("SELECT position FROM pipeline.feed_head"))[0]["position"]
    for number in range(3):
        await world.deliver(happened(ANNE, "ticket", f"t{number}", NOON, "open"))
    back = await world.listen(
        "support_agent", f"/stream?customer={id_of(ANNE)}", {"last-event-id": str(last)}
    )
    heard = await back.until("event: change")
    await back.close()
    assert len(changes(heard)) == 1
    assert f"id: {last + 3}" in heard


async def test_a_stream_closes_soon_after_sign_out_and_change_of_role(world: World) -> None:
    for leave in ("sign out", "change role"):
        world.signed_in.pop("support_agent", None)
        client = await world.as_role("support_agent")
        listener = await world.listen("support_agent", "/stream")
        if leave == "sign out":
            await client.delete("/api/v1/session")
        else:
            await client.put("/api/v1/session/role", json={"role": "marketer"})
        await asyncio.wait_for(listener.finished.wait(), PATIENCE)
        assert "event: end" in listener.body.decode()


async def test_a_stream_closes_within_seconds_when_another_process_ends_the_session(world: World) -> None:
    listener = await world.listen("support_agent", "/stream")
    await world.execute("DELETE FROM access.session")
    await asyncio.wait_for(listener.finished.wait(), PATIENCE)


async def test_streams_end_when_the_program_stops_and_are_counted_while_open(world: World) -> None:
    listener = await world.listen("support_agent", "/stream")
    assert world.services.hub.open_streams == 1
    world.services.hub.end_all()
    await asyncio.wait_for(listener.finished.wait(), PATIENCE)
    assert world.services.hub.open_streams == 0


async def test_a_browser_that_does_not_fetch_keeps_one_slot_per_customer(world: World) -> None:
    await world.deliver(ANNE)
    watcher = await world.services.hub.watch(await a_session(world), "support_agent", [id_of(ANNE)], None)
    for number in range(5):
        await world.deliver(happened(ANNE, "ticket", f"t{number}", NOON, "open"))
    last = (await world.fetch("SELECT position FROM pipeline.feed_head"))[0]["position"]
    await world.all_told()
    (change,) = await watcher.take(1)
    assert change.position == last
    assert "timeline" in change.kinds


class SilentPool:
    """A database that refuses to say what was missed."""

    async def fetchval(self, *_: object) -> int:
        return 0

    async def fetch(self, *_: object) -> list[asyncpg.Record]:
        raise asyncpg.InterfaceError("the connection is closed")


async def test_a_browser_whose_past_cannot_be_read_is_not_kept(world: World) -> None:
    hub = ChangeHub(cast("Pool", SilentPool()), QuickBell(), world.services.sign_in)
    with pytest.raises(asyncpg.InterfaceError):
        await hub.watch(b"session", "support_agent", [id_of(ANNE)], 0)
    assert hub.open_streams == 0
    assert hub._by_customer == {}


async def test_a_stream_that_ended_or_never_began_is_forgotten(world: World) -> None:
    hub, session = world.services.hub, await a_session(world)
    listening, ended, stuck = [await hub.watch(session, "support_agent", None, None) for _ in range(3)]
    ended.end()
    stuck.began -= 1_000

    async def one_is_left() -> bool:
        return hub.open_streams == 1

    await until(one_is_left)
    assert hub._watchers == {listening}
    assert not listening.ended
    assert stuck.ended
    hub.leave(listening)


async def test_a_browser_that_lags_far_behind_is_told_to_ask_anew(world: World) -> None:
    watcher = await world.services.hub.watch(await a_session(world), "support_agent", None, None)
    for number in range(MOST_CHANGED + 5):
        watcher.offer(Change(number + 1, UUID(int=number), frozenset({"record"})))
    assert len(watcher._slot) < 5
    plan = plan_desktop(shipped_roles()["support_agent"])
    assert plan is not None
    allowed = StreamFilter(plan)
    stream = stream_changes(world.services.hub, watcher, allowed, {})
    assert (await anext(stream)).startswith(b"retry:")
    heard = (await anext(stream)).decode()
    world.services.hub.leave(watcher)
    assert heard.startswith(f"id: {MOST_CHANGED + 1}\nevent: missed\ndata: {{}}\n\nid: {MOST_CHANGED + 2}\n")
    assert len(changes(heard)) == 4
