"""Keeps imports in the database: what a file is, how it is read, how far it went, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.connectors.files.describe_mapping import FileMapping
from regard.connectors.files.describe_table import TableFormat
from regard.connectors.files.survey_file import Survey
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.append_events import ensure_subject_keys
from regard.eventlog.read_keys import KeyDestroyedError, read_subject_keys
from regard.eventlog.seal_bodies import Keyring, seal, unseal
from regard.intake.account_rows import Account, decode_account
from regard.kit.errors import RegardError
from regard.kit.ids import derived_id

QUERIES = NamedQueries(__package__, "imports.sql")
Status = Literal[
    "proposed", "dry_running", "checked", "running", "done", "failed", "reverting", "reverted"
]  # fmt: skip
Runner = Literal["server", "terminal"]
_LOST = "What was kept of this file cannot be opened: its key was destroyed. Upload the file again."


class NoSuchImportError(RegardError):
    """There is no import of that id."""

    code = "no_such_import"
    status = 404


class ImportBusyError(RegardError):
    """The import is running; what was asked has to wait."""

    code = "import_busy"
    status = 409


class ImportTakenOverError(RegardError):
    """Another process works on the import; this one must stop."""

    code = "import_taken_over"
    status = 409


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """A column with what the proposal said of it."""

    name: str
    field: str | None
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class FileImport:
    """One file on its way in; `samples` are the first values of every column, absent in lists.

    `run` counts its runs, `attempt` how often imports of the same file had been taken back when the last
    one began. With `key_destroyed` neither samples nor account can be read any more, and it cannot run.
    """

    import_id: UUID
    filename: str
    source: str
    stream: str
    status: Status
    runner: Runner
    survey: Survey
    format: TableFormat
    columns: list[ProposedColumn]
    samples: dict[str, list[str]]
    notes: list[str]
    mapping: FileMapping
    created_at: datetime
    created_by: str
    rows_total: int | None = None
    rows_read: int = 0
    bytes_read: int = 0
    account: Account | None = None
    error: str | None = None
    key_destroyed: bool = False
    run: int = 0
    attempt: int = 0
    remembers: bool = True
    revert_total: int = 0
    revert_done: int = 0
    handed_over: int = 0

    def check_key(self) -> None:
        """Raise `KeyDestroyedError` when nothing may be sealed for this import any more."""
        if self.key_destroyed:
            raise KeyDestroyedError(_LOST)


class ImportSeal:
    """Seals what an import keeps of customers' data, under a key of the import's own."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def seal_all(self, connection: Connection, import_id: UUID, plain: list[bytes]) -> list[bytes]:
        """Sealed texts, in the caller's transaction or in none."""
        subject = _subject(import_id)
        keys, _ = await ensure_subject_keys(connection, self._keyring, {subject})
        return [seal(keys[subject], text, subject.bytes) for text in plain]

    async def open_all(self, connection: Connection, import_id: UUID, sealed: list[bytes]) -> list[bytes]:
        """The texts again; raises `KeyDestroyedError`."""
        subject = _subject(import_id)
        keys = await read_subject_keys(connection, self._keyring, {subject})
        if subject not in keys:
            raise KeyDestroyedError(_LOST)
        return [unseal(keys[subject], text, subject.bytes) for text in sealed]


async def add_import(connection: Connection, keyring: Keyring, new: FileImport) -> None:
    """Keep a file that was looked at."""
    [samples] = await ImportSeal(keyring).seal_all(
        connection, new.import_id, [msgspec.json.encode(new.samples)]
    )
    await connection.execute(
        QUERIES["add_import"],
        new.import_id,
        new.filename,
        new.source,
        new.stream,
        new.runner,
        new.survey.size_bytes,
        new.survey.digest,
        new.survey.encoding,
        new.survey.compressed,
        _json(new.format),
        _json(new.columns),
        _json(new.notes),
        samples,
        _json(new.mapping),
        new.created_at,
        new.created_by,
    )


async def read_import(connection: Connection, keyring: Keyring, import_id: UUID) -> FileImport:
    """An import by its id; raises `NoSuchImportError`."""
    row = await connection.fetchrow(QUERIES["read_import"], import_id)
    if row is None:
        raise NoSuchImportError("There is no import of that id. See the list of imports.")
    return await open_import(connection, keyring, row)


