"""Ingest keys: who may send for a source. Only their keyed hashes are stored; a key is shown once.

Format: `rgd_live_<kid>_<secret>_<crc>` with a kid of 8 and a secret of 32 base-62 characters (190 bits)
and the CRC-32 of what stands before it in 6, so that scanners find leaked keys and typing errors show.
"""

from __future__ import annotations

import secrets
import string
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.kit.errors import RegardError
from regard.sources.manage_sources import Source, read_source, source_of

_QUERIES = NamedQueries(__package__, "sources.sql")
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_REMEMBERED_SECONDS = 60.0
_REMEMBERED_REFUSAL_SECONDS = 5.0
_MOST_REMEMBERED = 10_000
_LONGEST_TOKEN = 500

TokenHash = Callable[[str], bytes]


class NoSuchKeyError(RegardError):
    """The source has no such key, or it was revoked before."""

    code = "no_such_key"
    status = 404


@dataclass(frozen=True, slots=True)
class IngestKey:
    """What may be shown of a key: its id (the stored hash in hex) and its last four characters."""

    key_id: str
    hint: str
    created_at: datetime
    revoked_at: datetime | None


def make_token() -> str:
    """A new key in its full text."""
    kid, secret = (_random_text(length) for length in (8, 32))
    head = f"rgd_live_{kid}_{secret}"
    return f"{head}_{_checksum(head)}"


def is_well_formed(token: str) -> bool:
    """Whether a text is a key of this format without a typing error."""
    head, _, checksum = token.rpartition("_")
    return head.startswith("rgd_live_") and secrets.compare_digest(
        checksum.encode(), _checksum(head).encode()
    )


async def create_key(connection: Connection, hash_token: TokenHash, slug: str, now: datetime) -> str:
    """Make and store a key of the source and return it, the only time it can be seen."""
    await read_source(connection, slug)
    token = make_token()
    await store_key(connection, hash_token, slug, token, now)
    return token


async def store_key(
    connection: Connection, hash_token: TokenHash, slug: str, token: str, now: datetime
) -> None:
    """Let `token` send for the source; a write key that clients in the field already hold works too."""
    await connection.execute(_QUERIES["add_key"], hash_token(token), slug, token[-4:], now)


async def list_keys(connection: Connection, slug: str) -> list[IngestKey]:
    """The keys of a source, revoked ones included, oldest first."""
    rows = await connection.fetch(_QUERIES["list_keys"], slug)
    return [
        IngestKey(row["key_hash"].hex(), row["hint"], row["created_at"], row["revoked_at"]) for row in rows
    ]


class KeyDirectory:
    """Looks keys up; what was found is believed for at most 60 s, so that a revoked key dies within them."""

    def __init__(
        self, pool: Pool, hash_token: TokenHash, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._hash_token = hash_token
        self._seconds = seconds
        self._known: OrderedDict[bytes, tuple[float, Source | None]] = OrderedDict()

    async def find(self, token: str) -> Source | None:
        """The source that the key may send for, or None."""
        if not token or len(token) > _LONGEST_TOKEN or not token.isprintable():
            return None
        key_hash = self._hash_token(token)
        until, source = self._known.get(key_hash, (0.0, None))
        if self._seconds() < until:
            return source
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(_QUERIES["find_key"], key_hash)
        source = source_of(row) if row else None
        self._remember(key_hash, source)
        return source

    async def revoke(self, slug: str, key_id: str, now: datetime) -> None:
        """End a key; other processes follow within 60 s. Raises `NoSuchKeyError`."""
        try:
            key_hash = bytes.fromhex(key_id)
        except ValueError:
            key_hash = b""
        async with self._pool.acquire() as connection:
            hint = await connection.fetchval(_QUERIES["revoke_key"], slug, key_hash, now)
        if hint is None:
            raise NoSuchKeyError(
                "The source has no such key, or it was revoked before. See the list of its keys."
            )
        self._known.pop(key_hash, None)

    def forget(self, slug: str) -> None:
        """Believe no key of a source any more, at once in this process."""
        for key_hash in [one for one, (_, source) in self._known.items() if source and source.slug == slug]:
            del self._known[key_hash]

    def _remember(self, key_hash: bytes, source: Source | None) -> None:
        lasting = _REMEMBERED_SECONDS if source else _REMEMBERED_REFUSAL_SECONDS
        self._known[key_hash] = (self._seconds() + lasting, source)
        self._known.move_to_end(key_hash)
        while len(self._known) > _MOST_REMEMBERED:
            self._known.popitem(last=False)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _checksum(text: str) -> str:
    number, letters = zlib.crc32(text.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters
