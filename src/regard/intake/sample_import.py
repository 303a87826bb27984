"""Takes some rows of an import as they were said, to be held against what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from regard.db.pool import Connection
from regard.eventlog.read_events import read_places
from regard.eventlog.seal_bodies import Keyring
from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordUpserted
from regard.intake.keep_imports import QUERIES, FileImport
from regard.kit.money import to_text


@dataclass(frozen=True, slots=True)
class SaidRow:
    """What a row says of its record or interaction: the texts of each field."""

    row: int
    object_id: UUID
    values: dict[str, list[str]]


async def sample_rows(
    connection: Connection, keyring: Keyring, file: FileImport, seed: str, limit: int
) -> list[SaidRow]:
    """Rows of the last run in the order of the file; those whose key was destroyed are absent."""
    rows = await connection.fetch(QUERIES["sample_taken_rows"], file.import_id, file.run, seed, limit)
    logged = await read_places(connection, keyring, [(row["part"], row["seq"]) for row in rows])
    events = {(one.part, one.seq): one.event for one in logged}
    said = []
    for row in sorted(rows, key=lambda one: int(one["row_number"])):
        event = events.get((row["part"], row["seq"]))
        if event is not None and isinstance(event.body, RecordUpserted | InteractionStated):
            said.append(SaidRow(row["row_number"], row["object_id"], _values(event.body)))
    return said


def _values(body: RecordUpserted | InteractionStated) -> dict[str, list[str]]:
    values = {name: texts for name, value in body.fields.items() if (texts := _texts(value))}
    if isinstance(body, InteractionStated):
        if body.status:
            values["status"] = [body.status]
        if body.amount_minor is not None and body.currency:
            values["amount"] = [to_text(body.amount_minor, body.currency)]
    return values


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str) and one.strip()]
    return [str(value)] if isinstance(value, int | float) else []
