"""Reads numbers and ids from addresses, with errors that name the parameter."""

from __future__ import annotations

from uuid import UUID

from regard.kit.errors import RegardError

_MOST_DIGITS = 18


class BadParameterError(RegardError):
    """A parameter of the address has a value that cannot be used."""

    code = "bad_parameter"
    status = 422


def read_number(text: str | None, name: str, default: int) -> int:
    """A positive whole number, or the default when none is given."""
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS or int(text) == 0:
        raise BadParameterError(f"`{name}` must be a whole number from 1")
    return int(text)


def read_id(text: str) -> UUID | None:
    """An id; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
