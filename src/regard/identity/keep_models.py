"""Keeps match models in the database, compressed and sealed, and knows which one people chose."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.append_events import ensure_subject_keys
from regard.eventlog.read_keys import KeyDestroyedError, read_subject_keys
from regard.eventlog.seal_bodies import Keyring, seal, unseal
from regard.identity.match_model import MatchModel, default_model
from regard.identity.read_model_file import ModelFileError, read_model_file
from regard.identity.write_model import digest_of, named_by_content, write_model
from regard.kit.errors import RegardError
from regard.kit.ids import derived_id

_queries = NamedQueries(__package__, "models.sql")
How = Literal["shipped", "learnt", "imported"]


class ModelUnknownError(RegardError):
    """No weights of this version are kept here."""

    code = "model_unknown"
    status = 404


@dataclass(frozen=True, slots=True)
class Origin:
    """Where weights are from: how they were made, when, by whom, from how many records."""

    how: How
    at: datetime
    by: str
    records: int | None = None
    notes: str = ""


class ModelShelf:
    """The models of one installation. Remembers the one read last: reading takes a while."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._last: MatchModel | None = None

    async def keep(self, connection: Connection, model: MatchModel, origin: Origin) -> MatchModel:
        """Put a model on the shelf under a version named after its content; a second time changes nothing.

        In the caller's transaction. Gives the model under that version.
        """
        named = named_by_content(model)
        subject = derived_id("regard", "model", named.version)
        keys, _ = await ensure_subject_keys(connection, self._keyring, {subject})
        body = seal(keys[subject], zlib.compress(write_model(named).encode()), subject.bytes)
        await connection.execute(
            _queries["keep_model"], named.version, digest_of(named), origin.how, origin.at, origin.by,
            origin.records, origin.notes, body,
        )  # fmt: skip
        return named

    async def read(self, connection: Connection, version: str) -> MatchModel:
        """The model of a version.

        Raises a `RegardError`: `ModelUnknownError`, `KeyDestroyedError`, or what is kept cannot be opened.
        """
        if self._last is not None and self._last.version == version:
            return self._last
        row = await connection.fetchrow(_queries["read_model"], version)
        if row is None:
            raise ModelUnknownError(f"no weights of the version {version} are kept here")
        subject = derived_id("regard", "model", version)
        keys = await read_subject_keys(connection, self._keyring, {subject})
        if subject not in keys:
            raise KeyDestroyedError(f"the key of the weights {version} was destroyed")
        packed = unseal(keys[subject], row["body"], subject.bytes)
        try:
            text = zlib.decompress(packed).decode()
        except (zlib.error, UnicodeDecodeError) as problem:
            raise ModelFileError(f"the weights {version} are kept in a form that cannot be read") from problem
        self._last = read_model_file(text, version)
        return self._last

    async def chosen_version(self, connection: Connection) -> str | None:
        """The version that people chose last; None while nobody chose one and the shipped one decides."""
        row = await connection.fetchrow(_queries["read_choice"])
        return str(row["version"]) if row else None

    async def chosen(self, connection: Connection) -> MatchModel | None:
        """The model of that version; raises what `read` does."""
        version = await self.chosen_version(connection)
        return await self.read(connection, version) if version else None

    async def decided_version(self, connection: Connection) -> str | None:
        """The version that the customers stand by now; None before there are any."""
        version: str | None = await connection.fetchval(_queries["read_decided"])
        return version

    async def deciding(self, connection: Connection) -> MatchModel:
        """The model that the customers stand by now, which is the shipped one before there are any.

        After a choice the worker decides anew; until it has, this is the model from before.
        """
        version = await self.decided_version(connection)
        return await self.read(connection, version) if version else shipped_model()


def shipped_model() -> MatchModel:
    """The weights that come with Regard, under a version named after their content."""
    return named_by_content(default_model())
