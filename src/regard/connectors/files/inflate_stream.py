"""Reads through gzip without trusting it: a small file that grows without end is refused."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from regard.connectors.files.describe_table import Limits, UnreadableFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"


class CountedFile:
    """An open file whose read position can be asked for at any time."""

    def __init__(self, path: Path, filename: str, limits: Limits) -> None:
        self._raw = path.open("rb", buffering=0)
        self.size = path.stat().st_size
        magic = self._raw.read(2)
        self._raw.seek(0)
        self.compressed = magic == GZIP_MAGIC
        self.stream: BinaryIO
        if self.compressed:
            guarded = _GuardedInflater(self._raw, filename, self.size, limits)
            self.stream = io.BufferedReader(guarded, 256 * 1024)
        else:
            self.stream = io.BufferedReader(self._raw, 256 * 1024)

    def position(self) -> int:
        """Bytes of the file itself read so far, compressed bytes where it is compressed."""
        return self._raw.tell() if not self._raw.closed else self.size

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
        self._raw.close()


class _GuardedInflater(io.RawIOBase):
    """Inflates and counts; raises `UnreadableFileError` for broken data and for bombs."""

    def __init__(self, raw: io.FileIO, filename: str, size: int, limits: Limits) -> None:
        super().__init__()
        self._gzip = gzip.GzipFile(fileobj=raw, mode="rb")
        self._filename = filename
        self._allowed = inflate_allowance(size, limits)
        self._inflated = 0

    def readable(self) -> bool:
        """Always: this stream is there to be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill the buffer with inflated bytes."""
        room = memoryview(buffer).cast("B")
        try:
            chunk = self._gzip.read(len(room))
        except (OSError, EOFError, zlib.error) as problem:
            raise UnreadableFileError(
                f"{self._filename}: the compressed data is broken after {self._inflated:,} bytes ({problem});"
                " compress the file again or upload it uncompressed"
            ) from None
        self._inflated += len(chunk)
        if self._inflated > self._allowed:
            raise too_much_inflation(self._filename, self._inflated)
        room[: len(chunk)] = chunk
        return len(chunk)


def inflate_allowance(size: int, limits: Limits) -> int:
    """How many bytes a compressed file of `size` bytes may become."""
    return min(limits.inflated_bytes, max(limits.inflate_free_bytes, size * limits.inflate_ratio))


def too_much_inflation(filename: str, inflated: int) -> UnreadableFileError:
    """The error for a file that grows beyond its allowance."""
    return UnreadableFileError(
        f"{filename}: grows to more than {inflated // 1_000_000:,} MB when it is unpacked, far more than a"
        " table of its size would; unpack it yourself and import the table if it is right"
    )
