"""Reads the model JSON of Splink 3, 4 and 5: what every comparison compares, and what its levels mean.

A comparison is a list of levels tried one after the other, each a condition in SQL with its m and u; see the
"Settings" pages of Splink's documentation. The meaning is read from the condition, whatever the dialect.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from regard.kit.errors import RegardError, Terminal

Meaning = Literal["null", "exact", "local", "domain", "close", "near", "weak", "else", "other"]
"""What a level says: no value; equal; equal before or after the @ of an address; alike as a slip of the pen
makes; a little alike (`near`: dates); hardly alike; anything else; `other`: what cannot be told."""

_SIDE = re.compile(r'["`]?\b(\w+?)_[lr]\b["`]?', re.IGNORECASE)
_EQUAL = re.compile(r"^\(*(.+?)_l\)* = \(*(.+?)_r\)*$")
_THRESHOLD = re.compile(r"(>=|<=|>|<) *([0-9.]+)\)*$")
_PERIOD = re.compile(r"<= *(\d+) *(day|month|year)")
_SIMILARITY = ("jaro", "jaccard", "cosine", "similarity")
_DISTANCE = ("levenshtein", "edit_distance", "editdist", "distance")
_ALIKE, _FEW_EDITS = 0.85, 3
_DAYS = {"day": 1, "month": 31, "year": 366}
_SLIP_DAYS = 31


class SplinkModelError(RegardError, Terminal):
    """A file that is no model of Splink; the message names the place."""

    code = "unreadable_splink_model"
    status = 422


@dataclass(frozen=True, slots=True)
class SplinkLevel:
    """One level. `m` and `u` are None where Splink has not learnt them; `days`: how far dates may lie."""

    label: str
    meaning: Meaning
    m: float | None
    u: float | None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class SplinkComparison:
    """One comparison: its name, the columns its conditions read, its levels, the column of frequencies."""

    name: str
    columns: tuple[str, ...]
    levels: tuple[SplinkLevel, ...]
    frequency_column: str


@dataclass(frozen=True, slots=True)
class SplinkModel:
    """What a saved model of Splink says that matters here."""

    link_type: str
    chance: float
    comparisons: tuple[SplinkComparison, ...]
    blocking_rules: int


def read_splink(text: str, place: str = "the model") -> SplinkModel:
    """The model in a JSON text that Splink's `save_model_to_json` wrote; raises `SplinkModelError`."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise SplinkModelError(f"{place}: this is no JSON ({problem})") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("comparisons"), list) or not raw["comparisons"]:
        raise SplinkModelError(f"{place}: there is no list `comparisons`; save the model with Splink anew")
    chance = _chance(raw.get("probability_two_random_records_match"))
    if chance is None or chance == 1:
        raise SplinkModelError(f"{place}: probability_two_random_records_match must be between 0 and 1")
    rules = raw.get("blocking_rules_to_generate_predictions")
    return SplinkModel(
        link_type=str(raw.get("link_type", "")),
        chance=chance,
        comparisons=tuple(
            _comparison(one, f"{place}: comparisons[{number}]")
            for number, one in enumerate(raw["comparisons"])
        ),
        blocking_rules=len(rules) if isinstance(rules, list) else 0,
    )


def _comparison(raw: object, place: str) -> SplinkComparison:
    if not isinstance(raw, dict) or not isinstance(raw.get("comparison_levels"), list):
        raise SplinkModelError(f"{place}: there is no list `comparison_levels`")
    found: Sequence[object] = raw["comparison_levels"]
    levels = [_table(level, f"{place}.comparison_levels[{at}]") for at, level in enumerate(found)]
    columns = dict.fromkeys(name for level in levels for name in _SIDE.findall(level["sql_condition"]))
    adjusted = [str(level["tf_adjustment_column"]) for level in levels if level.get("tf_adjustment_column")]
    return SplinkComparison(
        name=str(raw.get("output_column_name") or " and ".join(columns)),
        columns=tuple(columns),
        levels=tuple(_level(level) for level in levels),
        frequency_column=adjusted[0].strip('"`') if adjusted else "",
    )


def _table(raw: object, place: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("sql_condition"), str):
        raise SplinkModelError(f"{place}: there is no `sql_condition`")
    return raw


def _level(raw: Mapping[str, Any]) -> SplinkLevel:
    sql, label = raw["sql_condition"], str(raw.get("label_for_charts", ""))
    days = _days(sql, label)
    meaning: Meaning = "null" if raw.get("is_null_level") else _meaning(sql, days)
    return SplinkLevel(
        label or sql, meaning, _chance(raw.get("m_probability")), _chance(raw.get("u_probability")), days
    )


def _meaning(sql: str, days: int | None) -> Meaning:
    plain = " ".join(re.sub(r'["`]', "", sql).lower().split())
    if plain == "else":
        return "else"
    if days is not None:
        return "near" if days <= _SLIP_DAYS else "weak"
    threshold = _THRESHOLD.search(plain)
    if threshold is None:
        return _equality(plain)
    if " and " in plain or " or " in plain:
        return "other"
    if "intersect" in plain:
        return "exact"
    return _likeness(plain, float(threshold[2]))


def _equality(plain: str) -> Meaning:
    """Equal columns, or equal parts of e-mail addresses; anything else cannot be told."""
    same = _EQUAL.match(plain)
    if same and same[1] == same[2] and re.fullmatch(r"\w+", same[1]):
        return "exact"
    left, equals, right = plain.partition(" = ")
    if not equals or re.sub(r"_l\b", "_r", left) != right or "@" not in plain:
        return "other"
    return "local" if "^[^@]+" in plain else "domain"


def _likeness(plain: str, threshold: float) -> Meaning:
    """How alike; parts of a value that are alike (a function around the column) count as hardly alike."""
    if any(word in plain for word in _SIMILARITY):
        return "weak" if threshold < _ALIKE or "regexp" in plain else "close"
    if any(word in plain for word in _DISTANCE) and "km" not in plain and "cos(" not in plain:
        return "close" if threshold <= 1 else "near" if threshold <= _FEW_EDITS else "weak"
    return "other"


def _days(sql: str, label: str) -> int | None:
    """How many days apart two dates may lie, from the condition's function and the label."""
    period = _PERIOD.search(label.lower())
    function = sql.lower()
    if period and any(word in function for word in ("epoch", "datediff", "date_diff", "age(", "unix")):
        return int(period[1]) * _DAYS[period[2]]
    seconds = _THRESHOLD.search(sql)
    if seconds and "epoch" in function:
        return math.ceil(float(seconds[2]) / 86_400)
    return None


def _chance(raw: object) -> float | None:
    """m or u; Splink writes a sentence where it saw none, and leaves out what it never learnt."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw <= 1:
        return None
    return float(raw)
