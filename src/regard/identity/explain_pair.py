"""Why two records, or two groups of them, are one customer or are not: the evidence with both values."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from regard.identity.hold_features import FeatureTable, Row
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features
from regard.identity.score_patterns import NEVER
from regard.identity.show_values import canonical_fields, raw_value
from regard.identity.weigh_groups import FieldWeight, weigh_groups
from regard.identity.word_evidence import in_words, label_of

NEVER_ONE_KIND = "A person and an organisation are never one customer."
PROMISED_APART = "Their source says that each of its records is another customer."


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One field of a join: both raw values of its best pair; ``fields`` are their canonical names.

    ``bits`` speak for one customer, ``rarity_bits`` of them because the value is rarer (below 0: commoner)
    than usual. ``stranger``: the chance that two strangers look like this. ``pairs``: how many pairs of
    records know the field.
    """

    field: str
    fields: tuple[str, ...]
    label: str
    left: str
    right: str
    level: str
    bits: float
    household_bits: float
    rarity_bits: float = 0.0
    stranger: float = 1.0
    pairs: int = 1


@dataclass(frozen=True, slots=True)
class JoinExplained:
    """Two groups of records became one (or did not): ``bits`` = ``prior`` + bits of the evidence -
    ``household_bits``.

    ``judged``: a person decided it. ``follows``: a web visitor that follows the owner of its browser.
    ``equal``: they say just the same. Minus infinity bits: they can never be one, and ``words`` say why.
    """

    left: tuple[UUID, ...]
    right: tuple[UUID, ...]
    bits: float
    household_bits: float
    words: str
    evidence: tuple[EvidenceLine, ...]
    judged: bool = False
    follows: bool = False
    equal: bool = False
    prior: float = 0.0


class Party(NamedTuple):
    """Records that say just the same, as one row; the first of them shows the values."""

    records: tuple[IdentityRecord, ...]
    row: Row


def explain_pair(
    left: tuple[IdentityRecord, Features],
    right: tuple[IdentityRecord, Features],
    model: MatchModel,
    hubs: Set[str],
) -> JoinExplained:
    """The evidence between two records with their features, whatever was decided about them."""
    table = FeatureTable(model)
    (one, first), (two, second) = left, right
    return explain_groups(
        [Party((one,), table.row(first))], [Party((two,), table.row(second))], table, hubs
    )


def explain_groups(
    left: Sequence[Party],
    right: Sequence[Party],
    table: FeatureTable,
    hubs: Set[str],
    *,
    follows: bool = False,
) -> JoinExplained:
    """The evidence between two groups of records, whatever was decided about them."""
    if left[0].row[0] != right[0].row[0]:
        return JoinExplained(_ids(left), _ids(right), NEVER, 0.0, NEVER_ONE_KIND, ())
    found = weigh_groups([one.row for one in left], [two.row for two in right], table, hubs)
    lines = tuple(_line(field, left, right) for field in found.fields if _speaks(field))
    words = in_words([(line.field, line.level, line.bits) for line in lines])
    return JoinExplained(
        _ids(left),
        _ids(right),
        found.score,
        found.household_bits,
        PROMISED_APART if found.forbidden else words,
        lines,
        follows=follows,
        prior=found.prior,
    )


def _speaks(field: FieldWeight) -> bool:
    # Whole names are a correction to the names before them: without frequencies there is nothing to correct.
    return field.level.field != "full_name" or bool(field.bits or field.household)


def _line(field: FieldWeight, left: Sequence[Party], right: Sequence[Party]) -> EvidenceLine:
    name = field.level.field
    one, two = left[field.left].records[0], right[field.right].records[0]
    return EvidenceLine(
        name,
        canonical_fields(name),
        label_of(name),
        raw_value(one, name, like=two),
        raw_value(two, name, like=one),
        field.level.level,
        field.bits,
        field.household,
        field.rarity,
        field.level.stranger,
        field.pairs,
    )


def _ids(parties: Sequence[Party]) -> tuple[UUID, ...]:
    return tuple(record.record_id for party in parties for record in party.records)
