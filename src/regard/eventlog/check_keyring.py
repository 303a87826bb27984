"""Proves at start that the root key is the one this database was sealed with."""

from __future__ import annotations

from pathlib import Path

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring, RootKeyUnusableError, load_root_key

_queries = NamedQueries(__package__, "eventlog.sql")


async def open_keyring(connection: Connection, path: Path) -> Keyring:
    """The keyring of this installation; makes the root key at the very first start and never again.

    Raises `RootKeyUnusableError` when the key is missing or is not the one of this database.
    """
    sealed = await connection.fetchval(_queries["read_keyring_check"])
    if sealed is not None:
        _refuse_unless_fits(path, sealed)
    keyring = Keyring(load_root_key(path))
    await connection.execute(_queries["add_keyring_check"], keyring.check_text())
    # Another process may have been first, with a key of its own.
    await check_root_key(connection, path)
    return keyring


async def check_root_key(connection: Connection, path: Path) -> None:
    """Raise `RootKeyUnusableError` unless the key fits the database; changes nothing."""
    sealed = await connection.fetchval(_queries["read_keyring_check"])
    if sealed is not None:
        _refuse_unless_fits(path, sealed)


def _refuse_unless_fits(path: Path, sealed: bytes) -> None:
    if not path.exists():
        raise RootKeyUnusableError(
            f"{path} is missing, and this database is sealed with it; restore it from your backup"
        )
    if not Keyring(load_root_key(path)).fits(sealed):
        raise RootKeyUnusableError(
            f"{path} is not the key that this database was sealed with; restore the right one"
        )
