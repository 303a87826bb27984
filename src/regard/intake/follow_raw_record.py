"""One raw record on its way through a transaction: what it came to, or why it is refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from regard.connectors.connector_contract import RawRecord
from regard.connectors.name_origin import ItemRefusedError
from regard.events.envelope import believed_time
from regard.intake.keep_raw_heads import RawHead
from regard.intake.pushed_item import ACCEPTED, DUPLICATE, ItemResult, PushedItem
from regard.intake.translate_raw_records import ItemKey, Translation


@dataclass(slots=True)
class Step:
    """`head` is what was known before, `revision` the number of this state.

    `unkeepable`: it can be kept in quarantine and nowhere else. `position` is where its raw event stands in
    the log. `waits`: it lost a field that all of its stream had, and what it stated before stands.
    """

    record: RawRecord
    object_id: UUID
    digest: bytes
    head: RawHead | None
    revision: int = 1
    translation: Translation | None = None
    refusal: ItemRefusedError | None = None
    unchanged: bool = False
    quarantined: PushedItem | None = None
    position: tuple[int, int] | None = None
    unkeepable: bool = False
    waits: bool = False
    received_at: datetime | None = None

    @property
    def later(self) -> bool:
        """Stated at a later time than what is known."""
        mine, known = self._times
        return mine is not None and (known is None or mine > known)

    @property
    def late(self) -> bool:
        """Older than what is known: it is not the latest state, whenever it comes."""
        mine, known = self._times
        return mine is not None and known is not None and mine < known

    @property
    def _times(self) -> tuple[datetime | None, datetime | None]:
        """When this state and the known one were stated; a time from the future counts as that of receipt.

        Otherwise a source whose clock was years ahead could say nothing new for years.
        """
        mine, head = self.record.updated_at, self.head
        known = head.updated_at if head else None
        return (
            believed_time(mine, self.received_at) if mine and self.received_at else mine,
            believed_time(known, head.received_at) if known and head else known,
        )

    @property
    def made(self) -> list[ItemKey]:
        """What the record states; an older state says nothing any more."""
        return list(self.translation.made) if self.translation and not self.late else []

    @property
    def vanished(self) -> list[ItemKey]:
        """What the record no longer states; an older state says nothing about that."""
        return list(self.translation.vanished) if self.translation and not self.late else []

    @property
    def changed(self) -> bool:
        """Whether the raw record says something else than the latest known state."""
        return self.head is None or self.head.position is None or self.head.digest != self.digest

    @property
    def is_new_state(self) -> bool:
        """Whether its head is to be written."""
        return not self.unchanged and not self.unkeepable

    @property
    def state(self) -> bytes | None:
        """Which state of which record it is, when nothing but the quarantine can keep it."""
        return self.object_id.bytes + self.digest if self.unkeepable and self.refusal else None

    @property
    def result(self) -> ItemResult:
        """What its sender is told."""
        if self.refusal is not None and self.quarantined is not None:
            return ItemResult(
                "rejected", self.refusal.code, str(self.refusal), self.quarantined.quarantine_id
            )
        return DUPLICATE if self.unchanged else ACCEPTED

    def met_again(self, whole: Collection[str]) -> bool:
        """Unchanged, and worth a note because everything is being read."""
        return self.unchanged and self.head is not None and self.record.stream in whole

    def wait(self) -> None:
        """It is kept, and what was stated before stands until a person has decided."""
        assert self.translation is not None
        self.translation = self.translation.stating_as_before()
        self.waits = True

    def refuse(self, refusal: ItemRefusedError) -> None:
        """It states nothing, and goes into quarantine."""
        self.translation, self.refusal, self.unchanged = None, refusal, False
