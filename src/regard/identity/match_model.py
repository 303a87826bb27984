"""The weights of a match model: how many bits each level of agreement is worth, and where the limits lie."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from regard.identity.fold_text import fold, name_token
from regard.identity.identity_record import Kind
from regard.kit.errors import RegardError


class UnreadableModelError(RegardError):
    """A model file that is not one: the message names the entry and what it must hold."""

    code = "unreadable_match_model"
    status = 500


class Level(NamedTuple):
    """One field's agreement and its worth: ``bits`` = log2(m/u), ``household`` = log2(h/u)."""

    field: str
    level: str
    bits: float
    household: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Where pieces, hubs and ambiguity begin; bits and counts, explained in default_model.toml."""

    loose: float
    piece_records: int
    bar_step: float
    key_records: int
    identifier_records: int
    ambiguous_margin: float
    ambiguous_below: float
    contradiction: float


@dataclass(frozen=True, slots=True)
class KindModel:
    """The weights for one kind of party. ``common`` replaces the exact level of names many strangers bear.

    ``single`` fields have one true value; between groups they count ``lean`` (0..1) of the way from the best
    pair of records to the mean of all pairs.
    """

    prior: float
    household_prior: float
    single: frozenset[str]
    lean: float
    levels: Mapping[str, Mapping[str, Level]]
    common: Mapping[str, Mapping[str, Level]]


@dataclass(frozen=True, slots=True, repr=False)
class MatchModel:
    """A versioned set of weights; with the records and judgements it decides everything."""

    version: str
    default_country: str
    limits: Limits
    person: KindModel
    organisation: KindModel

    def of(self, kind: Kind) -> KindModel:
        """The weights for ``kind``."""
        return self.organisation if kind == "organisation" else self.person

    def __repr__(self) -> str:
        return f"MatchModel({self.version!r})"


def score_bits(kind: KindModel, match: float, household: float) -> float:
    """prior + match bits - log2(1 + 2^(household prior + household bits)): the log odds of one customer."""
    return kind.prior + match - log2_one_plus(kind.household_prior + household)


def log2_one_plus(bits: float) -> float:
    """log2(1 + 2^bits) without overflow."""
    if bits > 60:
        return bits
    return math.log2(1.0 + math.exp2(bits))


def probability(bits: float) -> float:
    """The probability that log odds of ``bits`` stand for."""
    return 1.0 / (1.0 + math.exp2(min(-bits, 1000.0)))


def read_model(text: str) -> MatchModel:
    """A model from TOML of the shape of default_model.toml."""
    try:
        raw = tomllib.loads(text)
        return MatchModel(
            version=str(raw["version"]),
            default_country=str(raw.get("default_country", "")),
            limits=Limits(**raw["limits"]),
            person=_kind_model(raw["person"]),
            organisation=_kind_model(raw["organisation"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        message = f"The match model cannot be read at {problem}; compare it with default_model.toml."
        raise UnreadableModelError(message) from problem


@cache
def default_model() -> MatchModel:
    """The weights shipped with Regard."""
    return read_model(
        resources.files("regard.identity").joinpath("default_model.toml").read_text(encoding="utf-8")
    )


def _kind_model(raw: Mapping[str, Any]) -> KindModel:
    levels = {
        field: {name: _level(field, name, chances) for name, chances in found.items()}
        for field, found in raw["levels"].items()
    }
    common = {
        field: _common(field, raw["levels"][field]["exact"], tables)
        for field, tables in raw.get("common", {}).items()
    }
    return KindModel(
        float(raw["prior"]),
        float(raw["household_prior"]),
        frozenset(raw["single"]),
        float(raw["lean"]),
        levels,
        common,
    )


def _level(field: str, name: str, chances: Mapping[str, float], stranger: float | None = None) -> Level:
    usual, u = chances["u"], stranger or chances["u"]
    # A name many strangers bear is as frequent among households as its h says beyond chance.
    h = max(chances["h"], u) if usual < u else chances["h"]
    return Level(field, name, math.log2(chances["m"] / u), math.log2(h / u))


def _common(field: str, exact: Mapping[str, float], tables: Mapping[str, str]) -> dict[str, Level]:
    found: dict[str, Level] = {}
    for thousandths, names in sorted(tables.items(), key=lambda item: float(item[0])):
        level = _level(field, "exact", exact, float(thousandths) / 1000)
        found.update(dict.fromkeys(_compared(names.split()), level))
    return found


def _compared(names: Iterable[str]) -> list[str]:
    return [name_token(fold(name)) for name in names]
