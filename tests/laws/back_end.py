"""A whole back end on a database of its own: the log, the projector, and a way to begin again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from regard.db.pool import Pool
from regard.eventlog.append_events import Outcome, append_events
from regard.eventlog.check_keyring import open_keyring
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.identity.match_model import default_model
from regard.kit.clock import SetClock
from regard.pipeline.rebuild_projections import digest_customers, rebuild_projections
from regard.pipeline.resolve_identity import Resolver
from regard.pipeline.run_projector import Projector

_EMPTY_LOG = """
TRUNCATE eventlog.event, eventlog.event_key, eventlog.content_head, eventlog.subject_key,
    eventlog.withdrawn;
UPDATE eventlog.partition_head SET seq = 0;
"""


@dataclass
class BackEnd:
    """The log and its projector, as one worker process has them."""

    pool: Pool
    keyring: Keyring
    clock: SetClock
    projector: Projector

    def new_projector(self) -> Projector:
        """Another worker on the same database."""
        return Projector(self.pool, self.keyring, self.clock, Resolver(default_model()))

    async def append(self, events: Sequence[Event]) -> list[Outcome]:
        async with self.pool.acquire() as connection:
            return await append_events(connection, self.keyring, events)

    async def deliver(self, events: Sequence[Event], *, batch: int = 1_000) -> None:
        """Append in batches, projecting after each."""
        for start in range(0, len(events), batch):
            await self.append(events[start : start + batch])
            await self.projector.catch_up()

    async def digests(self) -> dict[UUID, str]:
        async with self.pool.acquire() as connection:
            return await digest_customers(connection)

    async def scorecard(self) -> dict[tuple[str, str, str], int]:
        """How often what was thought of values, by source, kind and flag."""
        rows = await self.pool.fetch("SELECT source, kind, flag, n FROM quality.flag_count WHERE n <> 0")
        return {(row["source"], row["kind"], row["flag"]): row["n"] for row in rows}

    async def rebuild(self) -> None:
        await rebuild_projections(self.pool, self.projector)

    async def begin_again(self) -> None:
        """An empty log and empty projections."""
        async with self.pool.acquire() as connection:
            await connection.execute(_EMPTY_LOG)
        self.keyring.forget()
        await self.rebuild()


async def open_back_end(pool: Pool, clock: SetClock, folder: Path) -> BackEnd:
    """A back end on a migrated, empty database; its root key lies in `folder`."""
    async with pool.acquire() as connection:
        keyring = await open_keyring(connection, folder / "root.key")
    return BackEnd(pool, keyring, clock, Projector(pool, keyring, clock, Resolver(default_model())))
