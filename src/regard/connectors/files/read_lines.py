"""Reads a text line by line with a bound on every line, and says of each whether its bytes were sound."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from regard.connectors.files.describe_table import RAW_CHARACTERS

_WIDE = ("utf-16", "utf-32")
_BLOCK = 64 * 1024


class Line(NamedTuple):
    """One line with its ending. `broken`: it holds bytes that are no characters, or a NUL.

    `overlong`: only its beginning is here, the rest was passed over.
    """

    text: str
    broken: bool = False
    overlong: bool = False


def read_lines(
    stream: BinaryIO, encoding: str, longest: int, *, carriage_returns: bool = False
) -> Iterator[Line]:
    """All lines of `stream`; memory stays below a few times `longest` bytes.

    `carriage_returns`: the lines end with CR alone, as on old Macintoshes.
    Broken bytes come as lone surrogates (PEP 383) or, in the wide encodings, as U+FFFD.
    """
    if carriage_returns or encoding.startswith(_WIDE):
        return _read_text_lines(stream, encoding, longest)
    return ByteLines(stream, encoding, longest)


class ByteLines:
    """The lines of a text whose lines can be told apart before it is decoded: one by one, or many at once."""

    def __init__(self, stream: BinaryIO, encoding: str, longest: int) -> None:
        self._stream = stream
        self._encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        self._longest = longest
        self._back: deque[bytes] = deque()
        self._block = b""
        if encoding == "utf-8-sig":
            head = stream.readline(longest).removeprefix(codecs.BOM_UTF8)
            self._back.extend([head] if head else ())

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        raw = self._back.popleft() if self._back else self._stream.readline(self._longest)
        if not raw:
            raise StopIteration
        whole = raw.endswith(b"\n")
        if len(raw) > self._longest or (len(raw) == self._longest and not whole):
            while not whole and (rest := self._stream.readline(self._longest)):
                whole = rest.endswith(b"\n")
            return Line(raw[:RAW_CHARACTERS].decode(self._encoding, "replace"), overlong=True)
        return _decode(raw, self._encoding)

    def take_block(self) -> str | None:
        """Many whole lines as one text; None where one of them wants care, and at the end.

        What is not given as a block comes line by line.
        """
        if self._back:
            return None
        self._block = self._stream.read(_BLOCK)
        if self._block and not self._block.endswith(b"\n"):
            self._block += self._stream.readline(self._longest)
        try:
            if self._block.endswith(b"\n") and b"\0" not in self._block:
                return self._block.decode(self._encoding)
        except UnicodeDecodeError:
            pass
        self.return_block()
        return None

    def return_block(self) -> None:
        """Take the last block back, to give its lines once more one by one."""
        *whole, last = self._block.split(b"\n")
        self._back.extend(line + b"\n" for line in whole)
        self._back.extend([last] if last else ())


def _decode(raw: bytes, encoding: str) -> Line:
    try:
        return Line(raw.decode(encoding), b"\0" in raw)
    except UnicodeDecodeError:
        pass
    try:
        return Line(raw.decode(encoding, "surrogateescape"), broken=True)
    except UnicodeDecodeError:
        return Line(raw.decode(encoding, "replace"), broken=True)


def _read_text_lines(stream: BinaryIO, encoding: str, longest: int) -> Iterator[Line]:
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    while line := text.readline(longest):
        if len(line) >= longest and not line.endswith(("\n", "\r")):
            while (rest := text.readline(longest)) and not rest.endswith(("\n", "\r")):
                pass
            yield Line(line[:RAW_CHARACTERS], overlong=True)
            continue
        yield Line(line, "\ufffd" in line or "\0" in line)


def broken_character(text: str) -> bool:
    """Whether a text holds what no database can take: lone surrogates, U+FFFD for lost bytes, NUL."""
    return any("\ud800" <= c <= "\udfff" or c in "\ufffd\0" for c in text)


def readable(text: str) -> str:
    """The text with broken bytes and NULs shown as U+FFFD, to be kept and shown."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" or c == "\0" else c for c in text)
