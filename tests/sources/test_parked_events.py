"""What could not be applied is told of the source it came from."""

from __future__ import annotations

from tests.intake.conftest import Door


async def test_a_source_tells_how_many_of_its_events_could_not_be_applied(door: Door) -> None:
    await door.pool.execute(
        "INSERT INTO pipeline.parked_event"
        " SELECT 0, n, 'shop', 'e' || n, 'why', now() FROM generate_series(1, 3) AS n"
    )
    client = await door.world.as_role("administrator")
    listed = (await client.get("/api/v1/sources")).json()["sources"]
    assert {source["slug"]: source["parked"] for source in listed} == {"shop": 3, "web": 0}
