"""Takes the weights of a Splink model over into a model of ours, and says what could not be taken."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from regard.identity.combine_addresses import ADDRESS_PARTS, Part, combine_parts
from regard.identity.identity_record import Kind
from regard.identity.match_model import Chances, Frequencies, KindModel, MatchModel
from regard.identity.read_splink import Meaning, SplinkComparison, SplinkModel
from regard.identity.write_model import named_by_content

_MOST_PRIOR = -3.0
_PLAIN: Mapping[Meaning, tuple[str, ...]] = {"exact": ("exact",), "else": ("different",)}
_NUMBERS: Mapping[Meaning, tuple[str, ...]] = {
    **_PLAIN, "close": ("close",), "near": ("different", "other"), "weak": ("different", "other"),
    "else": ("different", "other"),
}  # fmt: skip
LEVELS: Mapping[str, Mapping[Meaning, tuple[str, ...]]] = {
    "given_name": {**_PLAIN, "close": ("close",), "near": ("loose",), "weak": ("loose",)},
    "family_name": {**_PLAIN, "close": ("close",), "near": ("close",), "weak": ("different",)},
    "middle_name": {**_PLAIN, "close": ("different",), "near": ("different",), "weak": ("different",)},
    "generation": _PLAIN,
    "sex": _PLAIN,
    "birth_date": {
        "exact": ("exact",), "close": ("close",), "near": ("near",), "weak": ("different",),
        "else": ("different", "far"),
    },
    "email": {
        **_PLAIN, "local": ("local",), "domain": ("company",), "close": ("close",), "near": ("close",),
        "weak": ("different",),
    },
    "phone": {
        "exact": ("mobile", "landline", "unknown"), "close": ("close",), "near": ("different",),
        "weak": ("different",), "else": ("different",),
    },
    "government_id": _NUMBERS,
    "tax_id": _NUMBERS,
    "account_id": {**_PLAIN, "close": ("different",), "near": ("different",), "weak": ("different",)},
    "handle": {"exact": ("exact",)},
    "device_id": {"exact": ("exact",)},
    "organisation": {**_PLAIN, "close": ("exact",), "near": ("different",), "weak": ("different",)},
    "name": {**_PLAIN, "close": ("close",), "near": ("close",), "weak": ("different",)},
    "domain": {**_PLAIN, "close": ("different",), "near": ("different",), "weak": ("different",)},
    "category": {**_PLAIN, "close": ("different",), "near": ("different",), "weak": ("different",)},
    "text": {**_PLAIN, "close": ("close",), "near": ("close",), "weak": ("different",)},
}  # fmt: skip
"""Our field -> what a level of Splink means -> our levels that mean the same.

Several of Splink's levels may fall into one of ours: they exclude each other, so their chances add up. One of
Splink's that covers several of ours gives each of them its chances: only ratios count.
"""
_OF_ORGANISATIONS = {"organisation": "name", "government_id": "tax_id"}
_NO_COUNTERPART = {
    "full_name": "whole names are taken apart here; compare given and family name in Splink instead",
    "ignore": "the map says to ignore the column",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A comparison that was taken over: into which field, and which of our levels from which of Splink's."""

    comparison: str
    field: str
    levels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """What was not taken over: a comparison, or `level` of one, and why."""

    comparison: str
    level: str
    why: str


@dataclass(slots=True)
class SplinkImport:
    """The model and the account of how it came about; `notes` say what a person should know."""

    model: MatchModel
    taken: list[Taken] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_splink(
    splink: SplinkModel, types: Mapping[str, str], base: MatchModel, kind: Kind = "person"
) -> SplinkImport:
    """The weights of `splink` in a model like `base`, which keeps what Splink has nothing to say about.

    `types` says which field type each of Splink's columns is (those of `regard resolve`).
    """
    work = _Import(splink, types, base.of(kind), kind)
    work.take_comparisons()
    weights = work.weights()
    changed = replace(base, person=weights) if kind == "person" else replace(base, organisation=weights)
    model = named_by_content(changed, f"{base.version}-splink")
    return SplinkImport(model, work.taken, work.not_taken, work.notes())


