"""Takes uploaded files in: streamed to disk piece by piece, looked at, and kept until they are imported."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from regard.connectors.files.describe_table import Limits, UnreadableFileError
from regard.connectors.files.survey_file import FileSurvey, Survey
from regard.db.pool import Pool
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_imports import QUERIES, FileImport, add_import
from regard.intake.propose_import import propose_import, read_past
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.ids import new_id
from regard.sources.manage_sources import read_source

_PIECE = 1024 * 1024
_LONGEST_NAME = 200
_LEFTOVER_SECONDS = 86_400
DEFAULT_MOST_BYTES = 20 * 1024**3


class UploadRefusedError(RegardError):
    """An upload that is not taken: too large, or no room for it."""

    code = "upload_refused"
    status = 413


class BadUploadError(RegardError):
    """An upload that lacks what is needed to import it."""

    code = "bad_upload"
    status = 422


class FileDesk:
    """Receives files for imports; `folder` is where they lie, readable by this user only."""

    def __init__(
        self, pool: Pool, keyring: Keyring, clock: Clock, folder: Path,
        *, most_bytes: int = DEFAULT_MOST_BYTES, limits: Limits | None = None,
    ) -> None:  # fmt: skip
        self._pool = pool
        self._keyring = keyring
        self._clock = clock
        self._folder = folder
        self._most_bytes = most_bytes
        self._limits = limits or Limits()

    def path_of(self, import_id: UUID) -> Path:
        """Where the file of an import lies; its name says nothing about the upload's own name."""
        return self._folder / f"{import_id}.upload"

    async def receive(
        self, source: str, stream: str, filename: str, pieces: AsyncIterable[bytes], by: str
    ) -> FileImport:
        """Keep an upload and propose how to import it; nothing stays of one that is refused."""
        name = safe_name(filename)
        stream = stream.strip()
        if not stream or len(stream) > 100 or not stream.isprintable():
            raise BadUploadError("`stream` must name what the rows are, such as customers or orders")
        async with self._pool.acquire() as connection:
            known_source = await read_source(connection, source)
            past = await read_past(connection, source, stream)
        import_id = new_id(self._clock.now())
        path = self.path_of(import_id)
        try:
            survey = await self._write(path, name, pieces)
            proposed = await asyncio.to_thread(
                propose_import, path, name, survey, known_source, stream, past, self._clock,
                by=by, runner="server", limits=self._limits, import_id=import_id,
            )  # fmt: skip
            async with self._pool.acquire() as connection, connection.transaction():
                await add_import(connection, self._keyring, proposed)
        except BaseException:
            self.remove(import_id)
            raise
        return proposed

    def remove(self, import_id: UUID) -> None:
        """Remove the file of an import, if it is there."""
        with suppress(FileNotFoundError):
            self.path_of(import_id).unlink()

    async def remove_leftovers(self) -> int:
        """Remove uploads that were cut off by a crash: a day old and of no import; gives how many."""
        oldest = self._clock.now().timestamp() - _LEFTOVER_SECONDS
        old = {file.stem: file for file in self._folder.glob("*.upload") if file.stat().st_mtime < oldest}
        ids = [UUID(stem) for stem in old if is_id(stem)]
        async with self._pool.acquire() as connection:
            known = {str(row["import_id"]) for row in await connection.fetch(QUERIES["read_ids"], ids)}
        for import_id in ids:
            if str(import_id) not in known:
                self.remove(import_id)
        return len(ids) - len(known)

    async def _write(self, path: Path, filename: str, pieces: AsyncIterable[bytes]) -> Survey:
        survey = FileSurvey(filename, self._limits)
        written = 0
        buffer = bytearray()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as file:
                async for piece in pieces:
                    written += len(piece)
                    if written > self._most_bytes:
                        raise UploadRefusedError(
                            f"{filename} is larger than {self._most_bytes:,} bytes, the most that may be"
                            " uploaded; split it, import it with `regard import`, or raise"
                            " REGARD_IMPORT_MOST_BYTES"
                        )
                    buffer += piece
                    if len(buffer) >= _PIECE:
                        await asyncio.to_thread(_keep_piece, file, survey, bytes(buffer))
                        buffer.clear()
                await asyncio.to_thread(_keep_last_piece, file, survey, bytes(buffer))
        except OSError as problem:
            reason = problem.strerror or "it gives no reason"
            raise UploadRefusedError(
                f"{filename} could not be kept on the server's disk ({reason})"
            ) from None
        if written == 0:
            raise UnreadableFileError(f"{filename} is empty; choose a file with a header line and rows")
        return survey.finish()


def is_id(text: str) -> bool:
    """Whether a text is the id of an import."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def safe_name(filename: str) -> str:
    """The last part of a file's name without anything unprintable: for people to read, never a path."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if c.isprintable()).strip(" .")
    if not printable:
        raise BadUploadError("`filename` must name the file, such as customers.csv")
    return printable[-_LONGEST_NAME:]


def _keep_piece(file: BinaryIO, survey: FileSurvey, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]
    survey.feed(piece)


def _keep_last_piece(file: BinaryIO, survey: FileSurvey, piece: bytes) -> None:
    _keep_piece(file, survey, piece)
    os.fsync(file.fileno())
