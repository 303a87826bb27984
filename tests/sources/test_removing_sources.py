"""A source can be given another name, taken out as a whole, and brought back as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from regard.connectors.connector_contract import RawRecord
from regard.intake.remove_source import RemovalWorker
from regard.pipeline.rebuild_projections import digest_customers
from regard.sources.manage_sources import SourceRemovedError
from tests.intake.conftest import Door
from tests.intake.raw_desk import ORDERS, PARTIES, Desk, order
from tests.intake.raw_desk import Door as RawDoor
from tests.laws.back_end import BackEnd

BASE = "/api/v1/sources"
ANNA = {
    "stream": "contacts",
    "id": "1",
    "kind": "person",
    "fields": {"full_name": "Anna Nowak", "city": "Berlin"},
}
BOTH = {"full_name": "Anna Nowak", "email": "anna@example.com", "phone": "+49 30 901820"}


async def left_alone(source: str) -> Sequence[str]:
    return []


async def work(door: RawDoor, leave: Any = left_alone) -> None:
    back_end = door.world.back_end
    worker = RemovalWorker(back_end.pool, back_end.keyring, back_end.clock, "test", leave)
    assert await worker.work_once()
    await back_end.projector.catch_up()


async def told(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1{path}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def digests_without_marks(back_end: BackEnd) -> dict[UUID, str]:
    """All customers, but for what marks the ids of events that were said again."""
    mark = "'(![0-9a-f]{8})+', '', 'g'"
    async with back_end.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(
                f"""UPDATE records.source_record SET base_version = regexp_replace(base_version, {mark}),
                    patches = regexp_replace(patches::text, {mark})::jsonb;
                UPDATE timeline.entry SET version = regexp_replace(version, {mark});
                UPDATE consent.statement SET version = regexp_replace(version, {mark})"""
            )
            return await digest_customers(connection)
        finally:
            await transaction.rollback()


async def fill(desk: Desk) -> None:
    """Two parties that the shop's staff merged, one with an order; one of them known on the web site too."""
    await desk.map(ORDERS)
    await desk.map(PARTIES)
    await desk.take(
        RawRecord("parties", "1", {"id": 1, "name": "Anna Nowak", "email": "anna@example.com"}),
        RawRecord("parties", "2", {"id": 2, "name": "Annie N", "email": "an@example.org", "replaced_by": 1}),
        order(7, [1, 2]),
    )
    both = {"stream": "contacts", "id": "9", "kind": "person", "fields": BOTH}
    await desk.door.push("records", [ANNA, both])
    await desk.door.world.back_end.projector.catch_up()


async def test_a_source_is_given_another_name_and_keeps_its_ids(door: Door) -> None:
    client = await door.world.as_role("administrator")
    renamed = await client.patch(f"{BASE}/shop", json={"title": " Laden "})
    assert (renamed.status_code, renamed.json()["title"], renamed.json()["slug"]) == (200, "Laden", "shop")
    assert (await client.patch(f"{BASE}/shop", json={"country": "DE"})).json()["title"] == "Laden"
    assert (await client.patch(f"{BASE}/shop", json={"title": "Shop"})).json()["country"] == "DE"
    assert (await client.patch(f"{BASE}/shop", json={"title": "  "})).status_code == 422
    acts = await door.pool.fetch(
        "SELECT fields FROM access.audit_read WHERE action = 'source_changed' ORDER BY at"
    )
    assert acts[0]["fields"] == "source=shop;changed=title"


