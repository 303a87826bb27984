"""Remembers which files are done, in which of their states, and which could not be read. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from regard.connectors.folder.describe_files import FoundFile

_LONGEST_NAME = 300


class DoneFiles:
    """The marks of one reading from the beginning, which `generation` names: those of others do not count."""

    def __init__(
        self, generation: str, kept: Mapping[str, str], news: Mapping[str, str] | None = None
    ) -> None:
        """`kept` are the marks there are, `news` those that are not kept yet."""
        self.generation = generation
        self._kept = {**kept, **(news or {})}
        self._news: dict[str, str | None] = {**(news or {})}

    def is_done(self, file: FoundFile) -> bool:
        """Whether this state of the file was read, or found unreadable."""
        return self._kept.get(_name(file.name)) in (self._mark(file, "done"), self._mark(file, "broken"))

    def was_broken(self, file: FoundFile) -> bool:
        """Whether it could not be read in the state that was met last."""
        return self._kept.get(_name(file.name), "").startswith(f"{self.generation} broken ")

    def note(self, file: FoundFile, *, broken: bool) -> None:
        """This state of the file is done."""
        name, mark = _name(file.name), self._mark(file, "broken" if broken else "done")
        self._kept[name] = self._news[name] = mark

    def forget_others(self, there: Iterable[str]) -> None:
        """Files that are there no more."""
        known = {_name(name) for name in there}
        for name in [name for name in self._kept if name not in known]:
            del self._kept[name]
            self._news[name] = None

    def take_news(self) -> dict[str, str | None]:
        """What was noted since this was asked last, for the next batch."""
        news, self._news = self._news, {}
        return news

    def _mark(self, file: FoundFile, what: str) -> str:
        return f"{self.generation} {what} {file.mark}"


def upgrade_marks(generation: str, cursor: Mapping[str, Any]) -> dict[str, str]:
    """The marks of a cursor that still held them itself; none of a newer one."""
    bad = set(cursor.get("broken", ()))
    return {
        _name(name): f"{generation} {'broken' if name in bad else 'done'} {mark}"
        for name, mark in cursor.get("done", {}).items()
    }


def _name(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return "sha256:" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
