"""Why these records are one customer: joins, their evidence, and what hangs on a single value."""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from regard.identity.block_records import identifier_keys
from regard.identity.explain_pair import JoinExplained, Party, explain_groups
from regard.identity.hold_features import FeatureTable
from regard.identity.identity_record import FieldValues, IdentityRecord, Judgement, Kind
from regard.identity.match_model import MatchModel
from regard.identity.measure_confidence import Member, Scales, Visitor, confidence_of
from regard.identity.normalise_fields import Features, features, key_identifier
from regard.identity.show_values import raw_holding, raw_value
from regard.identity.solve_piece import Join, Solution, solve_rows
from regard.identity.weigh_judgements import Constraints, weigh_judgements
from regard.identity.word_evidence import Word, confidence_word

_MOST_WHAT_IFS = 24


@dataclass(frozen=True, slots=True)
class RecordExplained:
    """A member record, why it belongs here, and its raw fields by canonical name."""

    record: UUID
    source: str
    stream: str
    external_id: str
    kind: Kind
    first_seen: datetime
    why: str
    values: FieldValues


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Without this value of ``field`` the customer would fall into ``splits_into`` customers."""

    field: str
    value: str
    splits_into: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything behind one customer. ``weakest`` is the position of the join with the fewest bits."""

    customer: UUID
    confidence: float
    word: Word
    model: str
    prior: float
    records: tuple[RecordExplained, ...]
    joins: tuple[JoinExplained, ...]
    weakest: int | None
    what_if: tuple[WhatIf, ...]
    judgements: tuple[UUID, ...]


def explain(
    records: Sequence[IdentityRecord],
    judgements: Sequence[Judgement],
    model: MatchModel,
    hubs: Set[str],
) -> Explanation:
    """Explain one customer from all its records, the active judgements about them and
    ``IdentityIndex.hub_keys()``.

    The joins are those the solver makes of these records alone; values are raw, to be redacted by the caller.
    """
    case = _Case(records, judgements, model, hubs)
    joins = (*case.equals(), *case.solved(), *case.visits())
    oldest = sorted(records, key=lambda record: (record.first_seen, record.record_id.int))
    open_joins = [at for at, join in enumerate(joins) if not join.judged and not join.follows]
    open_joins = open_joins or [at for at, join in enumerate(joins) if not join.judged]
    weakest = min(open_joins, key=lambda at: (joins[at].bits, at), default=None)
    confidence = case.confidence()
    about = {record.record_id for record in records}
    return Explanation(
        customer=oldest[0].record_id,
        confidence=confidence,
        word=confidence_word(confidence),
        model=model.version,
        prior=model.of(records[0].kind).prior,
        records=tuple(_record(record, _why(record.record_id, joins, oldest[0])) for record in oldest),
        joins=joins,
        weakest=weakest,
        what_if=tuple(case.what_ifs()),
        judgements=tuple(
            sorted(found.judgement_id for found in judgements if about & {*found.left, *found.right})
        ),
    )


def measure_confidence(
    records: Sequence[IdentityRecord],
    judgements: Sequence[Judgement],
    model: MatchModel,
    hubs: Set[str],
) -> float:
    """The confidence that `explain` would tell, without the trouble of explaining it."""
    return _Case(records, judgements, model, hubs).confidence()


