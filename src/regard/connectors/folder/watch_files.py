"""Reads the files that arrive in a place, the eldest first, each once in each of its states.

Which files are done is noted by marks, a file each; the cursor holds how the rows of each stream are
named, and how far the file under way was read. A file that changed is read again from its beginning; a file
that cannot be read goes into quarantine by its name, and the others go on.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    Settings,
    StreamSpec,
    Surroundings,
)
from regard.connectors.files.describe_table import UnreadableFileError
from regard.connectors.folder.describe_files import FoundFile, Shelf
from regard.connectors.folder.folder_settings import (
    FileSettings,
    read_bucket_settings,
    read_file_settings,
    read_folder,
)
from regard.connectors.folder.look_into_bucket import open_shelf
from regard.connectors.folder.look_into_folder import LocalShelf
from regard.connectors.folder.name_streams import FILES, name_stream
from regard.connectors.folder.note_done_files import DoneFiles, upgrade_marks
from regard.connectors.folder.read_file_rows import FileTask, RowNames, find_row_names, read_file_rows

BROKEN = "unreadable_files"
"""The stream in which files without a readable table are named."""


@dataclass(slots=True)
class _Place:
    """The cursor in the hand: files done, names of rows, the file under way."""

    done: DoneFiles
    names: dict[str, dict[str, Any]] = field(default_factory=dict)
    current: tuple[str, str, int] | None = None

    def cursor(self) -> Cursor:
        """As it is kept."""
        kept: dict[str, Any] = {"generation": self.done.generation, "names": dict(self.names)}
        return kept | ({"current": list(self.current)} if self.current else {})

    def batch(
        self, records: Sequence[RawRecord], begins: Sequence[str] = (), ends: Sequence[str] = ()
    ) -> Batch:
        """The records with the cursor behind them, and what became of files since the last batch."""
        return Batch(records, self.cursor(), begins, ends, marks=self.done.take_news())


class FilesClient:
    """A folder or bucket as a source with one reading for all its files."""

    def __init__(self, shelf: Shelf, settings: FileSettings, surroundings: Surroundings) -> None:
        self._shelf = shelf
        self._settings = settings
        self._zone = ZoneInfo(surroundings.time_zone)
        self._read_marks = surroundings.read_marks
        # What the last reading knew, when it came to its end: then all of it is committed.
        self._known: DoneFiles | None = None

    async def check(self) -> None:
        """Look into the place once."""
        await self._shelf.look()

    async def streams(self) -> Sequence[StreamSpec]:
        """One reading; the records in it are of the streams that the files are named after."""
        return [StreamSpec(FILES, "Files", self._settings.poll_seconds)]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """The rows of all files that are new or changed, and of the rest of the one that was under way."""
        place = await self._open_place(stream, cursor or {})
        found = await self._shelf.look()
        place.done.forget_others(file.name for file in found)
        for file in found:
            if place.done.is_done(file):
                await self._put_away(file, place)
            elif file.settled:
                async for batch in self._read_file(file, place):
                    yield batch
                await self._put_away(file, place)
        last = place.batch(())
        if cursor is not None and (last.cursor != cursor or last.marks):
            yield last
        self._known = place.done

    async def _open_place(self, stream: str, cursor: Cursor) -> _Place:
        """Where the last reading stood; marks count only for the cursor that they were noted beside."""
        generation = cursor.get("generation") or secrets.token_hex(6)
        done, self._known = self._known, None
        if done is None or done.generation != generation:
            kept = dict(await self._read_marks(stream)) if self._read_marks else {}
            done = DoneFiles(generation, kept, upgrade_marks(generation, cursor))
        current = cursor.get("current")
        return _Place(
            done,
            dict(cursor.get("names", {})),
            (str(current[0]), str(current[1]), int(current[2])) if current else None,
        )

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """Nothing: nobody tells of single rows."""
        return []

    async def close(self) -> None:
        """Give back what the place holds."""
        await self._shelf.close()

    async def _put_away(self, file: FoundFile, place: _Place) -> None:
        readable = place.done.is_done(file) and not place.done.was_broken(file)
        if readable and self._settings.after == "move":
            await self._shelf.put_away(file)

    async def _read_file(self, file: FoundFile, place: _Place) -> AsyncIterator[Batch]:
        stream = self._settings.stream or name_stream(file.name)
        start = place.current[2] if place.current and place.current[:2] == (file.name, file.mark) else 0
        async with self._shelf.borrow(file) as path:
            task = FileTask(path, file.name, stream, file.changed_at, self._zone)
            try:
                names = await self._names(task, place)
                async for batch in self._read_rows(file, task, names, start, place):
                    yield batch
            except UnreadableFileError as problem:
                if await self._shelf.is_same(file):
                    yield self._give_up(file, problem, place)

    async def _read_rows(
        self, file: FoundFile, task: FileTask, names: RowNames, start: int, place: _Place
    ) -> AsyncIterator[Batch]:
        begins = [task.stream] if self._settings.content == "everything" and start == 0 else []
        batches = read_file_rows(task, names, start)
        while (rows := await asyncio.to_thread(next, batches, None)) is not None:
            if not rows.last:
                place.current = (file.name, file.mark, rows.number)
                yield place.batch(rows.records, begins)
            elif await self._shelf.is_same(file):
                yield self._finish(file, task, rows.records, begins, place)
            begins = []

    def _finish(
        self,
        file: FoundFile,
        task: FileTask,
        records: Sequence[RawRecord],
        begins: Sequence[str],
        place: _Place,
    ) -> Batch:
        if place.done.was_broken(file):
            records = [*records, RawRecord(BROKEN, file.name[-500:], None, file.changed_at)]
        place.done.note(file, broken=False)
        place.current = None
        ends = [task.stream] if self._settings.content == "everything" else []
        return place.batch(records, begins, ends)

    def _give_up(self, file: FoundFile, problem: UnreadableFileError, place: _Place) -> Batch:
        """The batch that names a file which cannot be read (further)."""
        place.done.note(file, broken=True)
        place.current = None
        body = {"file": file.name, "size": file.size}
        record = RawRecord(BROKEN, file.name[-500:], body, file.changed_at, str(problem)[:1_000])
        return place.batch([record])

    async def _names(self, task: FileTask, place: _Place) -> RowNames:
        """How the rows of the stream are named: as in its first file, for a row keeps its name for ever."""
        kept = place.names.get(task.stream)
        wanted = list(self._settings.id_columns)
        if kept is not None and (not wanted or kept["ids"] == wanted):
            return RowNames(tuple(kept["ids"]), kept["updated"], kept["order"])
        names = await asyncio.to_thread(find_row_names, task, self._settings)
        place.names[task.stream] = {"ids": list(names.ids), "updated": names.updated, "order": names.order}
        return names


def open_folder(settings: Settings, surroundings: Surroundings) -> FilesClient:
    """A watched folder with these settings; raises `SettingsRefusedError`."""
    files = read_file_settings(settings)
    shelf = LocalShelf(read_folder(settings, surroundings), files.pattern, surroundings.clock)
    return FilesClient(shelf, files, surroundings)


def open_bucket(settings: Settings, surroundings: Surroundings) -> FilesClient:
    """A bucket with these settings; raises `SettingsRefusedError`."""
    files = read_file_settings(settings)
    bucket = read_bucket_settings(settings)
    return FilesClient(open_shelf(bucket, files.pattern, surroundings.networks), files, surroundings)
