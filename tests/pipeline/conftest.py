"""The whole back end, fresh for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from regard.db.pool import Pool
from regard.kit.clock import SetClock
from tests.laws.back_end import BackEnd, open_back_end


@pytest.fixture
async def back_end(pool: Pool, clock: SetClock, tmp_path: Path) -> BackEnd:
    return await open_back_end(pool, clock, tmp_path)
