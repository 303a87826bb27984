"""Sets up the logs: lines for people on a terminal, JSON elsewhere, and no customer's values in either.

An event is logged under a fixed name with numbers, codes and ids beside it, never with a sentence that quotes
data. Messages of exceptions quote data (a database says which e-mail address is there twice), so of an
exception only its types and the places it passed are written.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog

LogFormat = Literal["auto", "console", "json"]
_ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


_TOO_TALKATIVE = ("httpx", "httpcore", "sqlalchemy")


def configure_logs(program: str, *, log_format: LogFormat = "auto", level: str = "info") -> None:
    """Send structlog and the standard library's logging to standard error, as `program`."""
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Program(program),
        write_exception_without_message,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(sort_keys=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Addresses that sources are asked at may carry keys in them.
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Program:
    """Adds the name of the program to every line."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(
        self,
        _logger: object,
        _method: str,
        line: MutableMapping[str, Any],
    ) -> MutableMapping[str, Any]:
        line["program"] = self._name
        return line


def write_exception_without_message(
    _logger: object,
    _method: str,
    line: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the exception's types and places; its messages may quote customers' data."""
    information = _exception_of(line.pop("exc_info", None))
    if information is not None:
        line["exception"] = describe_exception(information[1])
    return line


def describe_exception(problem: BaseException) -> list[str]:
    """Types, codes and places of an exception, of what it gathers and of what caused it, outermost first."""
    told: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [problem]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        code = getattr(current, "code", None) or getattr(current, "sqlstate", None)
        kind = type(current)
        told.append(
            f"{kind.__module__}.{kind.__qualname__}" + (f" [{code}]" if isinstance(code, str) else "")
        )
        told += [
            f"  {place.name} {place.filename}:{place.lineno}"
            for place in traceback.extract_tb(current.__traceback__)
        ]
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting.append(current.__cause__ or current.__context__)
    return told


def _exception_of(given: object) -> _ExceptionInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if isinstance(given, tuple) and len(given) == 3 and isinstance(given[1], BaseException):
        return type(given[1]), given[1], given[1].__traceback__
    if given:
        kind, value, trace = sys.exc_info()
        if kind is not None and value is not None:
            return kind, value, trace
    return None
