"""Reads the keys of subjects without ever making one: what was destroyed stays destroyed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring
from regard.kit.errors import RegardError, Terminal

_queries = NamedQueries(__package__, "eventlog.sql")


class KeyDestroyedError(RegardError, Terminal):
    """What is asked for was sealed under a key that is gone; nobody can open it again."""

    code = "key_destroyed"
    status = 410


async def read_subject_keys(
    connection: Connection, keyring: Keyring, subjects: Collection[UUID]
) -> dict[UUID, AESGCM]:
    """The keys of the subjects, in one question; a subject without a key is absent.

    Keys at hand are passed over: another process may have destroyed one since.
    """
    if not subjects:
        return {}
    rows = await connection.fetch(_queries["read_subject_keys"], list(subjects))
    return {row["subject"]: keyring.unwrap(row["subject"], row["wrapped"]) for row in rows}
