"""What is known of a file before it is read, and the two kinds of place that files lie in."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file: `name` relative to its place, with `/`; `mark` changes with its content; `size` in bytes.

    `settled` says that nobody writes it any more.
    """

    name: str
    mark: str
    size: int
    changed_at: datetime
    settled: bool = True


class Shelf(Protocol):
    """A place that files lie in. Its methods raise the errors of a `SourceClient`."""

    async def look(self) -> Sequence[FoundFile]:
        """All files that are wanted, the one changed longest ago first."""

    def borrow(self, file: FoundFile) -> AbstractAsyncContextManager[Path]:
        """The content as a file on this machine, for as long as it is needed."""

    async def is_same(self, file: FoundFile) -> bool:
        """Whether the file is still the one that was found."""

    async def put_away(self, file: FoundFile) -> None:
        """Move a file that was read into the place of those done."""

    async def close(self) -> None:
        """Give back what is held."""
