"""The weights that decide who is who: which there are, new ones, comparing them, and choosing one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec

from regard.access.load_roles import role_of
from regard.access.principal import Principal
from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event, RecordKey
from regard.events.model_events import ModelChosen
from regard.identity.keep_models import ModelShelf, ModelUnknownError, Origin, shipped_model
from regard.identity.read_model_file import ModelFileError, read_model_file
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.ids import new_id
from regard.stewardship.record_judgement import AppendEvents

_queries = NamedQueries(__package__, "models.sql")
RIGHT = "models"
_SOURCE, _STREAM, _SUBJECT = "regard", "models", "chosen"
_JOBS, _CHOICES = 50, 50
_LONGEST_REASON = 1_000
_PATIENCE, _PAUSE = 5.0, 0.05
JobKind = Literal["train", "compare"]


class ModelJobBusyError(RegardError):
    """The same work waits or runs already."""

    code = "model_job_busy"
    status = 409


class ModelRefusedError(RegardError):
    """These weights cannot be chosen as asked."""

    code = "model_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Choice:
    """Weights that were chosen; `taken_up` is False when the worker was not there in five seconds."""

    version: str
    event_id: UUID
    taken_up: bool


class ModelDesk:
    """Where the weights are managed; every call asks for the right `models`."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, append: AppendEvents) -> None:
        self._pool = pool
        self._clock = clock
        self._append = append
        self._shelf = ModelShelf(keyring)

    async def overview(self, principal: Principal) -> dict[str, Any]:
        """All weights, who chose which, what decides now, and the jobs; nothing of any customer."""
        self._require(principal)
        async with self._pool.acquire() as connection:
            models = await connection.fetch(_queries["list_models"])
            choices = await connection.fetch(_queries["read_choices"], _CHOICES)
            state = await connection.fetchrow(_queries["read_state"])
            jobs = await connection.fetch(_queries["list_jobs"], _JOBS)
        decided = state["version"] if state and state["version"] else shipped_model().version
        return {
            "deciding": decided,
            "chosen": choices[0]["version"] if choices else decided,
            "state": _state(state),
            "models": [dict(row) for row in models],
            "choices": [dict(row) for row in choices],
            "jobs": [_job(row) for row in jobs],
        }

    async def train(self, principal: Principal) -> UUID:
        """Ask for weights learnt from all records; the worker does it. `ModelJobBusyError` while it does."""
        self._require(principal)
        return await self._ask("train", None, principal.username)

    async def compare(self, principal: Principal, version: str) -> UUID:
        """Ask for the customers that would be others under these weights; nothing is changed by it."""
        self._require(principal)
        await self._digest_of(version)
        return await self._ask("compare", version, principal.username)

    async def bring(self, principal: Principal, raw: bytes) -> str:
        """Keep weights from a file of `regard resolve` or `regard import-model`; gives their version.

        Raises `ModelFileError`, which names the place in the file.
        """
        self._require(principal)
        try:
            model = await asyncio.to_thread(read_model_file, raw.decode("utf-8-sig"), "the file")
        except UnicodeDecodeError:
            raise ModelFileError("the file: it is not UTF-8") from None
        if model.default_country:
            raise ModelFileError(
                "the file: default_country: here every source has a country of its own; make it empty"
            )
        origin = Origin("imported", self._clock.now(), principal.username)
        async with self._pool.acquire() as connection, connection.transaction():
            return (await self._shelf.keep(connection, model, origin)).version

    async def choose(self, principal: Principal, version: str, reason: str) -> Choice:
        """Let these weights decide from now on; all customers are decided anew. Undone by choosing others."""
        self._require(principal)
        digest = await self._digest_of(version)
        if len(reason) > _LONGEST_REASON:
            raise ModelRefusedError(f"a reason has at most {_LONGEST_REASON} characters")
        if await self._pool.fetchval(_queries["read_choice"]) == version:
            raise ModelRefusedError("these weights are chosen already")
        async with self._pool.acquire() as connection:
            await self._shelf.read(connection, version)
        now = self._clock.now()
        event_id = new_id(now)
        body = ModelChosen(version, digest, principal.username, reason.strip())
        subject = RecordKey(_SOURCE, _STREAM, _SUBJECT)
        await self._append([Event(_SOURCE, str(event_id), subject, now, now, now, body)])
        return Choice(version, event_id, await self._wait(str(event_id)))

    async def _wait(self, event_id: str) -> bool:
        """Until the worker has read the choice; deciding on everybody takes longer, and is told of."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while not (known := bool(await self._pool.fetchval(_queries["is_chosen"], event_id))):
            if loop.time() > until:
                break
            await asyncio.sleep(_PAUSE)
        return known

    def _require(self, principal: Principal) -> None:
        role_of(principal.role).require(RIGHT)

    async def _digest_of(self, version: str) -> str:
        digest: str | None = await self._pool.fetchval(_queries["has_model"], version)
        if digest is None:
            raise ModelUnknownError(f"no weights of the version {version} are kept here")
        return digest

    async def _ask(self, kind: JobKind, version: str | None, by: str) -> UUID:
        now = self._clock.now()
        job_id = await self._pool.fetchval(_queries["ask_job"], new_id(now), kind, version, now, by)
        if job_id is None:
            raise ModelJobBusyError("this is being done already; wait for it")
        return UUID(str(job_id))


def _state(row: asyncpg.Record | None) -> dict[str, Any] | None:
    if row is None:
        return None
    at: datetime = row["at"]
    found = {name: row[name] for name in ("stage", "records", "of_records", "customers")}
    return {**found, "at": at}


def _job(row: asyncpg.Record) -> dict[str, Any]:
    found = dict(row)
    found["job"] = str(found.pop("job_id"))
    found["result"] = msgspec.json.decode(found["result"]) if found["result"] else None
    return found
