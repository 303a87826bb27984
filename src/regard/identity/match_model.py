"""A match model: what each level of agreement is worth, how common values are, and where the limits lie."""

import math
import tomllib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
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


class Chances(NamedTuple):
    """How often a level shows: ``m`` between records of one customer, ``u`` between two strangers, ``h``
    between two people of one household (organisations: of one group)."""

    m: float
    u: float
    h: float


class Level(NamedTuple):
    """One field's agreement and its worth: ``bits`` = log2(m/u), ``household`` = log2(h/u).

    ``rarity``: how many of the bits are there because the value agreed on is rarer (or commoner) than the
    average one; ``stranger``: the chance that two strangers look like this, u of this value.
    """

    field: str
    level: str
    bits: float
    household: float
    rarity: float = 0.0
    stranger: float = 1.0


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


_PROMISES: Mapping[str, Mapping[str, Chances]] = {"apart": {"same_source": Chances(1e-300, 1.0, 1.0)}}

_OLDER: Mapping[tuple[str, str], str] = {("given_name", "two_names"): "loose"}
"""Levels that models saved before do not know, and what such pairs were then."""

Frequencies = Mapping[tuple[str, str], Mapping[Hashable, float]]
"""(field, frequency group) -> value -> bits that agreeing on it is worth more than on the average value.

The value None stands for all values not listed.
"""


@dataclass(frozen=True)
class KindModel:
    """The weights for one kind of party.

    ``single`` fields have one true value; between groups they count ``lean`` (0..1) of the way from the best
    pair of records to the mean of all pairs.
    """

    prior: float
    household_prior: float
    single: frozenset[str]
    lean: float
    levels: Mapping[str, Mapping[str, Chances]]
    frequencies: Frequencies = field(default_factory=dict)

    def weigh(self, name: str, level: str, more: float = 0.0) -> Level:
        """What ``level`` of field ``name`` is worth when its value is worth ``more`` bits than the average.

        A generic column without weights of its own has those of its type; a level without weights says
        nothing.
        """
        known = self.chances(name)
        chances = known.get(level) or known.get(_OLDER.get((name, level), ""))
        if chances is None:
            return Level(name, level, 0.0, 0.0)
        stranger = min(1.0, chances.u * 2.0**-more)
        kin = stranger + max(0.0, chances.h - chances.u) if chances.h >= chances.u else chances.h
        rarity = math.log2(chances.u / stranger)
        bits, household = math.log2(chances.m / stranger), math.log2(kin / stranger)
        return Level(name, level, on_grid(bits), on_grid(household), rarity, stranger)

    def chances(self, name: str) -> Mapping[str, Chances]:
        """The levels of a field; those of its type for a generic column without its own.

        What a source promises of its records holds under every model, also one that does not know of it.
        """
        return self.levels.get(name) or self.levels.get(name.partition(":")[0]) or _PROMISES.get(name, {})


@dataclass(frozen=True, repr=False)
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


GRID = 2.0**36
"""Bits are whole multiples of one through this."""


def on_grid(bits: float) -> float:
    """``bits`` as a multiple of 2^-36: sums of a field's worth each are exact, whatever the order."""
    return round(bits * GRID) / GRID


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
        name: {level: Chances(**chances) for level, chances in found.items()}
        for name, found in raw["levels"].items()
    }
    common = raw.get("common", {}).items()
    return KindModel(
        float(raw["prior"]),
        float(raw["household_prior"]),
        frozenset(raw["single"]),
        float(raw["lean"]),
        levels,
        {(name, "exact"): _common(levels[name]["exact"], found) for name, found in common},
    )


def _common(exact: Chances, tables: Mapping[str, str]) -> dict[Hashable, float]:
    """Bits for names listed as common, from how many strangers in a thousand bear them."""
    return {
        name_token(fold(name)): math.log2(exact.u / (float(thousandths) / 1000))
        for thousandths, names in sorted(tables.items(), key=lambda item: float(item[0]))
        for name in names.split()
    }
