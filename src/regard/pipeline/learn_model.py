"""Learns weights from all records that are kept, and from what people judged about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from uuid import UUID

from regard.identity.cluster_in_bulk import Nodes, Tell
from regard.identity.collect_records import RecordCollection
from regard.identity.hold_features import FeatureTable
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.learn_from_answers import AnsweredPair, learn_from_answers
from regard.identity.match_model import MatchModel, default_model
from regard.identity.normalise_fields import features
from regard.identity.train_model import train_model
from regard.identity.write_model import named_by_content
from regard.kit.errors import RegardError

_PAIRS_OF_ONE = 25
_FEWEST = 2


class NothingToLearnError(RegardError):
    """There are not enough records to learn from."""

    code = "nothing_to_learn"
    status = 409


@dataclass
class Pupil:
    """Takes records in and learns from them all; what people judged counts too."""

    judgements: Sequence[Judgement]
    _collection: RecordCollection = field(default_factory=lambda: RecordCollection(default_model()))
    _judged: dict[UUID, IdentityRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._wanted = {one for judged in self.judgements for one in (*judged.left, *judged.right)}

    def __len__(self) -> int:
        return len(self._collection)

    def add(self, record: IdentityRecord) -> None:
        """Take one record in."""
        self._collection.add(record)
        if record.record_id in self._wanted:
            self._judged[record.record_id] = record

    def learn(self, tell: Tell) -> MatchModel:
        """The weights, under a version named after them; raises `NothingToLearnError`."""
        nodes = Nodes(self._collection) if len(self) else ()
        if not isinstance(nodes, Nodes) or len(nodes) < _FEWEST:
            raise NothingToLearnError("there are no records to learn from yet; import some first")
        shipped = default_model()
        learnt = train_model(nodes, shipped, tell)
        table = FeatureTable(learnt)
        answers = list(answered_pairs(self.judgements, self._judged, table))
        taught = learn_from_answers(learnt, table.fields, answers)
        return named_by_content(taught, f"{shipped.version}-learnt")


def answered_pairs(
    judgements: Iterable[Judgement], records: Mapping[UUID, IdentityRecord], table: FeatureTable
) -> Iterable[AnsweredPair]:
    """The pairs of records that judgements are about; all pairs of one judgement count as one answer."""
    for judged in judgements:
        known = (
            (one, two) for one, two in product(judged.left, judged.right) if {one, two} <= records.keys()
        )
        pairs = [(records[one], records[two]) for one, two in islice(known, _PAIRS_OF_ONE)]
        alike = [(one, two) for one, two in pairs if one.kind == two.kind and one is not two]
        for one, two in alike:
            left, right = (table.row(features(record, "")) for record in (one, two))
            yield AnsweredPair(one.kind, table.pattern(left, right), judged.verdict == "same", 1 / len(alike))
