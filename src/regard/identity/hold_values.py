"""The values of one evidence field of many records as small numbers, and how well two of them agree."""

from collections.abc import Hashable, Sequence, Set
from typing import Any

import numpy as np
import numpy.typing as npt

from regard.identity.differ_in_bulk import UNCLEAR, find_plain
from regard.identity.evidence_fields import STEP, Agreement, EvidenceField
from regard.identity.match_model import MatchModel
from regard.identity.number_in_bulk import number_codes
from regard.identity.remember_pairs import PAIR_BITS, PairMemory

MOST_KEPT = 200_000
"""Answers for single pairs that are remembered at a time."""
_NOBODY: frozenset[str] = frozenset()
_ENDLESS = 1e6
_PLAIN_BITS = 8
PLAIN = 255
"""The part of what `ValueColumn.agreed` gives that is the level, however common the value."""

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class ValueColumn:
    """One evidence field of many records. Code 0 = nothing known; compares one by one or in bulk.

    A value of a person and the same of an organisation have two codes: how common it is differs by kind.
    """

    def __init__(self, field: EvidenceField, model: MatchModel) -> None:
        self.field = field
        self.value_of = field.value
        self._listed: list[Hashable] = [None]
        self.values: Sequence[Any] = self._listed
        self.kinds = bytearray(1)
        """For each code the kind of its bearers, 1 = organisations."""
        self._code_of: tuple[dict[Hashable, int], dict[Hashable, int]] = {}, {}
        self._alone = False
        self._forget_agreed()
        self.use(model)

    def _forget_agreed(self, memory: PairMemory | None = None) -> None:
        self._agreed: tuple[dict[Hashable, int], dict[Hashable, int]] = {}, {}
        self._borne: list[tuple[int, Hashable]] = []
        self._memory = memory or PairMemory(self._agreements)

    def use(self, model: MatchModel, *, alone: bool = False) -> None:
        """Take the frequencies of values from ``model``; ``alone``: no other will follow.

        Then what pairs agree on need not be remembered, but only what it is worth.
        """
        if self._alone:
            self._forget_agreed()
        self._tables = tuple(
            {
                level: table
                for level, group in self.field.frequent
                if (table := weights.frequencies.get((self.field.name, group)))
            }
            for weights in (model.person, model.organisation)
        )
        self._known: dict[int, int] = {}
        self._steps: dict[str, Bytes] = {}
        if alone:
            self._memory.translate(self.numbers)
            self._forget_agreed(self._memory)
        self._alone = alone

    def code(self, value: Hashable | None, kind: int) -> int:
        """The number of a value of a party of this kind; new values get new numbers."""
        if value is None:
            return 0
        codes = self._code_of[kind]
        found = codes.get(value)
        if found is None:
            found = codes[value] = len(self._listed)
            self._listed.append(value)
            self.kinds.append(kind)
        return found

    def level(self, one: int, two: int, hubs: Set[str]) -> int:
        """The level number of two codes of one kind, neither of them 0."""
        if hubs and self.field.by_hubs and (self._crowded(one, hubs) or self._crowded(two, hubs)):
            return self._number(self.field.compare(self.values[one], self.values[two], hubs), self.kinds[one])
        pair = one << PAIR_BITS | two if one <= two else two << PAIR_BITS | one
        found = self._known.get(pair)
        if found is None:
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            agreement = self.field.compare(self.values[one], self.values[two], _NOBODY)
            found = self._known[pair] = self._number(agreement, self.kinds[one])
        return found

    def apart(self, one: int, two: int) -> bool:
        """Is it clear without comparing that two codes reach no level that tells how common a value is?"""
        test = self.field.apart
        return test is not None and test(self.values[one], self.values[two])

    def word(self, one: int, two: int) -> str:
        """The level of two codes of one kind, neither of them 0, where there are no hubs."""
        return self.field.compare(self.values[one], self.values[two], _NOBODY)[0]

    def levels(self, one: Numbers, two: Numbers, hubs: Set[str]) -> Bytes:
        """The level numbers of many pairs of codes, none of them 0."""
        return self.numbers(self.agreed(one, two, hubs))

    def agreed(self, one: Numbers, two: Numbers, hubs: Set[str]) -> Longs:
        """How well many pairs of codes agree and on what, whatever the weights; see `numbers`."""
        if self.field.whole:
            return self._agreed_whole(one, two)
        if not hubs or not self.field.by_hubs:
            return self._memory.of(one, two)
        codes, back = number_codes(np.concatenate((one, two)))
        flags = np.array([self._crowded(code, hubs) for code in codes.tolist()], dtype=np.bool_)[back]
        crowded = flags[: len(one)] | flags[len(one) :]
        found = np.empty(len(one), dtype=np.int64)
        found[~crowded] = self._memory.of(one[~crowded], two[~crowded])
        asked = np.stack((one[crowded], two[crowded]), axis=1)
        pairs, back = np.unique(asked, axis=0, return_inverse=True)
        answers = [self._agreement(mine, theirs, hubs) for mine, theirs in pairs.tolist()]
        found[crowded] = np.array(answers, dtype=np.int64)[back]
        return found

    def _agreed_whole(self, one: Numbers, two: Numbers) -> Longs:
        """`agreed` of a field whose values agree when they are equal: any two others tell how they do not."""
        found = np.zeros(len(one), dtype=np.int64)
        equal = one == two
        found[equal] = self._memory.of(one[equal], two[equal])
        other = np.flatnonzero(~equal)
        if len(other):
            found[other] = self._agreement(int(one[other[0]]), int(two[other[0]]))
        return found

    def _crowded(self, code: int, hubs: Set[str]) -> bool:
        """Does the value hold a hub? Only then do hubs change what it agrees with."""
        value = self.values[code]
        return not hubs.isdisjoint(value if isinstance(value[0], str) else value[0])

    def _agreements(self, one: Longs, two: Longs) -> Longs:
        """`_agreement` of many pairs: who plainly differ are seen at once, the others are compared."""
        codes, back = number_codes(np.concatenate((one, two)))
        values = [self.values[code] for code in codes.tolist()]
        left, right = back[: len(one)], back[len(one) :]
        other = np.flatnonzero(one != two)
        found = np.full(len(one), UNCLEAR, dtype=np.int64)
        found[other] = find_plain(self.field.name, values, left[other], right[other])
        open_ = np.flatnonzero(found == UNCLEAR)
        pairs = zip(left[open_].tolist(), right[open_].tolist(), one[open_].tolist(), strict=True)
        compare, kinds, packed = self.field.compare, self.kinds, self._packed_agreement
        found[open_] = [
            packed(compare(values[mine], values[theirs], _NOBODY), kinds[code])
            for mine, theirs, code in pairs
        ]
        return found

    def _agreement(self, one: int, two: int, hubs: Set[str] = _NOBODY) -> int:
        """The level number of two codes whose frequency is unknown, and which value they agree on, packed;
        the level number alone where there is one model only."""
        return self._packed_agreement(
            self.field.compare(self.values[one], self.values[two], hubs), self.kinds[one]
        )

    def _packed_agreement(self, found: Agreement, kind: int) -> int:
        level, agreed = found
        if self._alone:
            return self._number(found, kind)
        plain = self.field.number[level]
        if level not in self.field.group_of:
            return plain
        numbers = self._agreed[kind]
        number = numbers.get(agreed)
        if number is None:
            number = numbers[agreed] = len(self._borne)
            self._borne.append((kind, agreed))
        return (number + 1) << _PLAIN_BITS | plain

    def numbers(self, agreed: Longs) -> Bytes:
        """Level numbers of what `agreed` gave: how much an agreed value is worth is the model's to say."""
        found = (agreed & PLAIN).astype(np.uint8)
        if self._alone:
            return found
        for level in {**self._tables[0], **self._tables[1]}:
            here = np.flatnonzero(found == self.field.number[level])
            if len(here):
                found[here] = self._stepped(level)[(agreed[here] >> _PLAIN_BITS) - 1]
        return found

    def _stepped(self, level: str) -> Bytes:
        """The number of ``level`` for each agreed value."""
        found = self._steps.get(level, np.zeros(0, dtype=np.uint8))
        if len(found) < len(self._borne):
            fresh = self._borne[len(found) :]
            tables = [{**table.get(level, {})} for table in self._tables]
            usual = [table.pop(None, None) for table in tables]
            worth = [
                None if agreed is None else tables[kind].get(agreed, usual[kind]) for kind, agreed in fresh
            ]
            found = self._steps[level] = np.concatenate((found, self._stepped_by(level, worth)))
        return found

    def _stepped_by(self, level: str, worth: Sequence[float | None]) -> Bytes:
        """The numbers of ``level`` by the bits it is worth more than on average; None: nobody knows."""
        stepped = self.field.stepped
        steps = np.rint(np.array(worth, dtype=np.float64) / STEP)
        numbers = np.clip(stepped(level, 0.0) + steps, stepped(level, -_ENDLESS), stepped(level, _ENDLESS))
        return np.where(np.isnan(steps), self.field.number[level], numbers).astype(np.uint8)

    def _number(self, found: Agreement, kind: int) -> int:
        level, agreed = found
        table = self._tables[kind].get(level)
        if not table or agreed is None:
            return self.field.number[level]
        more = table.get(agreed)
        if more is None:
            more = table.get(None)
            if more is None:
                return self.field.number[level]
        return self.field.stepped(level, more)