class _Import:
    def __init__(self, splink: SplinkModel, types: Mapping[str, str], base: KindModel, kind: Kind) -> None:
        self._splink = splink
        self._types = types
        self._base = base
        self._kind = kind
        self._levels: dict[str, Mapping[str, Chances]] = dict(base.levels)
        self._adjusted: set[str] = set()
        self._parts: dict[str, Part] = {}
        self.taken: list[Taken] = []
        self.not_taken: list[NotTaken] = []

    def take_comparisons(self) -> None:
        for comparison in self._splink.comparisons:
            problem = self._problem(comparison)
            if problem:
                self.not_taken.append(NotTaken(comparison.name, "", problem))
                continue
            type_ = self._types[comparison.columns[0]]
            if type_ in ADDRESS_PARTS:
                self._take_part(comparison, type_)
            else:
                self._take(comparison, self._field(comparison.columns[0], type_))
        if self._parts:
            self._take_address()

    def weights(self) -> KindModel:
        prior = min(math.log2(self._splink.chance / (1 - self._splink.chance)), _MOST_PRIOR)
        # What a stranger is more or less likely to be the same person, he is to be of the same household.
        household = min(self._base.household_prior + prior - self._base.prior, _MOST_PRIOR)
        return replace(
            self._base,
            prior=prior,
            household_prior=household,
            levels=self._levels,
            frequencies=self._frequencies(),
        )

    def notes(self) -> list[str]:
        told = ["Regard finds candidates by its own keys; Splink's blocking rules are not needed."]
        if self._splink.link_type == "link_only":
            told.append(
                "The model links files that hold no duplicates: write `link_only = true` into the map."
            )
        if self._adjusted:
            told.append(
                f"Splink's files hold no frequencies of values: {', '.join(sorted(self._adjusted))} use the"
                " list of common names that Regard brings, until a model is learnt from your records."
            )
        if len(self._parts) > 1:
            told.append("Parts of an address were multiplied as Splink does, as if they were independent.")
        kept = [name for name in self._base.levels if self._levels[name] is self._base.levels[name]]
        told.append(f"The shipped weights stay for: {', '.join(kept)}.")
        return told

    def _problem(self, comparison: SplinkComparison) -> str:
        if len(comparison.columns) != 1:
            names = ", ".join(comparison.columns) or "no column that could be told"
            return f"it compares {names} at once; Regard compares one column at a time"
        column = comparison.columns[0]
        type_ = self._types.get(column)
        if type_ is None:
            return f"the map does not say what the column “{column}” holds"
        if type_ in _NO_COUNTERPART:
            return _NO_COUNTERPART[type_]
        if type_ not in ADDRESS_PARTS and self._field(column, type_).partition(":")[0] not in LEVELS:
            return f"nothing is compared by a {type_} alone"
        return ""

    def _field(self, column: str, type_: str) -> str:
        if self._kind == "organisation":
            type_ = _OF_ORGANISATIONS.get(type_, type_)
        return f"{type_}:{column}" if type_ in {"category", "text"} else type_

    def _take(self, comparison: SplinkComparison, name: str) -> None:
        shipped = self._base.chances(name)
        found: dict[str, Chances] = dict(shipped)
        sums = self._sums(comparison, LEVELS[name.partition(":")[0]])
        for level, (m, u, _) in sums.items():
            if level in shipped:
                found[level] = Chances(m, u, _household(shipped[level], u))
        if not sums:
            return
        self._levels[name] = found
        if comparison.frequency_column:
            self._adjusted.add(name)
        self.taken.append(
            Taken(comparison.name, name, {level: labels for level, (_, _, labels) in sums.items()})
        )

    def _sums(
        self, comparison: SplinkComparison, meanings: Mapping[Meaning, tuple[str, ...]]
    ) -> dict[str, tuple[float, float, tuple[str, ...]]]:
        """Our level -> (m, u, labels of Splink's levels that fall into it)."""
        sums: dict[str, tuple[float, float, tuple[str, ...]]] = {}
        for level in comparison.levels:
            if level.meaning == "null":
                continue
            ours = meanings.get(level.meaning, ())
            why = "Regard has no such level" if not ours else ""
            if level.m is None or level.u is None:
                why = f"Splink has not learnt its {'m' if level.m is None else 'u'}"
            if why or level.m is None or level.u is None:
                self.not_taken.append(NotTaken(comparison.name, level.label, why))
                continue
            for name in ours:
                m, u, labels = sums.get(name, (0.0, 0.0, ()))
                sums[name] = m + level.m, u + level.u, (*labels, level.label)
        return sums

    def _take_part(self, comparison: SplinkComparison, type_: str) -> None:
        """A part of the address; of two comparisons of one part the first counts."""
        if type_ in self._parts:
            why = f"another comparison of this part of the address was taken: {self._parts[type_].comparison}"
            self.not_taken.append(NotTaken(comparison.name, "", why))
            return
        fuzzy = ("close",) if type_ in {"street", "address"} else ("differs",)
        meanings: dict[Meaning, tuple[str, ...]] = {
            "exact": ("agrees",), "close": fuzzy, "near": fuzzy, "weak": ("differs",), "else": ("differs",),
        }  # fmt: skip
        sums = self._sums(comparison, meanings)
        if sums:
            labels = {name: words for name, (_, _, words) in sums.items()}
            chances = {name: (m, u) for name, (m, u, _) in sums.items()}
            self._parts[type_] = Part(comparison.name, chances, labels)

    def _take_address(self) -> None:
        shipped = self._base.chances("address")
        found = dict(shipped)
        for level, (m, u) in combine_parts(self._parts).items():
            if level in shipped:
                found[level] = Chances(m, u, _household(shipped[level], u))
        self._levels["address"] = found
        for part in self._parts.values():
            self.taken.append(Taken(part.comparison, "address", part.labels))

    def _frequencies(self) -> Frequencies:
        """The shipped frequencies of fields that Splink adjusts too, told relative to its average chance."""
        taken = {one.field for one in self.taken}
        kept = {}
        for (name, group), table in self._base.frequencies.items():
            if name not in taken:
                kept[name, group] = table
            elif name in self._adjusted:
                more = math.log2(self._levels[name]["exact"].u / self._base.levels[name]["exact"].u)
                kept[name, group] = {value: bits + more for value, bits in table.items()}
        return kept


def _household(shipped: Chances, u: float) -> float:
    """Households agree by accident as strangers do, and beyond that as the shipped weights say."""
    return u + shipped.h - shipped.u if shipped.h >= shipped.u else u * shipped.h / shipped.u


def tell_import(done: SplinkImport) -> Iterable[str]:
    """The account as lines for a person."""
    yield f"Taken over ({len(done.taken)}):"
    for taken in done.taken:
        words = "; ".join(f"{name} from {_quoted(labels)}" for name, labels in taken.levels.items())
        yield f"  {taken.comparison} as {taken.field}: {words}"
    yield f"Not taken over ({len(done.not_taken)}):"
    for left in done.not_taken:
        yield f"  {left.comparison}{f', level “{left.level}”' if left.level else ''}: {left.why}"
    for note in done.notes:
        yield f"Note: {note}"


def _quoted(labels: Sequence[str]) -> str:
    return ", ".join(f"“{label}”" for label in labels)
