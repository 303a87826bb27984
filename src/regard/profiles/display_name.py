"""How a party is called on the screen, from what one record says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from regard.events.record_events import FieldValue

_LOWER_PARTICLES = {"von", "van", "de", "der", "den", "da", "di", "del", "la", "le", "zu", "und", "of"}


def display_name(kind: str, fields: Mapping[str, FieldValue]) -> str:
    """The name to show: "Last, First" turned round, shouting and whispering made title case; '' for none."""
    if kind == "organisation":
        return _tidy(_text(fields, "name") or _text(fields, "full_name"))
    parts = [_text(fields, name) for name in ("given_name", "middle_name", "family_name")]
    composed = " ".join(_evenly_cased(part) for part in parts if part)
    whole = _tidy(_text(fields, "full_name") or _text(fields, "name"))
    family, comma, given = whole.partition(",")
    if comma and given.strip():
        whole = f"{given.strip()} {family.strip()}"
    has_both = bool(parts[0] and parts[2])
    return composed if has_both or not whole else _evenly_cased(whole)


@lru_cache(maxsize=16_384)
def _evenly_cased(text: str) -> str:
    text = _tidy(text)
    if not (text.isupper() or text.islower()):
        return text
    words = [
        word if word in _LOWER_PARTICLES and at else _capitalised(word)
        for at, word in enumerate(text.lower().split(" "))
    ]
    return " ".join(words)


def _capitalised(word: str) -> str:
    for between in ("-", "'", "’"):
        if between in word:
            return between.join(_capitalised(part) for part in word.split(between))
    return word[:1].upper() + word[1:]


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _text(fields: Mapping[str, FieldValue], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
