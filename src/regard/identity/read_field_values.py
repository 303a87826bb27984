"""The values of a record's raw field: one text, several, or something that is no text."""

from typing import Any


def texts(raw: object) -> list[str]:
    """The texts of a field; their edges are kept (a lost '+' leaves a space)."""
    if isinstance(raw, str):
        return [raw] if raw and not raw.isspace() else []
    if raw is None:
        return []
    several = raw if isinstance(raw, list | tuple | set) else [raw]
    found = (item if isinstance(item, str) else str(item) for item in several if item is not None)
    return [text for text in found if text.strip()]


def first_text(raw: object) -> str:
    """The first text of a field, '' when there is none."""
    if isinstance(raw, str):
        return "" if raw.isspace() else raw
    found = texts(raw)
    return found[0] if found else ""


def items(raw: object) -> list[Any]:
    """The values of a field that may hold mappings."""
    return list(raw) if isinstance(raw, list | tuple) else [raw] if raw else []
