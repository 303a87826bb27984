"""What the tests of this folder share: files in, rows and events out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from regard.connectors.files.apply_mapping import Rejection, RowMapper
from regard.connectors.files.describe_mapping import FileMapping
from regard.connectors.files.describe_table import BadRow, Cells, Limits, Row
from regard.connectors.files.open_table import open_table, sample_table
from regard.connectors.files.propose_mapping import ImportContext, MappingProposal, propose_mapping
from regard.connectors.files.survey_file import survey_file
from regard.events.envelope import Event

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, limits: Limits | None = None) -> tuple[list[Cells], list[BadRow]]:
    """The sound rows and the bad ones."""
    table = open_table(path, path.name, survey_file(path, path.name), limits)
    try:
        items = list(table.rows())
    finally:
        table.close()
    good = [item.cells for item in items if isinstance(item, Row)]
    return good, [item for item in items if isinstance(item, BadRow)]


def columns(path: Path) -> list[str]:
    return sample_table(path, path.name, survey_file(path, path.name)).columns


def propose(path: Path, stream: str, **known: str) -> MappingProposal:
    sample = sample_table(path, path.name, survey_file(path, path.name))
    return propose_mapping(sample, ImportContext(stream, path.name, **known))  # type: ignore[arg-type]


def map_rows(path: Path, mapping: FileMapping) -> list[list[Event] | Rejection | BadRow]:
    """Every row as events or as the reason against it."""
    survey = survey_file(path, path.name)
    table = open_table(path, path.name, survey)
    mapper = RowMapper(mapping, "shop", survey.file_key)
    try:
        return [item if isinstance(item, BadRow) else mapper.map_row(item, NOW) for item in table.rows()]
    finally:
        table.close()
        mapper.close()
