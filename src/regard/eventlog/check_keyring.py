"""Proves at start that the root key is the one this database was sealed with."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from regard.db.named_queries import NamedQueries
from regard.eventlog.seal_bodies import Keyring, RootKeyUnusable, load_root_key

_queries = NamedQueries(__package__, "eventlog.sql")


async def open_keyring(connection: asyncpg.Connection, path: Path) -> Keyring:
    """The keyring of this installation; raises `RootKeyUnusable` when key and database do not belong together."""
    keyring = Keyring(load_root_key(path))
    await connection.execute(_queries["add_keyring_check"], keyring.check_text())
    if not keyring.fits(await connection.fetchval(_queries["read_keyring_check"])):
        raise RootKeyUnusable(f"{path} is not the key that this database was sealed with; restore the right one")
    return keyring
