"""Keys that are values: some systems key their records by mailbox, number or id. Pure."""

from __future__ import annotations

import re

MASKED = "*"
_LONGEST_NAME = 60
_MOST_DIGITS = 4
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def mask_step(key: str) -> str:
    """The key as it may be shown as a part of a place: `*` for one that looks like a value."""
    digits = sum(sign.isdigit() for sign in key)
    if "@" in key or digits > _MOST_DIGITS or len(key) > _LONGEST_NAME or _UUID.search(key):
        return MASKED
    return key
