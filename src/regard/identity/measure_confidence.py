"""How sure it is that the records of one customer are one: its weakest join. Pure."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from regard.identity.hold_features import FeatureTable, Row
from regard.identity.identity_record import Judgement
from regard.identity.match_model import MatchModel, probability
from regard.identity.remember_said import SaidMemory
from regard.identity.score_patterns import Said
from regard.identity.solve_piece import pairs_said, solve_said
from regard.identity.weigh_judgements import weigh_judgements


class Member(NamedTuple):
    """Records of one customer that say just the same, sorted by id; a judged record stands alone.

    ``node``: by which number what they say with others is remembered.
    """

    records: tuple[UUID, ...]
    row: Row
    devices: tuple[str, ...]
    node: int = -1


@dataclass(frozen=True, slots=True)
class Visitor:
    """A web visitor known by a device alone, who follows the one customer that has it."""

    row: Row
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scales:
    """What is weighed with. ``memory``: what pairs of nodes said before, where there is one."""

    model: MatchModel
    table: FeatureTable
    hubs: Set[str]
    memory: SaidMemory | None = None

    def said(self, members: Sequence[Member]) -> list[Said]:
        """What the pairs (0, 1) (0, 2) .. (1, 2) .. of these members say."""
        if self.memory:
            return self.memory.of_pairs([member.node for member in members], self.hubs)
        return pairs_said(self.table, [member.row for member in members], self.hubs)

    def weigh(self, one: Row, two: Row) -> float:
        """The log odds that two rows are one customer."""
        return self.table.score(one, two, self.hubs)


def confidence_of(
    members: Sequence[Member],
    visitors: Sequence[Visitor],
    judgements: Sequence[Judgement],
    scales: Scales,
    weakest: float | None = None,
) -> float:
    """The probability of the weakest join that no person decided, 0 to 1; 1 where there is none.

    ``members`` in the order of their smallest record. A person who says that two customers are the same has
    said nothing about why each of them was one: the sides of a judgement are measured in themselves too.
    ``weakest``: the score of the weakest join of the members, where they were solved already.
    """
    joined = [weakest] if weakest is not None else _join_bits(members, judgements, scales)
    bits = [*joined, *_equal_bits(members, scales)] or list(_visit_bits(members, visitors, scales))
    confidence = probability(min(bits)) if bits else 1.0
    for found in judgements:
        if found.verdict == "same":
            others = [other for other in judgements if other is not found]
            for side in (frozenset(found.left), frozenset(found.right)):
                inside = [member for member in members if side.issuperset(member.records)]
                if 1 < len(inside) < len(members):
                    confidence = min(confidence, confidence_of(inside, (), others, scales))
    return confidence


def _join_bits(members: Sequence[Member], judgements: Sequence[Judgement], scales: Scales) -> Iterator[float]:
    said = scales.said(members) if len(members) > 1 else []
    if len(said) == 1 and not judgements:
        yield said[0].score
    elif said:
        at: Mapping[UUID, int] = {
            record: at for at, member in enumerate(members) for record in member.records
        }
        constraints = weigh_judgements(judgements, at)
        scorer, limits = scales.table.scorers[members[0].row[0]], scales.model.limits
        joins = solve_said(len(members), said, scorer, limits, constraints, whole=True).joins
        yield from (join.score for join in joins if not join.judged)


def _equal_bits(members: Sequence[Member], scales: Scales) -> Iterator[float]:
    """What it is worth to say just the same."""
    for member in members:
        if len(member.records) > 1:
            yield scales.weigh(member.row, member.row)


def _visit_bits(members: Sequence[Member], visitors: Sequence[Visitor], scales: Scales) -> Iterator[float]:
    """Each visitor with the first record that carries its browser, else with the first visitor."""
    for at, visitor in enumerate(visitors):
        carrier = next((m for m in members if not set(m.devices).isdisjoint(visitor.devices)), None)
        if carrier:
            yield scales.weigh(carrier.row, visitor.row)
        elif at:
            yield scales.weigh(visitors[0].row, visitor.row)
