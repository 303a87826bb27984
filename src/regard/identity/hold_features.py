"""Features of many records as columns of small numbers: equal values are the same number."""

from array import array
from collections.abc import Hashable, Iterable, Sequence, Set

import numpy as np
import numpy.typing as npt

from regard.identity.differ_in_bulk import words_differ
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
from regard.identity.hold_values import MOST_KEPT, PLAIN, Bytes, Longs, Numbers, ValueColumn
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features
from regard.identity.normalise_names import PersonName
from regard.identity.number_in_bulk import number_codes
from regard.identity.remember_pairs import PairMemory, pair_of
from regard.identity.score_patterns import NEVER, PatternScorer

_NOBODY: frozenset[str] = frozenset()
_MIDDLE = next(at for at, field in enumerate(EVIDENCE_FIELDS) if field.name == "middle_name")
_DIFFERENT = EVIDENCE_FIELDS[GIVEN].number["different"]
NAME_FIELDS = range(5)
"""The fields that follow from the whole name alone."""
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
        self.columns = [self._new_column(field) for field in EVIDENCE_FIELDS]
        self._listed = [PersonName()]
        self.names: Sequence[PersonName] = self._listed
        """Whole names by their code in a row."""
        self._name_code: dict[Hashable, int] = {PersonName(): 0}
        self._column_of: dict[str, int] = {}
        self._parts = [array("i", [0]) for _ in NAME_FIELDS]
        """By the code of a whole name those of its parts."""
        self._crossed = PairMemory(self._cross_many)
        self._known_crossed: dict[int, int] = {}
        self.scorers: tuple[PatternScorer, PatternScorer] = self._new_scorers()

    def use(self, model: MatchModel, *, alone: bool = False) -> None:
        """Compare by ``model`` from now on; ``alone``: and by no other after it."""
        self._model = model
        for column in self.columns:
            column.use(model, alone=alone)
        self.scorers = self._new_scorers()

    def _new_column(self, field: EvidenceField) -> ValueColumn:
        return ValueColumn(field, self._model)

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
                self.columns.append(self._new_column(generic_field(name)))
                self.scorers = self._new_scorers()
        kind = int(found.kind == "organisation")
        codes = [
            0 if (value := column.value_of(found)) is None else column.code(value, kind)
            for column in self.columns
        ]
        return (kind, self._whole(found.name, codes), *codes)

    def _whole(self, name: PersonName, codes: Sequence[int]) -> int:
        """The code of a whole name."""
        whole = self._name_code.get(name)
        if whole is None:
            whole = self._name_code[name] = len(self._listed)
            self._listed.append(name)
            self._part(codes)
        return whole

    def _part(self, codes: Sequence[int]) -> None:
        """Note the codes of the parts of the latest whole name."""
        for part, at in zip(self._parts, NAME_FIELDS, strict=True):
            part.append(codes[at])

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
        givens, families = self._parts[GIVEN], self._parts[FAMILY]
        given_one, family_one, given_two, family_two = givens[one], families[one], givens[two], families[two]
        given = self.columns[GIVEN].word(given_one, given_two) if given_one and given_two else ""
        family = self.columns[FAMILY].word(family_one, family_two) if family_one and family_two else ""
        numbers = cross_names(self.names[one], self.names[two], given, family)
        return numbers[0] << 8 | numbers[1]

    def _cross_many(self, one: Longs, two: Longs) -> Longs:
        """`_cross` of many pairs: names that are not alike across their columns are seen at once."""
        parts = (self._parts[at] for at in (GIVEN, FAMILY, _MIDDLE))
        given, family, middle = (np.frombuffer(part, dtype=np.int32) for part in parts)
        levels = self._levels_of(GIVEN, given[one], given[two])
        families = self._levels_of(FAMILY, family[one], family[two])
        apart = self._differ_across(given[one], family[two]) & self._differ_across(given[two], family[one])
        apart &= (levels != _DIFFERENT) | ((middle[one] == 0) & (middle[two] == 0))
        found = levels << 8 | families
        open_ = np.flatnonzero(~apart)
        pairs = zip(one[open_].tolist(), two[open_].tolist(), strict=True)
        found[open_] = [self._cross(mine, theirs) for mine, theirs in pairs]
        return found

    def _levels_of(self, at: int, one: Numbers, two: Numbers) -> Longs:
        """The level numbers of codes of a column, 0 where one of them is, hubs or models aside."""
        known = np.flatnonzero((one > 0) & (two > 0))
        found = np.zeros(len(one), dtype=np.int64)
        found[known] = self.columns[at].agreed(one[known], two[known], _NOBODY) & PLAIN
        return found

    def _differ_across(self, given: Numbers, family: Numbers) -> npt.NDArray[np.bool_]:
        """Are given names not the same word as family names? True where one is not known."""
        found = np.ones(len(given), dtype=np.bool_)
        known = np.flatnonzero((given > 0) & (family > 0))
        givens, left = number_codes(given[known])
        families, right = number_codes(family[known])
        words = [self.columns[GIVEN].values[code] for code in givens.tolist()]
        words += [self.columns[FAMILY].values[code][0] for code in families.tolist()]
        found[known] = words_differ(words, left, right + len(givens))
        return found

    def score(self, one: Row, two: Row, hubs: Set[str] = _NOBODY) -> float:
        """The log odds that two rows are one customer, in bits; two kinds never are."""
        if one[0] != two[0]:
            return NEVER
        return self.scorers[one[0]].score(self.pattern(one, two, hubs))

    def scores(self, one: Row, others: Iterable[Row], hubs: Set[str] = _NOBODY) -> list[float]:
        """The score of ``one`` with each of the others, all of one kind."""
        return [self.scorers[one[0]].score(pattern) for pattern in self.patterns(one, others, hubs)]