async def test_a_removed_source_is_as_if_it_had_never_spoken_and_comes_back_as_it_was(desk: Desk) -> None:
    door, back_end = desk.door, desk.door.world.back_end
    client = await door.world.as_role("administrator")
    web = {"stream": "users", "id": "w", "kind": "person", "fields": {"full_name": "Bea Marsh"}}
    await client.post(BASE, json={"slug": "crm", "title": "CRM", "connector": "records_api"})
    key = (await client.post(f"{BASE}/crm/keys")).json()["key"]
    await door.push("records", web, "crm", authorization=f"Bearer {key}")
    await back_end.projector.catch_up()
    without = await back_end.digests()
    await fill(desk)
    full, card = await back_end.digests(), await back_end.scorecard()

    looked = (await client.post(f"{BASE}/shop/removal/preview")).json()
    assert (looked["records"], looked["interactions"], looked["customers_changed"]) == (5, 3, 0)
    assert looked["customers_gone"] == len(full) - len(without)
    assert await back_end.digests() == full

    for _ in range(2):  # what came back can be removed again
        back_end.clock.advance(timedelta(seconds=1))
        started = await client.post(f"{BASE}/shop/removal", json={"reason": "The shop has closed."})
        assert (started.status_code, started.json()["status"]) == (202, "removing")
        assert (await client.post(f"{BASE}/shop/removal")).status_code == 404
        await work(door)
        done = await told(client, "/sources/shop/removal")
        assert done["reason"] == "The shop has closed."
        assert (done["status"], done["done"]) == ("removed", done["statements"])
        assert await back_end.digests() == without
        await back_end.rebuild()
        assert await back_end.digests() == without

        assert (await client.post(f"{BASE}/shop/removal/undo")).json()["status"] == "restoring"
        await work(door)
        back = await told(client, "/sources/shop/removal")
        assert (back["status"], "credentials" in back["notes"][0]) == ("restored", True)
        restored = await back_end.digests()
        assert await digests_without_marks(back_end) == full
        assert await back_end.scorecard() == card
        await back_end.rebuild()
        assert await back_end.digests() == restored
    assert await desk.take(order(7, [1, 2])) == ["duplicate"]
    acts = await door.pool.fetch("SELECT action FROM access.audit_read WHERE fields = 'source=shop'")
    assert {row["action"] for row in acts} == {"source_removed", "source_restored"}


async def test_a_removed_source_takes_nothing_and_its_name_is_explained(desk: Desk) -> None:
    door = desk.door
    client = await door.world.as_role("administrator")
    await fill(desk)
    await client.post(f"{BASE}/shop/removal")
    assert (await door.push("records", ANNA)).status_code in (401, 403)
    with pytest.raises(SourceRemovedError):
        await desk.take(order(8, [1]))
    listed = (await client.get(BASE)).json()["sources"]
    assert [one["slug"] for one in listed] == ["web"]
    health = (await client.get("/api/v1/source-health")).json()["sources"]
    assert [one["source"] for one in health] == ["web"]
    removed = (await client.get("/api/v1/removed-sources")).json()["sources"]
    assert [(one["source"], one["title"], one["status"]) for one in removed] == [("shop", "Shop", "removing")]
    taken = await client.post(BASE, json={"slug": "shop", "title": "Shop", "connector": "file"})
    assert (taken.status_code, "Bring it back" in taken.json()["detail"]) == (409, True)
    assert "was removed on" in (await client.get(f"{BASE}/shop/connection")).json()["detail"]
    early = await client.post(f"{BASE}/shop/removal/undo")
    assert (early.status_code, early.json()["code"]) == (409, "source_busy")


async def test_only_who_may_set_up_sources_removes_them(door: Door) -> None:
    agent = await door.world.as_role("support_agent")
    for path in ("removal", "removal/preview", "removal/undo"):
        assert (await agent.post(f"{BASE}/shop/{path}")).status_code == 403
    client = await door.world.as_role("administrator")
    assert (await client.post(f"{BASE}/nobody/removal")).status_code == 404
    assert (await client.post(f"{BASE}/shop/removal/undo")).json()["code"] == "not_removed"
    for path, status in (("removal", 404), ("removal/preview", 404), ("removal/undo", 409)):
        assert (await client.post(f"{BASE}/%00/{path}")).status_code == status


async def test_what_could_not_be_cleared_up_outside_is_told_and_holds_nothing_up(desk: Desk) -> None:
    client = await desk.door.world.as_role("administrator")
    await fill(desk)
    await client.post(f"{BASE}/shop/removal")

    async def leave(source: str) -> Sequence[str]:
        return [f"The slot of {source} is still there."]

    await work(desk.door, leave)
    done = await told(client, "/sources/shop/removal")
    assert (done["status"], done["notes"]) == ("removed", ["The slot of shop is still there."])


async def test_a_key_that_a_process_still_believed_leaves_nothing_behind(desk: Desk) -> None:
    back_end = desk.door.world.back_end
    client = await desk.door.world.as_role("administrator")
    await desk.door.push("records", ANNA)
    await client.post(f"{BASE}/shop/removal")
    await work(desk.door)
    late = "UPDATE sources.ingest_key SET revoked_at = NULL; UPDATE sources.source SET removed_at = NULL"
    was = await desk.door.pool.fetchval("SELECT removed_at FROM sources.source WHERE slug = 'shop'")
    await desk.door.pool.execute(late)
    await desk.door.push("records", {**ANNA, "id": "2"})
    await desk.door.pool.execute("UPDATE sources.source SET removed_at = $1 WHERE slug = 'shop'", was)
    await back_end.projector.catch_up()
    assert len(await back_end.digests()) == 1
    back_end.clock.advance(timedelta(minutes=3))
    await work(desk.door)
    assert await back_end.digests() == {}
