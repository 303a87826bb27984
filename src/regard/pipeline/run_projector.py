"""Runs the projector: one holder of the lease follows the log and parks what cannot be applied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import asyncpg
import structlog

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, Pool
from regard.eventlog.read_events import (
    Lease,
    LeaseLostError,
    LoggedEvent,
    claim_lease,
    hold_lease,
    move_positions,
    read_batch,
    read_positions,
    release_lease,
)
from regard.eventlog.seal_bodies import Keyring
from regard.events.model_events import ModelChosen
from regard.identity.keep_models import ModelShelf, Origin
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.pipeline.follow_models import apply_choices, start_telling
from regard.pipeline.mark_told import before_marks, drop_marks, read_marks
from regard.pipeline.project_events import project_differences, project_events, project_untold
from regard.pipeline.read_withdrawals import read_withdrawals
from regard.pipeline.resolve_identity import Resolver

CONSUMER = "projector"
BATCH = 2_000
_queries = NamedQueries(__package__, "pipeline.sql")
_log = structlog.get_logger()

# Failures of the surroundings, not of an event: wait and try the same batch again, park nothing.
_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    # What the driver raises when a connection breaks between two of its states.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.ObjectNotInPrerequisiteStateError,
    asyncpg.exceptions.PostgresSystemError,
    asyncpg.exceptions.TransactionRollbackError,
)


class Bell(Protocol):
    """Wakes the projector when the log has grown; may miss, the timeout makes up for it."""

    async def wait(self, timeout_seconds: float) -> object:
        """Return when rung or after the timeout."""
        ...


class Projector:
    """Follows the log for one installation."""

    def __init__(
        self,
        pool: Pool,
        keyring: Keyring,
        clock: Clock,
        resolver: Resolver,
        *,
        batch: int = BATCH,
        lease_seconds: float = 10.0,
    ) -> None:
        self._batch = batch
        self._lease_length = timedelta(seconds=lease_seconds)
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._resolver = resolver
        self._models = ModelShelf(keyring)
        self._owner = uuid4().hex
        self._loaded = False
        self._epoch = -1
        self._marks: dict[int, int] = {}

    async def run(self, bell: Bell, stop: asyncio.Event) -> None:
        """Follow the log until told to stop; waits while another worker holds the lease."""
        while not stop.is_set():
            try:
                await self._follow_if_free(bell, stop)
            except LeaseLostError:
                _log.warning("lease_lost")
            except _AWAY as error:
                _log.warning("database_away", error=type(error).__name__)
                await asyncio.sleep(1.0)
            finally:
                # Broken off anywhere, even between a choice of weights and the decision by them.
                self._loaded = False

    async def catch_up(self) -> int:
        """Apply everything that is in the log now; gives the number of events applied."""
        async with self._pool.acquire() as connection:
            lease = await self.claim(connection)
            try:
                return await self._catch_up(connection, lease)
            except BaseException:
                self._loaded = False
                raise

    async def _catch_up(self, connection: Connection, lease: Lease) -> int:
        await self._load(connection, lease)
        done = 0
        while applied := await self._step(connection, lease):
            done += applied
        await release_lease(connection, lease)
        return done

    async def claim(self, connection: Connection) -> Lease:
        """Take the lease for a run of our own; raises `LeaseLostError` while another worker holds it."""
        lease = await claim_lease(connection, CONSUMER, self._owner, self._lease_length)
        if lease is None:
            raise LeaseLostError("another worker is projecting; stop it first")
        self._take(lease)
        return lease

    def _take(self, lease: Lease) -> None:
        """Memory is good only while nobody else has held the lease since it was last ours."""
        if lease.epoch != self._epoch + 1:
            self._loaded = False
        self._epoch = lease.epoch

    def forget(self) -> None:
        """Drop the resolver's memory; it is read anew before the next batch."""
        self._loaded = False

    async def _follow_if_free(self, bell: Bell, stop: asyncio.Event) -> None:
        async with self._pool.acquire() as connection:
            lease = await claim_lease(connection, CONSUMER, self._owner, self._lease_length)
            if lease is not None:
                self._take(lease)
                await self._follow(connection, lease, bell, stop)
                return
        await bell.wait(1.0)

    async def _follow(self, connection: Connection, lease: Lease, bell: Bell, stop: asyncio.Event) -> None:
        await self._load(connection, lease)
        renewed = time.monotonic()
        while not stop.is_set():
            if await self._step(connection, lease):
                renewed = time.monotonic()
                continue
            renewed = await self._renew(connection, lease, renewed)
            await bell.wait(0.25)
        await release_lease(connection, lease)

    async def _load(self, connection: Connection, lease: Lease) -> None:
        """Read the resolver's memory, keeping the lease alive: with many records it outlasts a lease."""
        if self._loaded:
            return
        renewed = time.monotonic()
        resolver = self._resolver
        self._marks = await read_marks(connection)
        await self._decide_by_chosen(connection)
        teller = await start_telling(connection, resolver.model_version)

        async def breathe() -> None:
            nonlocal renewed
            async with self._pool.acquire() as other:
                renewed = await self._renew(other, lease, renewed)
                await teller.tell(other, *resolver.progress, self._clock.now())

        await resolver.load(connection, breathe)
        async with connection.transaction():
            await hold_lease(connection, lease, self._lease_length)
            now = self._clock.now()
            changed = await project_differences(connection, resolver, now, again=bool(self._marks))
            await self._models.keep(connection, resolver.shipped, Origin("shipped", now, "Regard"))
            await teller.tell(connection, "done", len(resolver), now, changed)
        if changed:
            _log.info("decided_anew", customers=changed)
        self._loaded = True

    async def _decide_by_chosen(self, connection: Connection) -> None:
        """Decide by what people chose; where that cannot be read, by what decides already: nothing stops."""
        try:
            self._resolver.decide_by(await self._models.chosen(connection))
        except RegardError as problem:
            deciding = self._resolver.model_version
            _log.error("chosen_model_unreadable", deciding=deciding, code=problem.code)

    async def _renew(self, connection: Connection, lease: Lease, renewed: float) -> float:
        if time.monotonic() - renewed < self._lease_length.total_seconds() / 4:
            return renewed
        await hold_lease(connection, lease, self._lease_length)
        return time.monotonic()

    async def _step(self, connection: Connection, lease: Lease) -> int:
        """Read the next batch and apply it; gives the number of events taken."""
        positions = await read_positions(connection, lease.consumer)
        batch = await self._read_told(connection, lease, positions)
        batch = batch or await read_batch(connection, self._keyring, positions, self._batch)
        if batch:
            await self._apply(connection, lease, batch)
            await self._follow_choice(connection, lease, batch)
        elif await self._resolver.sources_that_moved(connection):
            await self._commit(connection, lease, [], park=None)
        return len(batch)

    async def _read_told(
        self, connection: Connection, lease: Lease, positions: Mapping[int, int]
    ) -> list[LoggedEvent]:
        """During a rebuild the next events that were told before; after the last the silence is over."""
        if not self._marks:
            return []
        early = before_marks(positions, self._marks)
        batch = await read_batch(connection, self._keyring, early, self._batch) if early else []
        batch = [logged for logged in batch if logged.seq <= self._marks[logged.part]]
        if not batch:
            async with connection.transaction():
                await hold_lease(connection, lease, self._lease_length)
                moves = await drop_marks(connection)
                await project_untold(connection, self._resolver, moves, self._clock.now())
            self._marks = {}
        return batch

    async def _follow_choice(
        self, connection: Connection, lease: Lease, batch: Sequence[LoggedEvent]
    ) -> None:
        """Decide anew on everybody where the batch brought a choice of other weights.

        The choice is committed by now: should we be ended meanwhile, the next start takes it from there.
        """
        if any(logged.event and isinstance(logged.event.body, ModelChosen) for logged in batch):
            chosen = await self._models.chosen_version(connection)
            if chosen not in (None, self._resolver.model_version):
                self._loaded = False
                await self._load(connection, lease)

    async def _apply(self, connection: Connection, lease: Lease, batch: Sequence[LoggedEvent]) -> None:
        """Apply a batch; when it fails its halves, down to the event that fails alone, which is parked.

        Halving these very events makes one bad event cost as many failures as the batch has doublings.
        """
        try:
            await self._commit(connection, lease, batch, park=None)
        except (LeaseLostError, *_AWAY):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an event provokes must not stop the others
            reason = type(error).__name__
            _log.error("batch_failed", size=len(batch), error=reason)
            await self._forget_uncommitted(connection, lease)
            if len(batch) == 1:
                await self._commit(connection, lease, batch, park=reason)
                return
            middle = len(batch) // 2
            await self._apply(connection, lease, batch[:middle])
            await self._apply(connection, lease, batch[middle:])

    async def _forget_uncommitted(self, connection: Connection, lease: Lease) -> None:
        """Read the memory anew only when the failed batch had changed it."""
        if self._resolver.uncommitted:
            self._loaded = False
            await self._load(connection, lease)

    async def _commit(
        self, connection: Connection, lease: Lease, batch: Sequence[LoggedEvent], park: str | None
    ) -> None:
        async with connection.transaction():
            # Locks the lease's row until the commit. Its epoch proves that nobody moved the positions
            # since they were read.
            await hold_lease(connection, lease, self._lease_length)
            now = self._clock.now()
            for logged in batch:
                if logged.problem or park:
                    await connection.execute(
                        _queries["park_event"], logged.part, logged.seq, logged.source, logged.event_id,
                        park or logged.problem, now,
                    )  # fmt: skip
            if not park:
                events = [logged.event for logged in batch if logged.event]
                await apply_choices(connection, self._models, events)
                withdrawals = await read_withdrawals(connection, self._keyring, events)
                await project_events(
                    connection, self._resolver, events, now, withdrawals=withdrawals, again=bool(self._marks)
                )
            await move_positions(connection, lease.consumer, _ends(batch))
        self._resolver.uncommitted = False


def _ends(batch: Sequence[LoggedEvent]) -> dict[int, int]:
    return {logged.part: logged.seq for logged in batch}