class _Case:
    """The records of one customer as the solver sees them: positions of equal features, visitors aside."""

    def __init__(
        self,
        records: Sequence[IdentityRecord],
        judgements: Sequence[Judgement],
        model: MatchModel,
        hubs: Set[str],
    ) -> None:
        self.model = model
        self.table = FeatureTable(model)
        self.hubs = frozenset(hubs)
        self.judgements = judgements
        judged = {record for found in judgements for record in (*found.left, *found.right)}
        self.positions: list[list[IdentityRecord]] = []
        self.found: list[Features] = []
        self.visitors: list[tuple[IdentityRecord, Features]] = []
        shared: dict[Features, int] = {}
        for record in sorted(records, key=lambda record: record.record_id.int):
            mine = features(record, model.default_country)
            if mine.only_devices and record.record_id not in judged:
                self.visitors.append((record, mine))
            elif record.record_id not in judged and mine in shared:
                self.positions[shared[mine]].append(record)
            else:
                if record.record_id not in judged:
                    shared[mine] = len(self.found)
                self.positions.append([record])
                self.found.append(mine)
        rows = [self.table.row(mine) for mine in self.found]
        self.parties = [
            Party(tuple(group), row) for group, row in zip(self.positions, rows, strict=True)
        ]
        at = {group[0].record_id: position for position, group in enumerate(self.positions)}
        self.constraints: Constraints = weigh_judgements(judgements, at)

    def solved(self) -> Iterator[JoinExplained]:
        """The joins of unequal records, in the order the solver makes them."""
        if self.found:
            for join in self._solve(self.found, self.hubs, whole=True).joins:
                yield self._explained(join)

    def confidence(self) -> float:
        """How sure it is that the records are one customer."""
        members = [
            Member(tuple(record.record_id for record in group), self.table.row(mine), mine.devices)
            for group, mine in zip(self.positions, self.found, strict=True)
        ]
        visitors = [Visitor(self.table.row(mine), mine.devices) for _, mine in self.visitors]
        scales = Scales(self.model, self.table, self.hubs)
        return confidence_of(members, visitors, self.judgements, scales)

    def equals(self) -> Iterator[JoinExplained]:
        """Records that say just the same as another one."""
        for party in self.parties:
            for other in party.records[1:]:
                first = party._replace(records=party.records[:1])
                yield replace(self._between([first], [Party((other,), party.row)]), equal=True)

    def visits(self) -> Iterator[JoinExplained]:
        """Visitors, each with the record that carries its browser, else with the first visitor."""
        visitors = [Party((record,), self.table.row(mine)) for record, mine in self.visitors]
        for at, (_, mine) in enumerate(self.visitors):
            carriers = [n for n, other in enumerate(self.found) if set(mine.devices) & set(other.devices)]
            if carriers or at:
                owner = self.parties[carriers[0]] if carriers else visitors[0]
                owner = owner._replace(records=owner.records[:1])
                yield explain_groups([owner], [visitors[at]], self.table, self.hubs, follows=True)

    def _between(self, left: Sequence[Party], right: Sequence[Party]) -> JoinExplained:
        return explain_groups(left, right, self.table, self.hubs)

    def _explained(self, join: Join) -> JoinExplained:
        left, right = [self.parties[at] for at in join.left], [self.parties[at] for at in join.right]
        found = self._between(left, right)
        if not join.judged:
            return found
        # What a person decided holds whatever its source promises: the evidence is told beside it.
        return replace(found, bits=join.score, words="A person decided that they are the same.", judged=True)

    def what_ifs(self) -> Iterator[WhatIf]:
        """The values without which this would be several customers, identifiers first."""
        if len(self.found) < 2:
            return
        carriers: dict[str, list[int]] = {}
        for at, mine in enumerate(self.found):
            for key in identifier_keys(mine):
                carriers.setdefault(key, []).append(at)
        held = [
            (key, found) for key, found in sorted(carriers.items()) if len(found) > 1 and key not in self.hubs
        ]
        for key, found in held[:_MOST_WHAT_IFS]:
            count = self._groups(self.found, self.hubs | {key})
            if count > 1:
                field = key_identifier(key).type
                yield WhatIf(field, raw_holding(self.positions[found[0]][0], field, key), count)
        yield from self._without("birth_date", lambda f: f.birth, lambda f: f._replace(birth=""))
        yield from self._without("address", lambda f: f.address, lambda f: f._replace(address=None))

    def _without(
        self, field: str, tell: Callable[[Features], Any], wipe: Callable[[Features], Features]
    ) -> Iterator[WhatIf]:
        """The values of one feature, each wiped wherever it stands."""
        told = [tell(mine) for mine in self.found]
        for value in sorted({one for one in told if one}):
            wiped = [wipe(mine) if one == value else mine for mine, one in zip(self.found, told, strict=True)]
            count = self._groups(wiped, self.hubs)
            if count > 1:
                yield WhatIf(field, raw_value(self.positions[told.index(value)][0], field), count)

    def _groups(self, found: Sequence[Features], hubs: frozenset[str]) -> int:
        return len(self._solve(found, hubs).groups)

    def _solve(self, found: Sequence[Features], hubs: Set[str], *, whole: bool = False) -> Solution:
        rows = [self.table.row(mine) for mine in found]
        return solve_rows(self.table, rows, self.model.limits, hubs, self.constraints, whole=whole)


def _record(record: IdentityRecord, why: str) -> RecordExplained:
    return RecordExplained(
        record.record_id,
        record.source,
        record.stream,
        record.external_id,
        record.kind,
        record.first_seen,
        why,
        dict(record.fields),
    )


def _why(record: UUID, joins: Sequence[JoinExplained], oldest: IdentityRecord) -> str:
    """The words of the join that brought this record in."""
    for join in joins:
        for mine, others in ((join.right, join.left), (join.left, join.right)):
            if mine == (record,) or (record in mine and oldest.record_id in others):
                return join.words
    return next(
        (join.words for join in joins if record in (*join.left, *join.right)),
        "The only record of this customer.",
    )
