"""Runs an import: file -> rows -> events -> log, with an account of every row.

Rows, quarantine, account and progress of a batch are one transaction, so that a run that was killed goes
on exactly where it was. A dry run goes the same way and leaves the log out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from regard.connectors.files.describe_mapping import check_mapping
from regard.connectors.files.describe_table import Limits, tell_place
from regard.db.pool import Connection, Pool
from regard.eventlog.append_events import Appended, Outcome, append_within, object_id_of
from regard.eventlog.predict_append import AppendPredictor
from regard.eventlog.seal_bodies import Keyring
from regard.intake.account_rows import Account, encode_account, outcome_of_row
from regard.intake.keep_imports import QUERIES, FileImport, ImportSeal, ImportTakenOverError
from regard.intake.keep_quarantined_rows import QuarantinedRow, add_quarantined_rows
from regard.intake.keep_taken_rows import TakenOutcome, TakenRow, add_taken_rows
from regard.intake.map_file_rows import RowBatch, RowBatches
from regard.kit.clock import Clock
from regard.sources.count_traffic import Tally, count_traffic

LEASE = timedelta(seconds=60)
_DRY_RUN_KEPT_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: rows accounted for, bytes of the file read, and the account so far."""

    bytes_read: int
    account: Account


ReportProgress = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """For runs that nobody watches."""


class FileImporter:
    """Runs imports against one database."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, limits: Limits | None = None) -> None:
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._limits = limits or Limits()

    async def run(
        self, file: FileImport, path: Path, owner: str, report: ReportProgress = ignore_progress
    ) -> Account:
        """Append every row that is not in the log yet; goes on where an earlier run of `file` was stopped."""
        account = file.account or Account()
        async with aclosing(self._batches(file, path, account.read)) as batches:
            async for batch in batches:
                account = await self._append_batch(file, owner, batch, account)
                report(Progress(batch.position, account))
        return account

    async def dry_run(
        self, file: FileImport, path: Path, owner: str | None, report: ReportProgress = ignore_progress
    ) -> Account:
        """The account that `run` would give. With an owner the import's row follows the progress."""
        account = Account()
        async with (
            self._pool.acquire() as connection,
            AppendPredictor(connection, self._keyring) as predictor,
            aclosing(self._batches(file, path, 0)) as batches,
        ):
            async for batch in batches:
                events = [event for row in batch.rows for event in row.events]
                outcomes = await predictor.predict(events)
                kept = max(0, _DRY_RUN_KEPT_ROWS - account.quarantined)
                rejected = _settle(file.filename, batch, outcomes, account)
                if owner is not None:
                    async with connection.transaction():
                        await self._save(connection, file, owner, batch, account, rejected[:kept])
                report(Progress(batch.position, account))
        return account

    async def _batches(self, file: FileImport, path: Path, done: int) -> AsyncGenerator[RowBatch, None]:
        """Batches of rows; the next one is computed on another thread while the last one is stored."""
        file.check_key()
        check_mapping(file.mapping, file.format.type, [column.name for column in file.columns])
        rows = await asyncio.to_thread(
            RowBatches, path, file.filename, file.survey, file.mapping, file.source, self._clock,
            done=done, limits=self._limits, attempt=file.attempt,
        )  # fmt: skip
        coming = asyncio.create_task(asyncio.to_thread(rows.next_batch))
        try:
            while (batch := await coming) is not None:
                coming = asyncio.create_task(asyncio.to_thread(rows.next_batch))
                yield batch
        finally:
            # The thread must be out of the file before it is closed.
            await asyncio.gather(coming, return_exceptions=True)
            rows.close()

    async def _append_batch(self, file: FileImport, owner: str, batch: RowBatch, before: Account) -> Account:
        account = before.copy()
        events = [event for row in batch.rows for event in row.events]
        async with self._pool.acquire() as connection, connection.transaction():
            # The keys are not remembered: a file names most records once, and a key at hand is not small.
            appended = await append_within(connection, self._keyring, events)
            rejected = _settle(file.filename, batch, appended.outcomes, account)
            await add_taken_rows(connection, file.import_id, file.run, _taken(batch, appended))
            await self._count(connection, file.source, batch, account, before)
            await self._save(connection, file, owner, batch, account, rejected)
        return account

    async def _count(
        self, connection: Connection, source: str, batch: RowBatch, account: Account, before: Account
    ) -> None:
        occurred = [event.occurred_at for row in batch.rows for event in row.events]
        tally = Tally(
            self._clock.now(), account.stored - before.stored, account.unchanged - before.unchanged,
            account.quarantined - before.quarantined, max(occurred, default=None),
        )  # fmt: skip
        await count_traffic(connection, {source: tally})

    async def _save(
        self, connection: Connection, file: FileImport, owner: str, batch: RowBatch, account: Account,
        rejected: Sequence[QuarantinedRow],
    ) -> None:  # fmt: skip
        await add_quarantined_rows(connection, self._keyring, file.import_id, rejected)
        [sealed] = await ImportSeal(self._keyring).seal_all(
            connection, file.import_id, [encode_account(account)]
        )
        saved = await connection.fetchval(
            QUERIES["save_progress"], file.import_id, owner, account.read, batch.position, sealed, LEASE
        )
        if saved is None:
            raise ImportTakenOverError(f"{file.filename}: another process works on this import")


def _taken(batch: RowBatch, appended: Appended) -> list[TakenRow]:
    """What each row that could be read came to, event by event; conflicts are in quarantine."""
    taken: list[TakenRow] = []
    position = 0
    for row in batch.rows:
        outcomes = appended.outcomes[position : position + len(row.events)]
        places = appended.positions[position : position + len(row.events)]
        position += len(row.events)
        for number, (event, outcome, place) in enumerate(zip(row.events, outcomes, places, strict=True)):
            if outcome != "conflict":
                word: TakenOutcome = "stored" if outcome == "stored" else "unchanged"
                taken.append(TakenRow(row.number, number, object_id_of(event), word, place))
    return taken


def _settle(
    filename: str, batch: RowBatch, outcomes: Sequence[Outcome], account: Account
) -> list[QuarantinedRow]:
    """Count every row of the batch into the account; gives the rows for quarantine."""
    rejected: list[QuarantinedRow] = []
    position = 0
    account.empty = max(account.empty, batch.empty)
    for row in batch.rows:
        bad = row.rejected
        if bad is None:
            outcome = outcome_of_row(outcomes[position : position + len(row.events)])
            position += len(row.events)
            if outcome != "conflict":
                account.count_row(outcome)
                continue
            problem = (
                "this row was taken before with other content under the same id; import the file as a new one"
            )
            bad = QuarantinedRow(
                row.number, None, "conflict", tell_place(filename, row.number, None, problem), ""
            )
        account.count_rejection(bad.code, bad.sentence)
        rejected.append(bad)
    return rejected
