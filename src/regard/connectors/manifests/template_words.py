"""The functions and filters that templates of a manifest may call, bounded in size."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from regard.connectors.http.http_answer import read_exact_json
from regard.connectors.manifests.instants import read_instant, read_span, write_instant

_LONGEST = 1_000_000
_DAY_DELTA = "%Y-%m-%dT%H:%M:%S.%f%z"
_HASHES = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b"}
_LONGEST_PATTERN = 300
# What may be searched by a pattern with so many unbounded repetitions: its cost grows with that power.
_SUBJECT_BY_REPETITIONS = (100_000, 100_000, 10_000, 1_000, 200)
_NESTED = re.compile(r"\((?:[^()\\]|\\.)*(?:[*+|]|\{\d*,\d*\})(?:[^()\\]|\\.)*\)(?:[*+]|\{\d*,)")
_UNBOUNDED = re.compile(r"(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,\})")


class TellTime(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""


def list_functions(clock: TellTime) -> dict[str, Callable[..., Any]]:
    """The functions, telling the time by `clock`."""

    def day_delta(num_days: int, format: str = _DAY_DELTA) -> str:  # noqa: A002 - the language's own name
        return write_instant(clock.now() + timedelta(days=num_days), format)

    return {
        "now_utc": clock.now,
        "today_utc": lambda: clock.now().date(),
        "timestamp": _timestamp,
        "max": max,
        "min": min,
        "day_delta": day_delta,
        "duration": read_span,
        "format_datetime": _format_datetime,
        "str_to_datetime": _read,
        "generate_uuid": _refuse_chance,
        "sanitize_url": lambda text: re.sub(r"[^a-zA-Z0-9_-]+", "_", str(text)),
        "camel_case_to_snake_case": lambda text: re.sub(r"(?<!^)(?=[A-Z])", "_", str(text)).lower(),
        "str_to_json": _str_to_json,
    }


def _refuse_chance() -> str:
    raise ValueError("generate_uuid gives every reading another value and is not supported")


def _str_to_json(text: str) -> Any:  # noqa: ANN401
    return read_exact_json(text)


def _read(value: Any, form: str | None = None) -> datetime:  # noqa: ANN401
    moment = value if isinstance(value, datetime) else read_instant(value, [form] if form else [])
    if moment is None and isinstance(value, date):
        moment = read_instant(value.isoformat(), [])
    if moment is None:
        raise ValueError("the value is no time")
    return moment


def _timestamp(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, int | float):
        return int(value)
    return int(_read(value).timestamp())


def _format_datetime(value: Any, format: str, input_format: str | None = None) -> str:  # noqa: A002, ANN401
    return write_instant(_read(value, input_format), str(format))


def _hash(value: Any, hash_type: str = "md5", salt: str | None = None) -> str:  # noqa: ANN401
    if hash_type not in _HASHES:
        raise ValueError(f"the hash {hash_type} is unknown")
    digest = hashlib.new(hash_type, str(value).encode(), usedforsecurity=False)
    if salt:
        digest.update(str(salt).encode())
    return digest.hexdigest()


def _hmac(value: Any, key: str, hash_type: str = "sha256") -> str:  # noqa: ANN401
    if hash_type not in _HASHES:
        raise ValueError(f"the hash {hash_type} is unknown")
    return hmac.new(str(key).encode(), str(value).encode(), hash_type).hexdigest()


def _base64encode(value: Any) -> str:  # noqa: ANN401
    return base64.b64encode(str(value).encode()).decode()


def _base64decode(value: Any) -> str:  # noqa: ANN401
    return base64.b64decode(str(value).encode()).decode()


def _base64binascii_decode(value: Any) -> str:  # noqa: ANN401
    return base64.b64decode(str(value)).hex()


def _regex_search(value: Any, regex: str) -> str:  # noqa: ANN401
    subject = str(value)
    match = safe_pattern(regex, subject).search(subject)
    return (match[1] or "") if match and match.re.groups else ""


def _regex_replace(value: Any, regex: str, replacement: str) -> str:  # noqa: ANN401
    subject = str(value)
    pattern = safe_pattern(regex, subject)
    check_growth(len(subject), len(pattern.findall(subject)), len(str(replacement)))
    return pattern.sub(lambda match: str(replacement), subject)


def safe_pattern(regex: str, subject: str) -> re.Pattern[str]:
    """The pattern, unless looking for it could take for ever; raises `ValueError`."""
    if len(regex) > _LONGEST_PATTERN or _NESTED.search(regex):
        raise ValueError("the regular expression is too long or repeats a repetition or a choice")
    repetitions = len(_UNBOUNDED.findall(regex))
    if repetitions >= len(_SUBJECT_BY_REPETITIONS) or len(subject) > _SUBJECT_BY_REPETITIONS[repetitions]:
        raise ValueError("the regular expression has too many repetitions for so long a text")
    try:
        return re.compile(regex)
    except (re.error, RecursionError, OverflowError):
        raise ValueError("the regular expression cannot be read") from None


def bounded(value: Any) -> Any:  # noqa: ANN401 - passes any value on
    """The value itself; raises `ValueError` when it grew too large."""
    if isinstance(value, str | bytes | list | tuple) and len(value) > _LONGEST:
        raise ValueError("the template makes a value that is too large")
    return value


def check_growth(before: int, places: int, added: int) -> None:
    """Raises `ValueError` when a text of that size would grow too large by so much in so many places."""
    if before + places * added > _LONGEST:
        raise ValueError("the template makes a value that is too large")


def _replace(value: Any, old: str, new: str) -> str:  # noqa: ANN401
    text = str(value)
    check_growth(len(text), text.count(str(old)), len(str(new)))
    return text.replace(str(old), str(new))


def _join(value: Any, between: str = "", attribute: str | None = None) -> str:  # noqa: ANN401
    parts = [str(one.get(attribute, "") if attribute and isinstance(one, Mapping) else one) for one in value]
    check_growth(sum(map(len, parts)), len(parts), len(str(between)))
    return str(between).join(parts)


def _tojson(value: Any) -> str:  # noqa: ANN401
    return json.dumps(value)


METHODS: Mapping[str, Callable[..., Any]] = {
    "replace": _replace,
    "join": lambda between, parts: _join(parts, between),
}
"""Methods of texts in their bounded form: the text comes first."""

FILTERS: Mapping[str, Callable[..., Any]] = {
    "hash": _hash,
    "hmac": _hmac,
    "base64encode": _base64encode,
    "base64decode": _base64decode,
    "base64binascii_decode": _base64binascii_decode,
    "join": _join,
    "replace": _replace,
    "tojson": _tojson,
    "regex_search": _regex_search,
    "regex_replace": _regex_replace,
}
