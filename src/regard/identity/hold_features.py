"""Features of many records as columns of small numbers: equal values are the same number."""

from collections.abc import Collection, Hashable

from regard.identity.evidence_fields import (
    CROSSABLE_FAMILY,
    CROSSABLE_GIVEN,
    EVIDENCE_FIELDS,
    FAMILY,
    GIVEN,
    Agreement,
    EvidenceField,
    cross_names,
    generic_field,
)
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features
from regard.identity.normalise_names import PersonName
from regard.identity.score_patterns import NEVER, PatternScorer

_MOST_KEPT = 400_000
_NOBODY: frozenset[str] = frozenset()


class ValueColumn:
    """One evidence field of many records. Code 0 = nothing known; ``level`` compares two codes."""

    def __init__(self, field: EvidenceField, model: MatchModel) -> None:
        self.field = field
        self.values: list[Hashable] = [None]
        self._code_of: dict[Hashable, int] = {}
        self._known: dict[tuple[int, int], Agreement] = {}
        self.use(model)

    def use(self, model: MatchModel) -> None:
        """Take the frequencies of values from ``model``."""
        self._tables = {
            level: table
            for level, group in self.field.frequent
            if (table := model.frequencies.get((self.field.name, group)))
        }

    def code(self, value: Hashable | None) -> int:
        """The number of a value; new values get new numbers."""
        if value is None:
            return 0
        found = self._code_of.get(value)
        if found is None:
            found = self._code_of[value] = len(self.values)
            self.values.append(value)
        return found

    def level(self, one: int, two: int, hubs: Collection[str]) -> int:
        """The level number of two codes, neither of them 0."""
        if self.field.by_hubs:
            return self._number(self.field.compare(self.values[one], self.values[two], hubs))
        pair = (one, two) if one <= two else (two, one)
        found = self._known.get(pair)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            found = self._known[pair] = self.field.compare(self.values[one], self.values[two], hubs)
        return self._number(found)

    def _number(self, found: Agreement) -> int:
        level, agreed = found
        table = self._tables.get(level)
        if not table or agreed is None:
            return self.field.number[level]
        more = table.get(agreed)
        if more is None:
            more = table.get(None)
            if more is None:
                return self.field.number[level]
        return self.field.stepped(level, more)


Row = tuple[int, ...]
"""What one record says, as numbers: its kind (1 = organisation), its whole name, then a code per field."""
_AHEAD = 2


class FeatureTable:
    """Gives features their rows and compares rows. Equal features have equal rows and the reverse."""

    def __init__(self, model: MatchModel) -> None:
        self._model = model
        self.columns = [ValueColumn(field, model) for field in EVIDENCE_FIELDS]
        self._names: list[PersonName] = [PersonName()]
        self._name_code: dict[PersonName, int] = {PersonName(): 0}
        self._column_of: dict[str, int] = {}
        self._crossed: dict[tuple[int, int, int, int], tuple[int, int]] = {}
        self.scorers: tuple[PatternScorer, PatternScorer] = self._new_scorers()

    def use(self, model: MatchModel) -> None:
        """Compare by ``model`` from now on."""
        self._model = model
        for column in self.columns:
            column.use(model)
        self.scorers = self._new_scorers()

    def _new_scorers(self) -> tuple[PatternScorer, PatternScorer]:
        fields = [column.field for column in self.columns]
        model = self._model
        return PatternScorer(model, "person", fields), PatternScorer(model, "organisation", fields)

    @property
    def fields(self) -> list[EvidenceField]:
        """The evidence fields in the order of patterns."""
        return [column.field for column in self.columns]

    def row(self, found: Features) -> Row:
        """The row of ``found``; a generic column not seen before opens a new field at the end of rows."""
        for name, _ in found.others:
            if name not in self._column_of:
                self._column_of[name] = len(self.columns)
                self.columns.append(ValueColumn(generic_field(name), self._model))
                self.scorers = self._new_scorers()
        return (
            int(found.kind == "organisation"),
            self._code_of_name(found.name),
            *[column.code(column.field.value(found)) for column in self.columns],
        )

    def _code_of_name(self, name: PersonName) -> int:
        found = self._name_code.get(name)
        if found is None:
            found = self._name_code[name] = len(self._names)
            self._names.append(name)
        return found

    def pattern(self, one: Row, two: Row, hubs: Collection[str] = _NOBODY) -> bytes:
        """The level numbers of two rows of one kind, a byte a field; the same for (a, b) and (b, a)."""
        found = bytearray(len(self.columns))
        at = -_AHEAD
        for mine, theirs in zip(one, two, strict=False):
            if mine and theirs and at >= 0:
                found[at] = self.columns[at].level(mine, theirs, hubs)
            at += 1
        if found[FAMILY] in CROSSABLE_FAMILY and found[GIVEN] in CROSSABLE_GIVEN:
            found[GIVEN], found[FAMILY] = self.crossed(one[1], two[1], found[GIVEN], found[FAMILY])
        return bytes(found)

    def crossed(self, one: int, two: int, given: int, family: int) -> tuple[int, int]:
        """The level numbers of given and family name of two name codes, other columns looked at."""
        if not one or not two:
            return given, family
        key = (one, two, given, family) if one <= two else (two, one, given, family)
        found = self._crossed.get(key)
        if found is None:
            if len(self._crossed) >= _MOST_KEPT:
                self._crossed.clear()
            found = self._crossed[key] = cross_names(self._names[one], self._names[two], given, family)
        return found

    def score(self, one: Row, two: Row, hubs: Collection[str] = _NOBODY) -> float:
        """The log odds that two rows are one customer, in bits; two kinds never are."""
        if one[0] != two[0]:
            return NEVER
        return self.scorers[one[0]].score(self.pattern(one, two, hubs))
