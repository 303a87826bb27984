"""Judges raw records by what is known of them: new, unchanged, late or refused, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import structlog

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.map_record import Surface
from regard.connectors.name_origin import ItemRefusedError
from regard.eventlog.seal_bodies import Keyring
from regard.intake.follow_raw_record import Step
from regard.intake.hold_vanished_fields import HELD, FieldWatch
from regard.intake.keep_raw_heads import Heads, RawHead
from regard.intake.translate_raw_records import (
    KnownState,
    NumberedMapping,
    raw_text,
    refuse_too_long,
    translate_raw,
)
from regard.sources.manage_sources import Source

_LOG = structlog.get_logger(__name__)
_NO_MAPPING = NumberedMapping(0, None)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the records of one source are read in one transaction.

    `whole` are the streams of which everything is being read, with the beginnings of those readings. `again`:
    the records come from the log, to be read by a newer mapping. `watch`: what no record may lose unnoticed.
    """

    source: Source
    keyring: Keyring
    surface: Surface
    mappings: Mapping[str, NumberedMapping]
    again: bool
    whole: Mapping[str, datetime] = field(default_factory=dict)
    watch: FieldWatch = field(default_factory=FieldWatch)

    def mapping_of(self, stream: str) -> NumberedMapping:
        """The mapping that reads a stream now."""
        return self.mappings.get(stream, _NO_MAPPING)

    def look(self, record: RawRecord, object_id: UUID, heads: Heads, least_revision: int = 1) -> Step:
        """The record with what is known of it and what it means."""
        head = heads.latest.get(object_id)
        revision = max(head.revision + 1 if head else 1, least_revision)
        step = Step(record, object_id, self._digest(record), head, revision)
        step.received_at = self.surface.received_at
        step.unchanged = self._says_nothing_new(step)
        if step.unchanged:
            return step
        try:
            refuse_too_long(record)
        except ItemRefusedError as refusal:
            step.refusal, step.unkeepable = refusal, True
            return step
        self._translate(step, heads, least_revision)
        return step

    def _translate(self, step: Step, heads: Heads, least_revision: int) -> None:
        known, surface, record = (
            KnownState(heads.made.get(step.object_id, {}), step.revision), self.surface, step.record
        )  # fmt: skip
        if self.again and step.head is not None and not step.changed:
            # Read as it was received: the log has the raw record already.
            known = replace(known, revision=max(step.head.revision, least_revision))
            surface = replace(surface, received_at=step.head.received_at)
        try:
            step.translation = translate_raw(
                record, self.mapping_of(record.stream), known, self.source, surface
            )
            if known.made and not self.again and not step.late and self.watch.lost(record):
                step.wait()
        except ItemRefusedError as refusal:
            step.refuse(refusal)
        except Exception as error:  # noqa: BLE001 - one record must not hold up its source; its text stays out
            _LOG.error(
                "record_not_read", source=self.source.slug, stream=record.stream, error=type(error).__name__
            )
            step.refuse(refuse_value(record))

    def _says_nothing_new(self, step: Step) -> bool:
        record, head = step.record, step.head
        if self.again and (head is None or head.deleted or head.digest != step.digest):
            # A newer state came between: its mapping was the newest already.
            return True
        if record.deleted and (head is None or head.deleted):
            # A deletion with a time is kept for what may come late; without one it says nothing new.
            return record.updated_at is None or (head is not None and not step.later)
        if head is not None and head.mapping == self._number_of(record, head):
            return self._is_known(step, head) and head.deleted == record.deleted
        return False

    def _number_of(self, record: RawRecord, head: RawHead) -> int:
        """The mapping that must have read a record for it to be known; one that waits is, while it must."""
        if head.mapping == HELD and not record.deleted and self.watch.lost(record):
            return HELD
        return self.mapping_of(record.stream).number

    def _is_known(self, step: Step, head: RawHead) -> bool:
        """Whether the record says what is known; read with everything, it is not new for being read later."""
        if head.digest == step.digest:
            return True
        record = step.record
        again = record.stream in self.whole and not step.late
        return again and head.digest == self._digest(replace(record, updated_at=head.updated_at))

    def _digest(self, record: RawRecord) -> bytes:
        stated = record.updated_at.astimezone(UTC).isoformat() if record.updated_at else ""
        return self.keyring.digest(f"{stated}\n{raw_text(record)}".encode())


def refuse_value(record: RawRecord) -> ItemRefusedError:
    """The refusal of a record for a value that cannot be read or kept; its text is not told."""
    return ItemRefusedError(
        "unkeepable_value",
        f"the record “{record.external_id[:100]}” of “{record.stream[:100]}” holds a value that Regard cannot"
        " keep: correct it in the source, or here before it is tried again; it may"
        " be the mapping that makes it, such as a time beyond the calendar",
    )


def refuse_taken_id(record: RawRecord) -> ItemRefusedError:
    """The refusal of a record whose place in the log is taken by another state of it."""
    return ItemRefusedError(
        "event_id_conflict",
        f"the log holds another state of the record “{record.external_id[:100]}” of “{record.stream[:100]}”"
        " under the same number; try it again, and it gets a number of its own",
    )
