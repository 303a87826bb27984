"""Why two records are one customer or are not: each piece of evidence with both raw values."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from regard.identity.compare_records import compare
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import Level, MatchModel
from regard.identity.normalise_fields import Features
from regard.identity.show_values import canonical_fields, raw_value
from regard.identity.word_evidence import in_words, label_of


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One field of a join: both raw values of its best pair; ``fields`` are their canonical names."""

    field: str
    fields: tuple[str, ...]
    label: str
    left: str
    right: str
    level: str
    bits: float
    household_bits: float


@dataclass(frozen=True, slots=True)
class JoinExplained:
    """Two groups of records became one: ``bits`` = prior + bits of the evidence - ``household_bits``.

    ``judged``: a person decided it. ``follows``: a web visitor that follows the owner of its browser.
    """

    left: tuple[UUID, ...]
    right: tuple[UUID, ...]
    bits: float
    household_bits: float
    words: str
    evidence: tuple[EvidenceLine, ...]
    judged: bool = False
    follows: bool = False


def explain_pair(
    left: tuple[IdentityRecord, Features],
    right: tuple[IdentityRecord, Features],
    model: MatchModel,
    hubs: Collection[str],
    *,
    follows: bool = False,
) -> JoinExplained:
    """The evidence between two records with their features, whatever was decided about them."""
    (one, first), (two, second) = left, right
    evidence = compare(first, second, model, hubs)
    lines = tuple(explain_line(level, level.bits, level.household, one, two) for level in evidence.levels)
    return JoinExplained(
        (one.record_id,),
        (two.record_id,),
        evidence.score,
        evidence.household_bits,
        in_words([(level.field, level.level, level.bits) for level in evidence.levels]),
        lines,
        follows=follows,
    )


def explain_line(
    level: Level, bits: float, household: float, left: IdentityRecord, right: IdentityRecord
) -> EvidenceLine:
    """One level of agreement with the raw values behind it."""
    field = level.field
    one, two = raw_value(left, field, like=right), raw_value(right, field, like=left)
    stated = canonical_fields(field)
    return EvidenceLine(field, stated, label_of(field), one, two, level.level, bits, household)
