"""Reads the body of a pushed request: capped, against a deadline, unpacked."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from regard.intake.inflate_bodies import MOST_BYTES, BodyUnreadableError, inflate_body, too_large
from regard.kit.errors import RegardError, Transient

WHOLE_BODY_SECONDS = 15.0


class BodyTooSlowError(RegardError, Transient):
    """The whole body did not arrive within the deadline."""

    code = "slow_body"
    status = 408


async def read_request_body(
    request: Request, *, most: int = MOST_BYTES, seconds: float = WHOLE_BODY_SECONDS
) -> bytes:
    """The unpacked body; raises what `read_raw_body` and `inflate_body` raise."""
    body = await read_raw_body(request, most=most, seconds=seconds)
    return inflate_body(body, request.headers.get("content-encoding"), most)


async def read_raw_body(
    request: Request, *, most: int = MOST_BYTES, seconds: float = WHOLE_BODY_SECONDS
) -> bytes:
    """The body as it came; raises `BodyTooLargeError`, `BodyTooSlowError` or `BodyUnreadableError`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise too_large(most)
    try:
        async with asyncio.timeout(seconds):
            return await _collect(request, most)
    except TimeoutError:
        raise BodyTooSlowError(
            f"The body did not arrive within {seconds:g} seconds; send it again."
        ) from None
    except ClientDisconnect:
        raise BodyUnreadableError("The connection ended before the body did; nothing was kept.") from None


async def _collect(request: Request, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_large(most)
        parts.append(part)
    return b"".join(parts)
