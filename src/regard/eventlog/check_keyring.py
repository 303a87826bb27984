"""Proves at start that the root key is the one this database was sealed with."""

from __future__ import annotations

from pathlib import Path

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring, RootKeyUnusableError, load_root_key

_queries = NamedQueries(__package__, "eventlog.sql")


async def open_keyring(connection: Connection, path: Path) -> Keyring:
    """The keyring of this installation; raises `RootKeyUnusableError` when the key does not fit."""
    keyring = Keyring(load_root_key(path))
    await connection.execute(_queries["add_keyring_check"], keyring.check_text())
    if not keyring.fits(await connection.fetchval(_queries["read_keyring_check"])):
        raise RootKeyUnusableError(
            f"{path} is not the key that this database was sealed with; restore the right one"
        )
    return keyring
