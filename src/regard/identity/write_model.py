"""Writes a match model as JSON that gives the very same model back, and names it after its content."""

import hashlib
import json
import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from regard.identity.match_model import Frequencies, KindModel, MatchModel

FORMAT = 1
"""The version of the format; `read_model_file` reads this one."""
_DIGITS = 12
_NAMED = re.compile(rf"-[0-9a-f]{{{_DIGITS}}}\Z")


def write_model(model: MatchModel) -> str:
    """The model as JSON text: floats to the last bit, everything in one order, values a line each."""
    content = {
        "regard_match_model": FORMAT,
        "version": model.version,
        "digest": digest_of(model),
        **_content(model),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def digest_of(model: MatchModel) -> str:
    """SHA-256 over everything that decides, in hexadecimal digits; the name of the version is left out."""
    canonical = json.dumps(_content(model), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def named_by_content(model: MatchModel, stem: str = "") -> MatchModel:
    """The model under a version of `stem` (else its own) and its digest: equal models, equal versions."""
    stem = stem or _NAMED.sub("", model.version)
    return replace(model, version=f"{stem}-{digest_of(model)[:_DIGITS]}")


def _content(model: MatchModel) -> dict[str, Any]:
    return {
        "default_country": model.default_country,
        "limits": {name: float(value) for name, value in sorted(asdict(model.limits).items())},
        "person": _kind(model.person),
        "organisation": _kind(model.organisation),
    }


def _kind(model: KindModel) -> dict[str, Any]:
    return {
        "prior": float(model.prior),
        "household_prior": float(model.household_prior),
        "single": sorted(model.single),
        "lean": float(model.lean),
        "levels": {
            field: {
                level: {name: float(value) for name, value in chances._asdict().items()}
                for level, chances in sorted(levels.items())
            }
            for field, levels in sorted(model.levels.items())
        },
        "frequencies": _frequencies(model.frequencies),
    }


def _frequencies(tables: Frequencies) -> dict[str, dict[str, Any]]:
    """field -> group -> what its values are worth: `others` all that are not listed, `values` the listed."""
    found: dict[str, dict[str, Any]] = {}
    for (field, group), table in sorted(tables.items()):
        found.setdefault(field, {})[group] = _table(table)
    return found


def _table(table: Mapping[Hashable, float]) -> dict[str, Any]:
    others = {"others": float(table[None])} if None in table else {}
    values = [[_key(value), float(bits)] for value, bits in table.items() if value is not None]
    return {**others, "values": sorted(values, key=lambda found: _order(found[0]))}


def _key(value: Hashable) -> str | list[str]:
    """A value as JSON: a text, or a list of texts for a tuple of them."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple) and all(isinstance(part, str) for part in value):
        return list(value)
    raise TypeError(f"the values of frequencies are texts or tuples of texts, not {type(value).__name__}")


def _order(key: str | Iterable[str]) -> tuple[int, tuple[str, ...]]:
    return (0, (key,)) if isinstance(key, str) else (1, tuple(key))
