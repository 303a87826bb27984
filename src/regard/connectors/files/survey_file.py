"""Looks once over all bytes of a file, chunk by chunk: size, digest, and what its encoding is.

The same object serves an upload (fed while it streams in) and a file on disk.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

from regard.connectors.files.describe_table import Limits, UnreadableFileError
from regard.connectors.files.detect_encoding import detect_mark, detect_wide, guess_legacy, is_mostly_utf8
from regard.connectors.files.inflate_stream import GZIP_MAGIC, inflate_allowance, too_much_inflation

_CHUNK = 1024 * 1024
_KEPT_HIGH_BYTES = 256 * 1024
_KEPT_HEAD = 64 * 1024
_LONGEST_LINE = 8 * 1024
_HIGH_BYTES = bytes(range(128, 256))


@dataclass(frozen=True, slots=True)
class Survey:
    """What a whole file was found to be; `digest` is SHA-256 of its bytes as they are on disk."""

    size_bytes: int
    digest: str
    encoding: str
    compressed: bool

    @property
    def file_key(self) -> str:
        """Sixteen hexadecimal digits that name this content."""
        return self.digest[:16]


class FileSurvey:
    """Collects a `Survey` from chunks of any size; memory does not grow with the file."""

    def __init__(self, filename: str, limits: Limits | None = None) -> None:
        self._filename = filename
        self._limits = limits or Limits()
        self._digest = hashlib.sha256()
        self._size = 0
        self._start = b""
        self._inflater: zlib._Decompress | None = None
        self._inflated = 0
        self._broken_gzip = False
        self._head = b""
        self._high = bytearray()
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; raises `UnreadableFileError` when the file is a bomb."""
        self._digest.update(chunk)
        self._size += len(chunk)
        if len(self._start) < 2:
            # The first two bytes decide; an upload may bring them in two chunks.
            self._start += chunk
            if len(self._start) < 2:
                return
            chunk = self._start
            if chunk.startswith(GZIP_MAGIC):
                self._inflater = zlib.decompressobj(wbits=31)
        if self._inflater is None:
            self._look(chunk)
        else:
            self._inflate(chunk)

    def finish(self) -> Survey:
        """What was found."""
        if len(self._start) < 2:
            self._look(self._start)
        compressed = self._inflater is not None
        return Survey(self._size, self._digest.hexdigest(), self._encoding(), compressed)

    def _inflate(self, chunk: bytes) -> None:
        pending = chunk
        while pending and self._inflater is not None and not self._broken_gzip:
            try:
                plain = self._inflater.decompress(pending, _CHUNK)
            except zlib.error:
                # The reader says where; the survey only has to end.
                self._broken_gzip = True
                return
            self._inflated += len(plain)
            if self._inflated > inflate_allowance(self._size, self._limits):
                raise too_much_inflation(self._filename, self._inflated)
            self._look(plain)
            pending = self._inflater.unconsumed_tail
            if self._inflater.eof:
                pending = self._inflater.unused_data
                self._inflater = zlib.decompressobj(wbits=31)

    def _look(self, chunk: bytes) -> None:
        if len(self._head) < _KEPT_HEAD:
            self._head += chunk[: _KEPT_HEAD - len(self._head)]
        if len(self._high) < _KEPT_HIGH_BYTES:
            self._keep_high_lines(self._rest + chunk)

    def _keep_high_lines(self, text: bytes) -> None:
        """Collect lines with bytes above 127, whole ones, because a cut character would look broken."""
        whole, _, rest = text.rpartition(b"\n")
        self._rest = rest if len(rest) < _LONGEST_LINE else b""
        if whole.isascii():
            return
        for line in whole.split(b"\n"):
            if len(self._high) >= _KEPT_HIGH_BYTES:
                return
            if not line.isascii():
                cut = line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE].rstrip(_HIGH_BYTES)
                self._high += cut + b"\n"

    def _encoding(self) -> str:
        announced = detect_mark(self._head) or detect_wide(self._head)
        if announced:
            return announced
        high = bytes(self._high) + (b"" if self._rest.isascii() else self._rest)
        return "utf-8" if is_mostly_utf8(high) else guess_legacy(high)


def survey_file(path: Path, filename: str, limits: Limits | None = None) -> Survey:
    """The survey of a file on disk; raises `UnreadableFileError` when it cannot be read."""
    survey = FileSurvey(filename, limits)
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                survey.feed(chunk)
    except FileNotFoundError:
        raise UnreadableFileError(
            f"{filename}: there is no such file; check the name and the folder"
        ) from None
    except IsADirectoryError:
        raise UnreadableFileError(
            f"{filename} is a folder; name the files in it, such as {filename}/*.csv"
        ) from None
    except PermissionError:
        raise UnreadableFileError(f"{filename} may not be read by this user; check its permissions") from None
    except OSError as problem:
        raise UnreadableFileError(f"{filename} cannot be read: {problem.strerror or problem}") from None
    return survey.finish()
