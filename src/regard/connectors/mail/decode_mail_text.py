"""Turns the bytes of mail into text, whatever encoding they claim: nothing here raises.

Encoded words are those of RFC 2047; senders break them in every way, so what cannot be decoded as announced
is read as UTF-8, then as Windows-1252.
"""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

# Encodings that Python knows as text but that decode in quadratic time or are none that mail is written in.
_REFUSED = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
# What senders announce, and the larger set of signs that they in fact use.
_WIDER = {
    "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "iso-8859-8-i": "iso-8859-8", "iso-8859-9": "cp1254",
}  # fmt: skip
_FOLD = re.compile(r"\r?\n[ \t]*|\r")
# Controls that are no layout, and halves of surrogate pairs: neither is text, nor can a database keep them.
_UNKEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST_HEADER = 100_000


def decode_bytes(raw: bytes, charset: str | None) -> str:
    """The text of bytes that claim to be written in `charset`."""
    name = (charset or "utf-8").strip().strip("'\"").lower()
    for candidate in (_WIDER.get(name, name), "utf-8"):
        if candidate in _REFUSED or candidate.replace("-", "_") in _REFUSED:
            continue
        try:
            return clean_text(raw.decode(candidate))
        except (LookupError, ValueError):
            continue
    return clean_text(raw.decode("cp1252", "replace"))


def clean_text(text: str) -> str:
    """The text with plain line ends and without what no database keeps."""
    return _UNKEPT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def unfold(raw: str) -> str:
    """A header as one line; its bytes beyond ASCII, escaped by the parser, decoded."""
    line = _FOLD.sub(" ", raw[:_LONGEST_HEADER]).strip()
    if line.isascii():
        return line
    return decode_bytes(line.encode("utf-8", "surrogateescape"), None)


def decode_words(raw: str) -> str:
    """The text of a header, encoded words decoded."""
    line = unfold(raw)
    if "=?" not in line:
        return clean_text(line)
    try:
        parts = decode_header(line)
    except (HeaderParseError, ValueError, TypeError):
        return clean_text(line)
    texts = [decode_bytes(part, charset) if isinstance(part, bytes) else part for part, charset in parts]
    return " ".join(clean_text("".join(texts)).split())
