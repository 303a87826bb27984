"""Composes what a cleansing would change: counts, and some values before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from regard.quality.propose_corrections import Correction
from regard.quality.value_verdict import REASONS
from regard.views.record_lens import RecordLens

Json = dict[str, Any]
_EXAMPLES = 5


def compose_cleansing(
    lens: RecordLens, records: Sequence[Sequence[Correction]], *, complete: bool
) -> Json:
    """By flag how many values would change, with examples under the rule of their field.

    `complete` is False when only a part of the records was looked at.
    """
    by_flag: dict[str, list[Correction]] = {}
    for one in _all(records):
        by_flag.setdefault(one.flag, []).append(one)
    parts = [
        _part(lens, flag, found)
        for flag, found in sorted(by_flag.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        if not lens.hides(None, found[0].field)
    ]
    return {"records": len(records), "complete": complete, "parts": parts}


def _all(records: Iterable[Iterable[Correction]]) -> Iterable[Correction]:
    return (one for found in records for one in found)


def _part(lens: RecordLens, flag: str, found: Sequence[Correction]) -> Json:
    name, verdict, reason = flag.split(":", 2)
    examples = list(dict.fromkeys((one.before, one.after) for one in found))[:_EXAMPLES]
    return {
        "flag": flag,
        "field": name,
        "label": lens.label(None, name),
        "verdict": verdict,
        "reason": reason,
        "detail": REASONS.get(reason),
        "values": len(found),
        "examples": [
            {"before": lens.value(None, name, before), "after": lens.value(None, name, after)}
            for before, after in examples
        ],
    }
