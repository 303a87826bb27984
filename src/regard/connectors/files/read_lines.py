"""Reads a text line by line with a bound on every line, and says of each whether its bytes were sound."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from regard.connectors.files.describe_table import RAW_CHARACTERS

_WIDE = ("utf-16", "utf-32")


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
    return _read_byte_lines(stream, encoding, longest)


def _read_byte_lines(stream: BinaryIO, encoding: str, longest: int) -> Iterator[Line]:
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    first = True
    while raw := stream.readline(longest):
        if first and encoding == "utf-8-sig":
            raw = raw.removeprefix(codecs.BOM_UTF8)
        first = False
        if len(raw) >= longest and not raw.endswith(b"\n"):
            while (rest := stream.readline(longest)) and not rest.endswith(b"\n"):
                pass
            yield Line(raw[:RAW_CHARACTERS].decode(plain, "replace"), overlong=True)
            continue
        yield _decode(raw, plain)


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