async def list_imports(
    connection: Connection, keyring: Keyring, source: str | None = None, limit: int = 100
) -> list[FileImport]:
    """The newest imports, of one source or of all, without their samples."""
    rows = await connection.fetch(QUERIES["list_imports"], source, limit)
    keys = await read_subject_keys(connection, keyring, {_subject(row["import_id"]) for row in rows})
    return [_open(row, keys) for row in rows]


async def change_mapping(connection: Connection, import_id: UUID, mapping: FileMapping) -> None:
    """Follow another mapping from now on; raises `ImportBusyError` while the import runs."""
    if await connection.fetchval(QUERIES["change_mapping"], import_id, _json(mapping)) is None:
        raise _busy()


async def save_mapping(
    connection: Connection, source: str, mapping: FileMapping, at: datetime, by: str
) -> None:
    """Keep a mapping as the newest version for the stream's next files."""
    await connection.execute(QUERIES["save_mapping"], source, mapping.stream, _json(mapping), at, by)


async def read_mapping(connection: Connection, source: str, stream: str) -> FileMapping | None:
    """The mapping that the stream's last file was imported with."""
    raw = await connection.fetchval(QUERIES["read_mapping"], source, stream)
    try:
        return msgspec.json.decode(raw, type=FileMapping) if raw else None
    except msgspec.ValidationError:
        # Written by another version of Regard: a fresh proposal is better than an old one half understood.
        return None


async def start_import(connection: Connection, import_id: UUID, status: Status) -> None:
    """Let the next free worker begin; raises `ImportBusyError` when it runs already."""
    if await connection.fetchval(QUERIES["start_import"], import_id, status) is None:
        raise _busy()
    await connection.execute(QUERIES["clear_quarantined_rows"], import_id)


async def delete_import(connection: Connection, import_id: UUID) -> None:
    """Forget an import; what it stored stays. Raises `ImportBusyError` while it runs."""
    if await connection.fetchval(QUERIES["delete_import"], import_id) is None:
        raise _busy()


async def open_import(connection: Connection, keyring: Keyring, row: asyncpg.Record) -> FileImport:
    """An import from its row; one whose key was destroyed says so in `error`."""
    return _open(row, await read_subject_keys(connection, keyring, {_subject(row["import_id"])}))


def _open(row: asyncpg.Record, keys: Mapping[UUID, AESGCM]) -> FileImport:
    subject = _subject(row["import_id"])
    key = keys.get(subject)
    samples, account = (_unsealed(key, row[name], subject) for name in ("samples", "account"))
    survey = Survey(row["size_bytes"], row["digest"], row["encoding"], row["compressed"])
    return FileImport(
        import_id=row["import_id"],
        filename=row["filename"],
        source=row["source"],
        stream=row["stream"],
        status=row["status"],
        runner=row["runner"],
        survey=survey,
        format=msgspec.json.decode(row["format"], type=TableFormat),
        columns=msgspec.json.decode(row["columns"], type=list[ProposedColumn]),
        samples=msgspec.json.decode(samples, type=dict[str, list[str]]) if samples else {},
        notes=msgspec.json.decode(row["notes"], type=list[str]),
        mapping=msgspec.json.decode(row["mapping"], type=FileMapping),
        created_at=row["created_at"],
        created_by=row["created_by"],
        rows_total=row["rows_total"],
        rows_read=row["rows_read"],
        bytes_read=row["bytes_read"],
        account=decode_account(account) if account else None,
        error=row["error"] if key else _LOST,
        key_destroyed=key is None,
        run=row["run"],
        attempt=row["attempt"],
        remembers=row["remembers"],
        revert_total=row["revert_total"],
        revert_done=row["revert_done"],
        handed_over=row["handed_over"],
    )


def _unsealed(key: AESGCM | None, sealed: bytes | None, subject: UUID) -> bytes | None:
    return unseal(key, sealed, subject.bytes) if key and sealed is not None else None


def _subject(import_id: UUID) -> UUID:
    return derived_id("import", str(import_id))


def _busy() -> ImportBusyError:
    return ImportBusyError("The import is running. Wait until it is done.")


def _json(value: Any) -> str:  # noqa: ANN401 - anything that has a JSON form
    return msgspec.json.encode(value).decode()
