"""Remembers which records of a round the database refused, so that the others go on. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from regard.connectors.connector_contract import RawRecord
from regard.connectors.name_origin import ItemRefusedError
from regard.intake.follow_raw_record import Step
from regard.intake.judge_raw_records import refuse_taken_id, refuse_value

# Numbers of states count from one; one that is taken gives way to the seconds since then.
_FIRST_SECOND = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Aside:
    """`least_revisions` for records whose number is taken; who fails again is refused, by its id."""

    least_revisions: dict[UUID, int] = field(default_factory=dict)
    refusals: dict[UUID, ItemRefusedError] = field(default_factory=dict)
    unkeepable: set[UUID] = field(default_factory=set)

    def note_taken(self, taken: Collection[UUID], records: dict[UUID, RawRecord], now: datetime) -> None:
        """The log has other events under the numbers of these records: a new number first, then refused."""
        for object_id in taken:
            if object_id in self.least_revisions:
                self.refusals[object_id] = refuse_taken_id(records[object_id])
            self.least_revisions[object_id] = int((now - _FIRST_SECOND).total_seconds())

    def note_refused(self, object_id: UUID, record: RawRecord) -> bool:
        """The database refuses a value of the record; False when it was refused with nothing but its body."""
        if object_id in self.unkeepable:
            return False
        if object_id in self.refusals:
            self.unkeepable.add(object_id)
        self.refusals.setdefault(object_id, refuse_value(record))
        return True

    def apply(self, step: Step) -> Step:
        """The step as it is taken now."""
        refusal = self.refusals.get(step.object_id)
        if refusal is not None and not step.unchanged:
            step.refuse(refusal)
            step.unkeepable = step.unkeepable or step.object_id in self.unkeepable
        return step
