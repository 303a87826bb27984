"""A sealed database is never opened with another key, nor is a lost key quietly replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from regard.db.pool import Pool
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.seal_bodies import RootKeyUnusableError


async def test_a_lost_root_key_is_reported_and_not_replaced(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.key"
    async with pool.acquire() as connection:
        await open_keyring(connection, path)
        path.unlink()
        with pytest.raises(RootKeyUnusableError, match="is missing"):
            await open_keyring(connection, path)
    assert not path.exists()


async def test_the_key_of_another_installation_is_refused(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    async with pool.acquire() as connection:
        await open_keyring(connection, path)
        path.write_text("00" * 32)
        with pytest.raises(RootKeyUnusableError, match="not the key"):
            await open_keyring(connection, path)


async def test_the_key_file_is_readable_by_its_owner_only(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    async with pool.acquire() as connection:
        await open_keyring(connection, path)
    assert path.stat().st_mode & 0o777 == 0o600
