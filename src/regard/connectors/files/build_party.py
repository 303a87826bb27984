"""Builds the record of a person or an organisation from a row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from regard.connectors.files.convert_values import (
    filled_text,
    read_day,
    read_instant,
    read_last_first,
    split_values,
    tidy_id,
)
from regard.connectors.files.describe_mapping import SKIP, FileMapping, Reading
from regard.connectors.files.describe_table import Cell, Cells
from regard.connectors.files.load_fields import ImportField, fields_of

_CONTACT = "contact."
_NO_READING = Reading()


def build_party(mapping: FileMapping, cells: Cells, external_id: str, zone: tzinfo) -> list[dict[str, Any]]:
    """Items for the records door: the party itself and, for an organisation, its contact person."""
    fields: dict[str, Any] = {}
    contact: dict[str, Any] = {}
    known = fields_of(mapping.target)
    used = {*mapping.id, mapping.updated_at}
    for column, cell in cells.items():
        name = mapping.columns.get(column)
        if name == SKIP or not cell:
            continue
        if name is None:
            if column not in used:
                _keep_extra(fields, column, cell, known)
            continue
        target, plain = (
            (contact, name.removeprefix(_CONTACT)) if name.startswith(_CONTACT) else (fields, name)
        )
        _put(
            target,
            known[name],
            plain,
            cell,
            column,
            mapping.reading.get(column, _NO_READING),
            mapping.organisation_stream,
        )
    updated_at = _read_updated(mapping, cells, zone)
    items = [_item(mapping.stream, external_id, mapping.target, updated_at, fields)]
    if contact:
        contact["organisation_ref"] = {"stream": mapping.stream, "id": external_id}
        if isinstance(name_of := fields.get("name"), str):
            contact["organisation"] = name_of
        items.append(_item(f"{mapping.stream}_contacts", external_id, "person", updated_at, contact))
    return items


def _put(
    target: dict[str, Any],
    field: ImportField,
    name: str,
    cell: Cell,
    column: str,
    reading: Reading,
    organisation_stream: str,
) -> None:
    if field.multiple:
        values = split_values(cell, field.id, field.kind)
        if values:
            target[name] = list(dict.fromkeys([*target.get(name, []), *values]))
        return
    text = filled_text(cell, field.kind)
    if text is None:
        return
    if field.id == "organisation_ref":
        target[name] = {"stream": organisation_stream, "id": tidy_id(text)}
        return
    if field.kind == "day":
        target[name] = read_day(text, column, reading)
    elif field.kind == "name" and reading.names == "last_first":
        for part, value in read_last_first(text).items():
            # A column of its own for the part knows better.
            target.setdefault(part, value)
    else:
        target[name] = text


def _keep_extra(fields: dict[str, Any], column: str, cell: Cell, known: Mapping[str, ImportField]) -> None:
    """Keep an unmapped column under its own name, but never as the field that it was not mapped to."""
    name = f"{column} (unmapped)" if column in known else column
    fields[name] = cell


def _read_updated(mapping: FileMapping, cells: Cells, zone: tzinfo) -> str | None:
    column = mapping.updated_at
    text = filled_text(cells.get(column, ""), "instant") if column else None
    if column is None or text is None:
        return None
    return read_instant(text, column, mapping.reading.get(column, _NO_READING), zone)


def _item(
    stream: str, external_id: str, kind: str, updated_at: str | None, fields: dict[str, Any]
) -> dict[str, Any]:
    return {"stream": stream, "id": external_id, "kind": kind, "updated_at": updated_at, "fields": fields}
