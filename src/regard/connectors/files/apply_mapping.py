"""Turns the rows of a table into events by a mapping: a pure function of row, mapping and count of the id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from regard.connectors.files.build_interaction import build_interaction
from regard.connectors.files.build_party import build_party
from regard.connectors.files.convert_values import RejectedValueError, filled_text, tidy_id
from regard.connectors.files.count_occurrences import OccurrenceCounter
from regard.connectors.files.describe_mapping import OCCURRENCE, WHOLE_ROW, FileMapping
from regard.connectors.files.describe_table import Cells, Row
from regard.connectors.interactions_api import translate_mapped_interaction
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.records_api import translate_record
from regard.events.envelope import Event


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row cannot become an event."""

    column: str | None
    code: str
    problem: str


class RowMapper:
    """Maps the rows of one file, in their order.

    `file_key` names the file's content: together with the mapping's version and the row number it makes
    the event ids, so that the same file again gives the same ids.
    """

    def __init__(self, mapping: FileMapping, source: str, file_key: str) -> None:
        self._mapping = mapping
        self._source = source
        self._prefix = f"file:{file_key}:{mapping.version}:"
        self._zone = ZoneInfo(mapping.time_zone)
        self._id_columns = [column for column in mapping.id if column not in (OCCURRENCE, WHOLE_ROW)]
        self._counter = OccurrenceCounter()

    def map_row(self, row: Row, received_at: datetime) -> list[Event] | Rejection:
        """The events of a row (an organisation's contact person makes a second one), or why it has none."""
        try:
            external_id = self._name_row(row.cells)
            items = self._build(row.cells, external_id)
            origin = Origin(self._source, received_at, self._mapping.currency)
            translate = translate_record if self._mapping.is_party else translate_mapped_interaction
            events = [event for item in items for event in translate(item, origin)]
        except RejectedValueError as rejected:
            return Rejection(rejected.column, rejected.code, rejected.problem)
        except ItemRefusedError as refused:
            return Rejection(None, refused.code, str(refused))
        return self._stamp(events, row.number)

    def pass_over(self, row: Row) -> None:
        """See a row that was mapped in an earlier run, for what is counted over the whole file."""
        if OCCURRENCE in self._mapping.id:
            self._count_name(row.cells)

    def close(self) -> None:
        """Let go of what counting needed."""
        self._counter.close()

    def _build(self, cells: Cells, external_id: str) -> list[dict[str, Any]]:
        if self._mapping.is_party:
            return build_party(self._mapping, cells, external_id, self._zone)
        return [build_interaction(self._mapping, cells, external_id, self._zone)]

    def _count_name(self, cells: Cells) -> None:
        try:
            self._name_row(cells)
        except RejectedValueError:
            return

    def _name_row(self, cells: Cells) -> str:
        parts = [tidy_id(filled_text(cells.get(column, ""), "number") or "") for column in self._id_columns]
        if self._id_columns and not any(parts):
            columns = " and ".join(f"“{column}”" for column in self._id_columns)
            raise RejectedValueError(
                self._id_columns[0],
                "no_id",
                f"the row has no id in {columns}; fill it, or choose another id column",
            )
        if WHOLE_ROW in self._mapping.id:
            parts.append(_fingerprint(cells.items()))
        name = "|".join(parts)
        if OCCURRENCE in self._mapping.id:
            count = self._counter.count(name)
            return name if count == 1 else f"{name}|{count}"
        return name

    def _stamp(self, events: list[Event], number: int) -> list[Event]:
        """Ids that sort by row, so that of two rows about the same the later one counts."""
        return [
            replace(
                event,
                event_id=f"{self._prefix}{number:010d}{'' if index == 0 else f'.{index}'}",
                compare_content=True,
            )
            for index, event in enumerate(events)
        ]


def _fingerprint(cells: Iterable[tuple[str, Any]]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for column, cell in cells:
        for part in (column, *([cell] if isinstance(cell, str) else cell)):
            raw = part.encode()
            digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()
