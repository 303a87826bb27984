"""Texts from files made harmless for a terminal."""

from __future__ import annotations

import unicodedata


def shown(text: str) -> str:
    """Text from a file made harmless for a terminal: what would steer it or turn its direction is shown."""
    return "".join(_show_character(c) for c in text)


def _show_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc":
        code = ord(character)
        return chr(0x2400 + code) if code < 32 else "␡"
    # Format characters turn the direction of what follows, or hide; joiners within emoji may stay.
    if category == "Cf" and character not in "\u200c\u200d":
        return f"⟨{ord(character):04X}⟩"
    return character
