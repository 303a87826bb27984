"""What the signature schemes share: how they refuse, their window of time, and several secrets at once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from regard.connectors.connector_contract import WebhookRequest
from regard.kit.errors import RegardError, Terminal

WINDOW = timedelta(minutes=5)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"[0-9]{1,15}")

Code = Literal["wrong_signature", "stale_signature", "missing_signature"]
Digest = Literal["sha1", "sha256", "sha512"]


class SignatureRefusedError(RegardError, Terminal):
    """The request does not prove that the source sent it, now; the sentence says what to check."""

    status = 401

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class SecretUnusableError(SignatureRefusedError):
    """The secret in the settings of the source cannot prove anything, whatever is sent."""

    def __init__(self, sentence: str) -> None:
        super().__init__("wrong_signature", sentence)


def secrets_of(secret: str) -> list[str]:
    """The secrets that hold at the moment: several while one is being replaced, each on a line of its own."""
    found = [line.strip() for line in secret.splitlines() if line.strip()]
    if not found:
        raise SecretUnusableError(
            "The source has no webhook secret yet; copy it from the sender into the settings of the source."
        )
    return found


def require_header(request: WebhookRequest, *names: str) -> str:
    """The first of the headers (names in small letters) that is there and not blank."""
    for name in names:
        if value := request.headers.get(name, "").strip():
            return value
    raise SignatureRefusedError(
        "missing_signature",
        f"The header {names[0].title()} is missing. Check that the sender is of the kind that the source"
        " was set up for, and that no proxy removes the header.",
    )


def mac(key: bytes, message: bytes, digest: Digest = "sha256") -> bytes:
    """The keyed hash of the message."""
    return hmac.new(key, message, digest).digest()


def as_base64(value: bytes) -> bytes:
    """Base64 text as bytes."""
    return base64.b64encode(value)


def as_hex(value: bytes) -> bytes:
    """Small hexadecimal digits as bytes."""
    return binascii.hexlify(value)


def to_bytes(text: str) -> bytes:
    """The text as UTF-8; what UTF-8 cannot hold becomes a question mark, which no signature contains."""
    return text.encode("utf-8", "replace")


def is_one_of(given: str, expected: Iterable[bytes]) -> bool:
    """Whether `given` is one of the expected values; looks at all of them, each in constant time."""
    raw, equal = to_bytes(given), False
    for one in expected:
        equal |= hmac.compare_digest(raw, one)
    return equal


def require_equal(given: Iterable[str], expected: Iterable[bytes], what: str) -> None:
    """Raise unless one of the given signatures is expected; `what` is where the secret comes from."""
    wanted = list(expected)
    if not any(is_one_of(one, wanted) for one in given):
        raise wrong_signature(what)


def wrong_signature(what: str) -> SignatureRefusedError:
    """The refusal of a signature that was made with another secret, or over another text."""
    return SignatureRefusedError(
        "wrong_signature",
        f"The signature does not fit. Compare the webhook secret of the source with {what}, and check that"
        " no proxy changes the body.",
    )


def require_recent(stamp: str, request: WebhookRequest, *, per_second: int = 1) -> None:
    """Raise unless the stamp (since 1970; 1 or 1,000 a second) lies within five minutes of the arrival."""
    if not _DIGITS.fullmatch(stamp):
        raise _not_a_time()
    try:
        at = _EPOCH + timedelta(seconds=int(stamp) / per_second)
    except OverflowError:
        raise _not_a_time() from None
    require_recent_time(at, request)


def require_recent_time(at: datetime, request: WebhookRequest) -> None:
    """Raise unless the instant lies within five minutes of the arrival, before or after."""
    age = (request.received_at - at).total_seconds()
    if abs(age) > WINDOW.total_seconds():
        side = "before it arrived" if age > 0 else "in the future"
        raise SignatureRefusedError(
            "stale_signature",
            f"The request says it was signed {_say(abs(age))} {side}; five minutes are allowed. Check the"
            " clocks of both machines. If they are right, somebody may be sending an old request again.",
        )


def require_recent_text(stamp: str, request: WebhookRequest) -> None:
    """The same for a stamp that is digits since 1970 or an ISO 8601 time (UTC where it names no zone)."""
    if _DIGITS.fullmatch(stamp):
        require_recent(stamp, request)
        return
    try:
        at = datetime.fromisoformat(stamp)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _not_a_time() from None
    require_recent_time(at, request)


def sha256(message: bytes) -> bytes:
    """The plain hash of the message."""
    return hashlib.sha256(message).digest()


def _not_a_time() -> SignatureRefusedError:
    return SignatureRefusedError(
        "wrong_signature",
        "The time stamp of the signature is no time. Check that the sender is of the kind that the source was"
        " set up for.",
    )


def _say(seconds: float) -> str:
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {word}"
    return f"{seconds:.0f} seconds"
