"""Features of many records as columns of small numbers: equal values are the same number."""

from collections.abc import Iterable, Set

import numpy as np

from regard.identity.evidence_fields import (
    CROSSABLE_FAMILY,
    CROSSABLE_GIVEN,
    EVIDENCE_FIELDS,
    FAMILY,
    GIVEN,
    EvidenceField,
    cross_names,
    generic_field,
)
from regard.identity.hold_values import MOST_KEPT, Bytes, Numbers, ValueColumn
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features
from regard.identity.normalise_names import PersonName
from regard.identity.remember_pairs import PairMemory, pair_of
from regard.identity.score_patterns import NEVER, PatternScorer

_NOBODY: frozenset[str] = frozenset()
AHEAD = 2
"""How many numbers of a row come before its codes."""

Row = tuple[int, ...]
"""What one record says, as numbers: its kind (1 = organisation), its whole name, then a code per field."""


class FeatureTable:
    """Gives features their rows and compares rows. Equal features have equal rows and the reverse."""

    named = (GIVEN, FAMILY)

    def __init__(self, model: MatchModel) -> None:
        self._model = model
        self.forget()

    def forget(self) -> None:
        """Let go of every value seen: rows made before mean nothing from now on."""
        self.columns = [ValueColumn(field, self._model) for field in EVIDENCE_FIELDS]
        self.names: list[PersonName] = [PersonName()]
        """Whole names by their code in a row."""
        self._name_code: dict[PersonName, int] = {PersonName(): 0}
        self._column_of: dict[str, int] = {}
        self._halves: list[tuple[int, int]] = [(0, 0)]
        self._crossed = PairMemory(self._cross)
        self._known_crossed: dict[int, int] = {}
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
        kind = int(found.kind == "organisation")
        codes = [
            0 if (value := column.value_of(found)) is None else column.code(value, kind)
            for column in self.columns
        ]
        whole = self._name_code.get(found.name)
        if whole is None:
            whole = self._name_code[found.name] = len(self.names)
            self.names.append(found.name)
            self._halves.append((codes[GIVEN], codes[FAMILY]))
        return (kind, whole, *codes)

    def pattern(self, one: Row, two: Row, hubs: Set[str] = _NOBODY) -> bytes:
        """The level numbers of two rows of one kind, a byte a field; the same for (a, b) and (b, a)."""
        return self.patterns(one, (two,), hubs)[0]

    def patterns(self, one: Row, others: Iterable[Row], hubs: Set[str] = _NOBODY) -> list[bytes]:
        """The pattern of ``one`` with each of the others, all of one kind."""
        columns, width = self.columns, len(self.columns)
        known = [at for at in range(AHEAD, len(one)) if one[at]]
        said = [(at, one[at], columns[at - AHEAD].level) for at in known]
        result = []
        for other in others:
            found = bytearray(width)
            length = len(other)
            for at, mine, level in said:
                # Rows made before a generic column was seen end before it.
                if at < length and (theirs := other[at]):
                    found[at - AHEAD] = level(mine, theirs, hubs)
            self._look_across(found, one[1], other[1])
            result.append(bytes(found))
        return result

    def named_pattern(
        self, one: Row, said: Iterable[tuple[int, int, ValueColumn]], other: Row, hubs: Set[str]
    ) -> bytearray:
        """A pattern in which given and family name are filled in: ``said`` are those of ``one``."""
        found = bytearray(len(self.columns))
        for at, mine, column in said:
            if theirs := other[AHEAD + at]:
                found[at] = column.level(mine, theirs, hubs)
        self._look_across(found, one[1], other[1])
        return found

    def _look_across(self, pattern: bytearray, one: int, two: int) -> None:
        """Look for names in the other columns where given and family name did not agree."""
        if pattern[FAMILY] not in CROSSABLE_FAMILY or pattern[GIVEN] not in CROSSABLE_GIVEN:
            return
        if not one or not two:
            return
        pair = pair_of(one, two)
        found = self._known_crossed.get(pair)
        if found is None:
            if len(self._known_crossed) >= MOST_KEPT:
                self._known_crossed.clear()
            found = self._known_crossed[pair] = self._cross(one, two)
        pattern[GIVEN], pattern[FAMILY] = divmod(found, 256)

    def crossed(self, one: Numbers, two: Numbers) -> tuple[Bytes, Bytes]:
        """The level numbers of given and family name of many pairs of name codes, other columns looked at.

        For pairs whose levels are crossable without that.
        """
        found = self._crossed.of(one, two)
        return (found >> 8).astype(np.uint8), (found & 255).astype(np.uint8)

    def _cross(self, one: int, two: int) -> int:
        """Levels that are crossable do not depend on the model: two names decide them."""
        (given_one, family_one), (given_two, family_two) = self._halves[one], self._halves[two]
        given = self.columns[GIVEN].word(given_one, given_two) if given_one and given_two else ""
        family = self.columns[FAMILY].word(family_one, family_two) if family_one and family_two else ""
        numbers = cross_names(self.names[one], self.names[two], given, family)
        return numbers[0] << 8 | numbers[1]

    def score(self, one: Row, two: Row, hubs: Set[str] = _NOBODY) -> float:
        """The log odds that two rows are one customer, in bits; two kinds never are."""
        if one[0] != two[0]:
            return NEVER
        return self.scorers[one[0]].score(self.pattern(one, two, hubs))

    def scores(self, one: Row, others: Iterable[Row], hubs: Set[str] = _NOBODY) -> list[float]:
        """The score of ``one`` with each of the others, all of one kind."""
        return [self.scorers[one[0]].score(pattern) for pattern in self.patterns(one, others, hubs)]
