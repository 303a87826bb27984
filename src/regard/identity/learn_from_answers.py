"""Takes what people answered about pairs of records into the weights.

People are asked where it is close, so their answers are no fair sample: each counts as one more pair beside
those that a model was learnt from, never more. Pairs that are one customer count for m. Pairs that are not
count for h, for whoever is hard to tell apart is mostly of one household; for u they would be a poor sample,
and that is counted from all records anyway.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from regard.identity.evidence_fields import EvidenceField
from regard.identity.identity_record import Kind
from regard.identity.match_model import Chances, KindModel, MatchModel

M_WEIGHT, H_WEIGHT = 200.0, 200.0
"""How many pairs the m and h of a field count as, beside the answers."""
_FIXED = frozenset({"apart", "full_name"})


@dataclass(frozen=True, slots=True)
class AnsweredPair:
    """What two records say about each other, and what a person said; `weight` is a share of one answer."""

    kind: Kind
    pattern: bytes
    same: bool
    weight: float = 1.0


def learn_from_answers(
    model: MatchModel, fields: Iterable[EvidenceField], answers: Iterable[AnsweredPair]
) -> MatchModel:
    """The model with the answers counted; `fields` are those of the patterns, in their order.

    The order of the answers does not matter, and without any the model is the very same.
    """
    seen = _count(tuple(fields), answers)
    return replace(
        model,
        person=_taught(model.person, seen["person"]),
        organisation=_taught(model.organisation, seen["organisation"]),
    )


_Counts = dict[str, dict[str, float]]


def _count(
    fields: tuple[EvidenceField, ...], answers: Iterable[AnsweredPair]
) -> dict[Kind, dict[bool, _Counts]]:
    """kind -> same? -> field -> level -> weight of the answers that say so."""
    found: dict[Kind, dict[bool, _Counts]] = {"person": {}, "organisation": {}}
    # A sum of floats depends on its order.
    for answer in sorted(answers, key=lambda one: (one.pattern, one.same, one.weight)):
        counts = found[answer.kind].setdefault(answer.same, defaultdict(lambda: defaultdict(float)))
        for field, number in zip(fields, answer.pattern, strict=False):
            level = field.read(number)[0]
            if level and field.name not in _FIXED:
                counts[field.name][level] += answer.weight
    return found


def _taught(weights: KindModel, seen: Mapping[bool, _Counts]) -> KindModel:
    levels = dict(weights.levels)
    for name in {field for counts in seen.values() for field in counts}:
        before = weights.chances(name)
        if before:
            same, different = (seen.get(side, {}).get(name, {}) for side in (True, False))
            levels[name] = {
                level: _blend(level, chances, same, different) for level, chances in before.items()
            }
    return replace(weights, levels=levels)


def _blend(level: str, before: Chances, same: Mapping[str, float], different: Mapping[str, float]) -> Chances:
    return Chances(
        m=_mean(before.m, M_WEIGHT, level, same),
        u=before.u,
        h=_mean(before.h, H_WEIGHT, level, different),
    )


def _mean(before: float, weight: float, level: str, seen: Mapping[str, float]) -> float:
    return (before * weight + seen.get(level, 0.0)) / (weight + sum(seen.values()))
