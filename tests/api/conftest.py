"""The whole product, fresh for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from regard.db.pool import Pool
from regard.kit.clock import SetClock
from tests.api.world import World, open_world
from tests.laws.back_end import open_back_end


@pytest.fixture
async def world(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        yield world
