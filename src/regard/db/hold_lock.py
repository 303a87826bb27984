"""A lock on a file that the kernel lets go when its holders are gone, however they went."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.02


class FileLock:
    """An exclusive lock. A child process that inherits `descriptor` holds it too, until both have gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file, for handing on to a child; only while held."""
        if self._descriptor is None:
            raise ValueError(f"{self._path} is not held")
        return self._descriptor

    def acquire(self) -> bool:
        """Take the lock if it is free; whether we hold it now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go. Closing, never unlocking: a child that inherited the lock keeps it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock and hold it for the length of the block."""
        while not self.acquire():
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            self.release()
