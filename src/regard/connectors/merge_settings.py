"""Settings as trees: laid over one another, and what of them differs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two objects as one, member by member; the second wins."""
    merged = dict(below)
    for name, value in above.items():
        inside = merged.get(name)
        both = isinstance(inside, Mapping) and isinstance(value, Mapping)
        merged[name] = merge(inside, value) if both and isinstance(inside, Mapping) else value
    return merged


def find_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `after` that `before` lacks or has otherwise; what is only in `before` is left out.

    `merge(before, find_changed(before, after))` holds everything that `after` says.
    """
    changed: dict[str, Any] = {}
    for name, value in after.items():
        known = before.get(name)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            inside = find_changed(known, value)
            if inside:
                changed[name] = inside
        elif name not in before or known != value:
            changed[name] = value
    return changed
