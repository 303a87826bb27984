"""Why two records are one customer, or why they are not: of any two records, of their customers, in words."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from regard.identity.block_records import blocking_keys, identifier_keys
from regard.identity.explain_pair import JoinExplained, Party, explain_groups
from regard.identity.hold_features import FeatureTable
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features, features, key_identifier
from regard.identity.score_patterns import NEVER


@dataclass(frozen=True, slots=True)
class Comparison:
    """The evidence between two records and, when they are of two customers, between those as wholes.

    ``why`` says in words what decides, and nothing of any field. ``crowded``: identifiers they share that so
    many records carry that they mean nothing.
    """

    pair: JoinExplained
    whole: JoinExplained | None
    why: str
    crowded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Two records (``left``, ``right``) and all records of their customers, which may be the same."""

    left: UUID
    right: UUID
    left_customer: Sequence[IdentityRecord]
    right_customer: Sequence[IdentityRecord]
    together: bool


def compare_customers(
    asked: Asked, judgements: Sequence[Judgement], model: MatchModel, hubs: Set[str]
) -> Comparison:
    """Compare two records; ``judgements``: the active ones about any record of the two customers."""
    table = FeatureTable(model)
    known = {
        record.record_id: (record, features(record, model.default_country))
        for record in (*asked.left_customer, *asked.right_customer)
    }
    sides = [known[one.record_id] for one in asked.left_customer], [
        known[one.record_id] for one in asked.right_customer
    ]
    pair = explain_groups(
        _parties([known[asked.left]], table), _parties([known[asked.right]], table), table, hubs
    )
    whole = None
    if not asked.together:
        whole = explain_groups(_parties(sides[0], table), _parties(sides[1], table), table, hubs)
    why = _why(asked, judgements, pair, whole) or _why_apart(sides, pair, whole or pair, table, hubs)
    return Comparison(pair, whole, why, _crowded(known[asked.left][1], known[asked.right][1], hubs))


def _parties(side: Sequence[tuple[IdentityRecord, Features]], table: FeatureTable) -> list[Party]:
    """Different records of one customer in canonical order; visitors only when there is nobody else."""
    named = [found for found in side if not found[1].only_devices] or side
    shared: dict[Features, list[IdentityRecord]] = {}
    for record, found in sorted(named, key=lambda one: one[0].record_id.int):
        shared.setdefault(found, []).append(record)
    return [Party(tuple(records), table.row(found)) for found, records in shared.items()]


def _why(
    asked: Asked, judgements: Sequence[Judgement], pair: JoinExplained, whole: JoinExplained | None
) -> str:
    """What decides for those who are together, and what a person decided."""
    mine, theirs = (
        {record.record_id for record in side} for side in (asked.left_customer, asked.right_customer)
    )
    if asked.left == asked.right:
        return "This is one record."
    if asked.together:
        if _verdict(judgements, {asked.left}, {asked.right}) == "same":
            return "They are one customer: a person decided it."
        if pair.bits >= 0:
            return "They are one customer, and would be by themselves."
        return "They are one customer because of the other records; by themselves they would not be."
    if _verdict(judgements, mine, theirs) == "different":
        return "They are two customers: a person decided that they differ."
    if (whole or pair).bits == NEVER:
        return (whole or pair).words
    return ""


def _why_apart(
    sides: Sequence[Sequence[tuple[IdentityRecord, Features]]],
    pair: JoinExplained,
    whole: JoinExplained,
    table: FeatureTable,
    hubs: Set[str],
) -> str:
    """What decides for those whom nothing but the evidence keeps apart."""
    for side in sides:
        rows = [table.row(found) for _, found in side if not found.only_devices]
        if not rows:
            return "They are two customers: one of them is a visitor known by a browser alone."
        if all(table.score(row, row, hubs) < 0 for row in rows):
            return "They are two customers: one of them says too little to name anybody."
    if whole.bits < 0:
        if pair.bits >= 0:
            return "By themselves they would be one; the other records of the two customers speak against it."
        return "They are two customers: the evidence does not suffice."
    keys = [{key[0] for _, found in side for key in blocking_keys(found)} for side in sides]
    if keys[0].isdisjoint(keys[1]):
        return "They were never compared: they share nothing by which records are looked up."
    return "They might be one, but as well go with others that contradict each other: left for a person."


def _verdict(judgements: Sequence[Judgement], mine: set[UUID], theirs: set[UUID]) -> str | None:
    """The verdict of the highest judgement between the two groups of records."""
    for judgement in sorted(judgements, key=lambda one: one.rank, reverse=True):
        left, right = set(judgement.left), set(judgement.right)
        across = (left & mine and right & theirs) or (left & theirs and right & mine)
        about = left | right
        if across or (judgement.verdict == "same" and about & mine and about & theirs):
            return judgement.verdict
    return None


def _crowded(one: Features, two: Features, hubs: Set[str]) -> tuple[str, ...]:
    shared = set(identifier_keys(one)) & set(identifier_keys(two)) & set(hubs)
    return tuple(sorted({key_identifier(key).type for key in shared}))
