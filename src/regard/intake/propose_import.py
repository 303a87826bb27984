"""Looks at a file that is to be imported and proposes how: by what was done before, else by its content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from regard.connectors.files.describe_mapping import (
    TARGETS,
    FileMapping,
    Reading,
    UnusableMappingError,
    check_mapping,
)
from regard.connectors.files.describe_table import Limits, TableSample
from regard.connectors.files.open_table import sample_table
from regard.connectors.files.propose_mapping import (
    ImportContext,
    MappingProposal,
    complete_readings,
    propose_mapping,
)
from regard.connectors.files.survey_file import Survey
from regard.db.pool import Connection
from regard.intake.keep_imports import QUERIES, FileImport, ProposedColumn, Runner, read_mapping
from regard.kit.clock import Clock
from regard.kit.ids import new_id
from regard.sources.manage_sources import Source


@dataclass(frozen=True, slots=True)
class PastImports:
    """What earlier imports of the source tell: the stream's last mapping, and where its parties come from."""

    mapping: FileMapping | None = None
    party_stream: str | None = None


async def read_past(connection: Connection, source: str, stream: str) -> PastImports:
    """What is known from earlier imports."""
    party_stream = await connection.fetchval(QUERIES["read_party_stream"], source)
    return PastImports(await read_mapping(connection, source, stream), party_stream)


def propose_import(
    path: Path, filename: str, survey: Survey, source: Source, stream: str, past: PastImports, clock: Clock,
    *, by: str, runner: Runner, target: str | None = None, limits: Limits | None = None,
    import_id: UUID | None = None,
) -> FileImport:  # fmt: skip
    """The import of a file, ready to be shown, changed and run; raises `UnreadableFileError`."""
    sample = sample_table(path, filename, survey, limits)
    context = ImportContext(
        stream, filename, target, source.country, source.currency, party_stream=past.party_stream
    )
    proposal = propose_mapping(sample, context)
    if past.mapping is not None and target in (None, past.mapping.target):
        proposal = _follow_last(proposal, past.mapping, sample, source.country)
    now = clock.now()
    return FileImport(
        import_id=import_id or new_id(now),
        filename=filename,
        source=source.slug,
        stream=stream,
        status="proposed",
        runner=runner,
        survey=survey,
        format=sample.format,
        columns=[
            ProposedColumn(view.name, view.proposed.field, view.proposed.confidence, view.proposed.reason)
            for view in proposal.columns
        ],
        samples={view.name: view.samples for view in proposal.columns},
        notes=proposal.notes,
        mapping=proposal.mapping,
        created_at=now,
        created_by=by,
    )


def edit_mapping(
    file: FileImport, changes: Mapping[str, Any], sample: TableSample | None, country: str | None
) -> FileMapping:
    """The import's mapping with some parts replaced; `columns` are changed one by one.

    With a sample the ways of reading that the changes do not name are decided anew, and another target
    brings new proposals for everything that the changes leave as it was.
    Raises `UnusableMappingError`.
    """
    base: dict[str, Any] = msgspec.to_builtins(file.mapping)
    target = changes.get("target", base["target"])
    if sample is not None and target != base["target"] and target in TARGETS:
        # What nobody touched follows the new target; its fields would mean nothing there.
        changes = _without_repetitions(changes, base)
        base = _propose_again(file, target, sample, country)
    merged = {**base, **changes}
    if isinstance(changes.get("columns"), Mapping):
        merged["columns"] = {**base["columns"], **changes["columns"]}
    try:
        mapping = msgspec.convert(merged, FileMapping)
    except msgspec.ValidationError as problem:
        raise UnusableMappingError(f"the mapping cannot be read: {problem}") from None
    if sample is not None:
        mapping, _ = complete_readings(mapping, sample, country)
    check_mapping(mapping, file.format.type, [column.name for column in file.columns])
    return mapping


def _without_repetitions(changes: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Only what differs from the mapping as it was."""
    kept = {name: value for name, value in changes.items() if value != base.get(name)}
    if isinstance(columns := kept.get("columns"), Mapping):
        old = base["columns"]
        kept["columns"] = {name: field for name, field in columns.items() if field != old.get(name)}
    kept.pop("reading", None)
    return kept


def _propose_again(file: FileImport, target: str, sample: TableSample, country: str | None) -> dict[str, Any]:
    before = file.mapping
    context = ImportContext(
        before.stream, file.filename, target, country, before.currency, before.time_zone,
        before.party.stream if before.party else None,
    )  # fmt: skip
    proposed: dict[str, Any] = msgspec.to_builtins(propose_mapping(sample, context).mapping)
    return proposed


def _follow_last(
    proposal: MappingProposal, last: FileMapping, sample: TableSample, country: str | None
) -> MappingProposal:
    """The last mapping where it knows every column of the new file; dates are looked at anew."""
    if not set(sample.columns) <= set(last.columns):
        return proposal
    try:
        check_mapping(last, sample.format.type, sample.columns)
    except UnusableMappingError:
        return proposal
    fresh, doubts = complete_readings(msgspec.structs.replace(last, reading={}), sample, country)
    reading = {
        **last.reading,
        **{name: one for name, one in fresh.reading.items() if _is_sure(name, one, doubts)},
    }
    note = "The mapping of the last import of this stream is used again."
    return replace(
        proposal, mapping=msgspec.structs.replace(last, reading=reading), notes=[*sample.notes, note]
    )


def _is_sure(column: str, reading: Reading, doubts: list[str]) -> bool:
    guessed = any(f"“{column}”" in doubt for doubt in doubts)
    return reading.date not in (None, "auto") and not guessed
