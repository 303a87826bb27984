"""Unpacks compressed request bodies up to a cap, whatever their headers say."""

from __future__ import annotations

import zlib

from regard.kit.errors import RegardError, Terminal

MOST_BYTES = 4 * 1024 * 1024
_MAGIC = b"\x1f\x8b"
_GZIP = 31


class BodyTooLargeError(RegardError, Terminal):
    """The body is larger than the door takes."""

    code = "body_too_large"
    status = 413


class BodyUnreadableError(RegardError, Terminal):
    """The body is not what it says it is; nothing of it was kept."""

    code = "body_unreadable"
    status = 400


class EncodingUnknownError(RegardError, Terminal):
    """The body is compressed in a way that the door does not read."""

    code = "encoding_unknown"
    status = 415


def inflate_body(body: bytes, encoding: str | None, most: int = MOST_BYTES) -> bytes:
    """The body itself: unpacked when the header says so or the bytes look like gzip; at most `most` bytes.

    Raises `BodyTooLargeError`, `BodyUnreadableError` or `EncodingUnknownError`.
    """
    named = (encoding or "identity").strip().lower()
    if body.startswith(_MAGIC):
        return _gunzip(body, most)
    if named == "deflate" and _looks_like_zlib(body):
        return _unzip(body, most)
    if named not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise EncodingUnknownError(
            f"Content-Encoding “{named[:40]}” is not read here; send gzip or no compression."
        )
    if len(body) > most:
        raise too_large(most)
    # Some proxies unpack a body and leave the header; JSON cannot be mistaken for gzip.
    return body


def too_large(most: int) -> BodyTooLargeError:
    """The refusal of a body beyond the cap, with its remedy."""
    return BodyTooLargeError(
        f"The body is larger than {most / 1024 / 1024:.3g} MB (unpacked); nothing of it was kept."
        " Send smaller batches."
    )


def _looks_like_zlib(body: bytes) -> bool:
    # RFC 1950: compression method 8, and the first two bytes are a multiple of 31. JSON begins otherwise.
    return len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _unzip(body: bytes, most: int) -> bytes:
    packer = zlib.decompressobj()
    try:
        text = packer.decompress(body, most + 1)
    except zlib.error as error:
        raise BodyUnreadableError(f"The deflate body is damaged ({error}); send it again.") from None
    if len(text) > most:
        raise too_large(most)
    if not packer.eof:
        raise BodyUnreadableError("The deflate body ends before its end; send it again.")
    return text


def _gunzip(body: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    while body.startswith(_MAGIC):
        member = zlib.decompressobj(_GZIP)
        try:
            # One byte more than allowed tells a body at the cap from one beyond it.
            part = member.decompress(body, left + 1)
        except zlib.error as error:
            raise BodyUnreadableError(f"The gzip body is damaged ({error}); send it again.") from None
        left -= len(part)
        if left < 0:
            raise too_large(most)
        if not member.eof:
            raise BodyUnreadableError("The gzip body ends before its end; send it again.")
        parts.append(part)
        body = member.unused_data
    return b"".join(parts)
