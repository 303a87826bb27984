"""A rebuild never pulls the ground from under a worker that is at work."""

from __future__ import annotations

import pytest

from regard.eventlog.read_events import LeaseLostError
from regard.pipeline.rebuild_projections import rebuild_projections
from tests.laws.back_end import BackEnd
from tests.laws.companies import person


async def test_a_rebuild_beside_a_working_worker_is_refused_and_changes_nothing(back_end: BackEnd) -> None:
    await back_end.deliver([person("crm", 1, 0, "1", full_name="Anne Berg", email="anne@example.com")])
    before = await back_end.digests()
    async with back_end.pool.acquire() as connection:
        await back_end.projector.claim(connection)
    with pytest.raises(LeaseLostError):
        await rebuild_projections(back_end.pool, back_end.new_projector())
    assert before
    assert await back_end.digests() == before
    await back_end.deliver([person("shop", 2, 1, "7", full_name="Anne Berg", email="anne@example.com")])
    assert len(await back_end.digests()) == 1
