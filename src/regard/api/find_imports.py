"""Finds the import that an address names, and describes it for the door."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request

from regard.api.read_queries import read_id
from regard.api.services import Services
from regard.connectors.files.propose_mapping import remarks_on
from regard.intake.keep_imports import FileImport, NoSuchImportError, read_import


async def find_import(request: Request, services: Services) -> FileImport:
    """The import that the address names; raises `NoSuchImportError`."""
    import_id = read_id(request.path_params["import_id"])
    if import_id is None:
        raise NoSuchImportError("There is no import of that id. See the list of imports.")
    async with services.pool.acquire() as connection:
        return await read_import(connection, services.keyring, import_id)


def describe_import(file: FileImport) -> dict[str, Any]:
    """Everything that is kept of an import, for the door to show what may be seen of it."""
    account = msgspec.to_builtins(file.account) if file.account else None
    return {
        "id": str(file.import_id), "filename": file.filename, "source": file.source, "stream": file.stream,
        "status": file.status, "size_bytes": file.survey.size_bytes, "rows_total": file.rows_total,
        "rows_read": file.rows_read, "bytes_read": file.bytes_read,
        "format": {
            "type": file.format.type, "encoding": file.format.encoding, "delimiter": file.format.delimiter,
            "compressed": file.format.compressed, "sheet": file.format.sheet,
        },
        "columns": [
            {"name": column.name, "samples": file.samples.get(column.name, []),
             "proposed": {"field": column.field, "confidence": column.confidence, "reason": column.reason}}
            for column in file.columns
        ],
        "notes": [*file.notes, *remarks_on(file.mapping)],
        "mapping": msgspec.to_builtins(file.mapping), "account": account,
        "revert": None if not file.revert_total else {
            "of": file.revert_total, "done": file.revert_done, "handed_over": file.handed_over,
        },
        "revertible": file.remembers and file.run > 0,
        "error": file.error, "created_at": file.created_at.isoformat(), "created_by": file.created_by,
    }  # fmt: skip
