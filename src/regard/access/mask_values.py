"""Masks values by kind, on the server: enough to recognise what is known, never the length of what is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_DOTS = "•••"


def mask_value(kind: str, value: str) -> str:
    """The masked form of a value; an unknown kind gives dots only."""
    return MASKS.get(kind, mask_text)(value.strip())


def mask_text(value: str) -> str:
    """Dots, whatever is behind them."""
    return _DOTS


def mask_name(value: str) -> str:
    """Initials of the first and last word: `A••• S•••`."""
    words = [word for word in value.split() if len(word) > 1 and word[0].isalnum()]
    shown = words if len(words) < 3 else [words[0], words[-1]]
    return " ".join(word[0] + _DOTS for word in shown) or _DOTS


def mask_email(value: str) -> str:
    """`a•••@d•••.com`: first letters and the last label of the domain."""
    local, at, domain = value.rpartition("@")
    host, dot, top = domain.rpartition(".")
    if not at or not dot or not top.isalpha() or len(top) > 12:
        return _DOTS
    return f"{_first(local)}{_DOTS}@{_first(host)}{_DOTS}.{top}"


def mask_phone(value: str) -> str:
    """The last two digits: `••• •• 22`."""
    digits = [c for c in value if c.isdigit()]
    return f"{_DOTS} •• {''.join(digits[-2:])}" if len(digits) >= 7 else _DOTS


def mask_identifier(value: str) -> str:
    """The last two characters of a long one: `•••7K`."""
    kept = [c for c in value if c.isalnum()]
    return _DOTS + "".join(kept[-2:]) if len(kept) >= 8 and "@" not in value else _DOTS


def mask_contact(value: str) -> str:
    """An email or a telephone number, each in its own way."""
    return mask_email(value) if "@" in value else mask_phone(value)


def mask_shape(value: str) -> str:
    """How a value is written, without what it says: words are Xxx or xxx, digits 9, marks stay.

    For those who set up an import but may not see customers: enough to choose a field by.
    """
    shaped = re.sub(r"[^\W\d_]+", lambda word: "Xxx" if word[0][:1].isupper() else "xxx", value[:60])
    return re.sub(r"\d", "9", shaped)


def mask_date(value: str) -> str:
    """Nothing of a date: day, month and year are what callers are asked for."""
    return "••••-••-••"


def _first(text: str) -> str:
    return text[0] if len(text) > 1 and text[0].isalnum() else ""


MASKS: Mapping[str, Callable[[str], str]] = {
    "text": mask_text,
    "name": mask_name,
    "email": mask_email,
    "phone": mask_phone,
    "identifier": mask_identifier,
    "contact": mask_contact,
    "date": mask_date,
    "amount": mask_text,
}
