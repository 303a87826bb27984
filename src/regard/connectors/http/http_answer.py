"""What a source answered over HTTP, and which error it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

import httpx

from regard.connectors.connector_contract import (
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.kit.errors import RegardError

_SAFE_INTEGER = 2**53
_SAFE_DIGITS = 15
_LONGEST_PAUSE = 24 * 3600.0
_PASSING = frozenset({408, 409, 423, 425, 429})
_NOT_LET_IN = frozenset({401, 403, 407})


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer: headers in small letters, body decoded; `place`: method, address without query."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    place: str
    url: str

    @property
    def good(self) -> bool:
        """Whether the source did what was asked, or had nothing new (304)."""
        return 200 <= self.status < 300 or self.not_modified

    @property
    def not_modified(self) -> bool:
        """Whether nothing changed since the validators that were sent."""
        return self.status == 304

    @property
    def validators(self) -> dict[str, str]:
        """What to send next time to hear only of changes: `etag`, `last_modified` where given."""
        found = {"etag": self.headers.get("etag"), "last_modified": self.headers.get("last-modified")}
        return {name: value for name, value in found.items() if value}

    @property
    def text(self) -> str:
        """The body as text, in the charset it names or UTF-8."""
        charset = "utf-8"
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.partition("=")
            if name.strip().lower() == "charset":
                charset = value.strip().strip('"')
        try:
            return self.body.decode(charset, errors="replace")
        except LookupError:
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:  # noqa: ANN401 - JSON is any of its types
        """The body as JSON; raises `SourceMisbehavesError` when it is none."""
        try:
            return read_exact_json(self.body)
        except ValueError:
            raise SourceMisbehavesError(
                f"{self.place} answered {self.status} with something that is not JSON"
                f" ({self.headers.get('content-type', 'no content type')}); check the address in the settings"
            ) from None


def read_exact_json(text: bytes | str) -> Any:  # noqa: ANN401 - JSON is any of its types
    """JSON with whole numbers beyond 2^53 as texts of their digits; raises `ValueError`."""
    try:
        return json.loads(text, parse_int=_read_integer, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _read_integer(digits: str) -> int | str:
    if len(digits) <= _SAFE_DIGITS:
        return int(digits)
    if len(digits) > _SAFE_DIGITS + 2:
        return digits
    number = int(digits)
    return number if abs(number) <= _SAFE_INTEGER else digits


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def describe_fault(answer: HttpAnswer, now: datetime) -> RegardError | None:
    """The error that an answer means; None for a good one."""
    if answer.good:
        return None
    status, place = answer.status, answer.place
    if status in _PASSING or status >= 500:
        return SourceUnavailableError(f"{place} answered {status}", read_retry_after(answer, now))
    if status in _NOT_LET_IN:
        return SourceRefusesError(
            f"{place} answered {status}: the credentials are not (or no longer) accepted, or lack the right"
            " to read this; renew them in the settings of the source"
        )
    if status in {404, 410}:
        return SourceRefusesError(
            f"{place} answered {status}: there is nothing at this address; check the address in the settings"
        )
    if status < 400:
        return SourceMisbehavesError(f"{place} answered {status}, which is no answer to this question")
    return SourceRefusesError(
        f"{place} answered {status}: it does not accept the request; check the settings of the source"
    )


def describe_break(error: Exception) -> str:
    """What a request that brought no answer met, with the remedy; its words are not told: they may quote."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "is not asked: its certificate does not prove the host; check the address, or have it renewed"
    if isinstance(error, httpx.ProxyError):
        return "is not let through by the proxy that the environment names; look into the proxy's log"
    if isinstance(error, httpx.DecodingError):
        return "answers in a packing that cannot be opened (Content-Encoding); look at the source"
    if isinstance(error, httpx.ConnectError):
        return (
            "cannot be reached: no connection comes about; check the address and whether this machine may"
            " reach it. It is tried again"
        )
    return (
        "broke the connection off before its answer was complete; it is tried again. If it lasts, look into"
        " the log of the source"
    )


def read_retry_after(answer: HttpAnswer, now: datetime) -> float | None:
    """Seconds to wait that the answer asks for (RFC 9110 §10.2.3: seconds or a date), a day at most."""
    stated = answer.headers.get("retry-after", "").strip()
    if not stated:
        return None
    try:
        pause = float(stated)
    except ValueError:
        try:
            moment = parsedate_to_datetime(stated)
        except (TypeError, ValueError):
            return None
        pause = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(pause, 0.0), _LONGEST_PAUSE) if pause == pause else None
