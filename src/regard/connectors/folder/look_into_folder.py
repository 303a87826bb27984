"""A folder of this machine as a place of files: nothing outside it is read, and nothing half written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.folder.describe_files import FoundFile
from regard.connectors.folder.name_streams import DONE, is_wanted
from regard.kit.clock import Clock

MOST_FILES = 20_000
_QUIET = timedelta(seconds=2)
_OLD = timedelta(seconds=60)


class LocalShelf:
    """A watched folder with its sub-folders. A file counts as written when it rested for two seconds."""

    def __init__(self, root: Path, pattern: str, clock: Clock) -> None:
        self._root = root
        self._pattern = pattern
        self._clock = clock
        self._first_seen: dict[str, tuple[str, datetime]] = {}

    async def look(self) -> Sequence[FoundFile]:
        """All wanted files, the eldest first."""
        return await asyncio.to_thread(self._look)

    @asynccontextmanager
    async def borrow(self, file: FoundFile) -> AsyncIterator[Path]:
        """The file itself."""
        yield self._inside(file.name)

    async def is_same(self, file: FoundFile) -> bool:
        """Whether size and time are what they were."""
        try:
            status = self._inside(file.name).stat()
        except FileNotFoundError:
            return False
        return _mark(status) == file.mark

    async def put_away(self, file: FoundFile) -> None:
        """Move the file into `done`; one of the same name there stays beside it."""
        await asyncio.to_thread(self._put_away, file)

    def _put_away(self, file: FoundFile) -> None:
        source = self._inside(file.name)
        target = self._root / DONE / file.name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            number = 1
            while target.exists():
                number += 1
                target = target.with_name(f"{number}-{Path(file.name).name}")
            source.rename(target)
        except FileNotFoundError:
            return
        except OSError as problem:
            raise SourceRefusesError(
                f"{file.name} was read and cannot be moved to “{DONE}” ({problem.strerror});"
                " give Regard the right to write into the folder, or choose to leave files where they are"
            ) from None

    def _look(self) -> list[FoundFile]:
        now = self._clock.now()
        found = [self._describe(path, status, now) for path, status in self._walk(self._root)]
        names = {file.name for file in found}
        self._first_seen = {name: seen for name, seen in self._first_seen.items() if name in names}
        return sorted(found, key=lambda file: (file.changed_at, file.name))

    def _walk(self, folder: Path) -> Iterator[tuple[str, os.stat_result]]:
        count = 0
        try:
            for parent, folders, names in os.walk(folder, onerror=_raise, followlinks=False):
                folders[:] = sorted(name for name in folders if name != DONE and not name.startswith("."))
                for last in names:
                    path = Path(parent, last)
                    name = path.relative_to(self._root).as_posix()
                    if not is_wanted(name, self._pattern) or path.is_symlink() or not path.is_file():
                        continue
                    count += 1
                    if count > MOST_FILES:
                        raise SourceRefusesError(
                            f"the folder {self._root} holds more than {MOST_FILES:,} files;"
                            " choose to move files that were read, or clear it"
                        )
                    yield name, path.stat()
        except FileNotFoundError:
            raise SourceUnavailableError(
                f"the folder {self._root} is not there; create it, or correct “path” of the source"
            ) from None
        except PermissionError:
            raise SourceRefusesError(
                f"the folder {self._root} may not be read; give Regard the right to"
            ) from None

    async def close(self) -> None:
        """Nothing is held."""

    def _describe(self, name: str, status: os.stat_result, now: datetime) -> FoundFile:
        mark = _mark(status)
        changed = datetime.fromtimestamp(status.st_mtime, UTC)
        known = self._first_seen.get(name)
        if known is None or known[0] != mark:
            known = self._first_seen[name] = (mark, now)
        settled = now - known[1] >= _QUIET or now - changed >= _OLD
        return FoundFile(name, mark, status.st_size, changed, settled)

    def _inside(self, name: str) -> Path:
        path = self._root / name
        if path.is_symlink() or not path.resolve().is_relative_to(self._root):
            raise SourceRefusesError(f"{name} leads out of the watched folder; put the file itself there")
        return path


def _mark(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"


def _raise(problem: OSError) -> None:
    raise problem
