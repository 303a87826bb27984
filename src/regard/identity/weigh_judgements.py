"""What people and sources judged about a set of records: who must be together, who must stay apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from regard.identity.identity_record import Judgement


@dataclass(slots=True)
class Constraints:
    """``together``: groups of positions; ``apart``: pairs of positions, each both ways."""

    together: list[tuple[int, ...]] = field(default_factory=list)
    apart: set[tuple[int, int]] = field(default_factory=set)


def weigh_judgements(judgements: Iterable[Judgement], positions: Mapping[UUID, int]) -> Constraints:
    """What people say outranks what sources say, later outranks earlier; what a judgement says against one
    of higher rank is not followed.

    Records without a position (gone, or of another piece) are passed over.
    """
    groups: dict[int, list[int]] = {}
    apart: set[tuple[int, int]] = set()
    for judgement in sorted(judgements, key=lambda found: found.rank, reverse=True):
        left = _placed(judgement.left, positions)
        right = _placed(judgement.right, positions)
        if judgement.verdict == "same":
            _unite(sorted({*left, *right}), groups, apart)
        else:
            for one in left:
                for two in right:
                    if one != two and two not in groups.get(one, ()):
                        apart.update(((one, two), (two, one)))
    together = {id(group): tuple(sorted(group)) for group in groups.values() if len(group) > 1}
    return Constraints(sorted(together.values()), apart)


def _placed(records: Iterable[UUID], positions: Mapping[UUID, int]) -> list[int]:
    return [positions[record] for record in records if record in positions]


def _unite(found: list[int], groups: dict[int, list[int]], apart: set[tuple[int, int]]) -> None:
    heads: list[int] = []
    for one in found:
        mine = groups.setdefault(one, [one])
        if any(groups[head] is mine for head in heads):
            continue
        for head in heads:
            other = groups[head]
            if not any((a, b) in apart for a in mine for b in other):
                other.extend(mine)
                for member in mine:
                    groups[member] = other
                break
        else:
            heads.append(one)
