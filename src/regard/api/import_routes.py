"""File import: upload, look at the proposal, change it, try it, run it, see what could not be taken."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from regard.access.field_registry import FieldRegistry, shipped_registry
from regard.access.principal import Principal
from regard.api import import_outcome_routes
from regard.api.authenticate import asked_by, require_right
from regard.api.find_imports import describe_import, find_import
from regard.api.read_queries import read_number
from regard.api.services import Services
from regard.connectors.files.describe_mapping import (
    OCCURRENCE,
    SKIP,
    WHOLE_ROW,
    UnusableMappingError,
    check_mapping,
)
from regard.connectors.files.load_fields import PARTY_TARGETS, fields_of, load_fields
from regard.connectors.files.open_table import sample_table
from regard.intake.keep_imports import (
    FileImport,
    Status,
    change_mapping,
    delete_import,
    list_imports,
    save_mapping,
    start_import,
)
from regard.intake.keep_quarantined_rows import list_quarantined_rows
from regard.intake.propose_import import edit_mapping
from regard.intake.receive_files import FileDesk
from regard.sources.manage_sources import read_source
from regard.views.compose_import import RawRow
from regard.views.door_gate import Answer

RIGHT = "import"
_ROWS, _MOST_ROWS = 100, 1_000
_MOST_MAPPING_BYTES = 4_000_000


def routes(services: Services) -> list[Route]:
    """The routes. They need the right `import`; what stands in the files leaves through the door."""
    counter = ImportCounter(services)
    one = "/api/v1/imports/{import_id}"
    return [
        Route("/api/v1/imports", counter.add, methods=["POST"], name="addImport"),
        Route("/api/v1/imports", counter.list, methods=["GET"], name="listImports"),
        Route("/api/v1/imports/fields", counter.fields, methods=["GET"], name="listImportFields"),
        Route(one, counter.read, methods=["GET"], name="readImport"),
        Route(one, counter.delete, methods=["DELETE"], name="deleteImport"),
        Route(f"{one}/mapping", counter.change, methods=["PUT"], name="changeImportMapping"),
        Route(f"{one}/dry-run", counter.dry_run, methods=["POST"], name="dryRunImport"),
        Route(f"{one}/run", counter.run, methods=["POST"], name="runImport"),
        Route(f"{one}/rows", counter.rows, methods=["GET"], name="listImportRows"),
        *import_outcome_routes.routes(services),
    ]


class ImportCounter:
    """Answers the requests about imports."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._desk = FileDesk(
            services.pool, services.keyring, services.clock, services.settings.home / "imports",
            most_bytes=services.settings.import_most_bytes,
        )  # fmt: skip

    async def add(self, request: Request) -> Response:
        """Upload a file as the body of the request; answers with a proposal of what its columns mean."""
        principal = await self._principal(request)
        query = request.query_params
        received = await self._desk.receive(
            query.get("source", ""), query.get("stream", ""), query.get("filename", ""), request.stream(),
            principal.username,
        )  # fmt: skip
        return await self._show(request, received, 201)

    async def list(self, request: Request) -> Response:
        """The newest imports."""
        await self._principal(request)
        async with self._services.pool.acquire() as connection:
            found = await list_imports(connection, self._services.keyring, request.query_params.get("source"))
        asked = await asked_by(request, self._services.sign_in)
        return _pass(await self._services.door.files.imports(asked, [describe_import(one) for one in found]))

    async def fields(self, request: Request) -> Response:
        """What rows and columns can be."""
        await self._principal(request)
        registry = shipped_registry()
        targets = [
            {"id": target.id, "label": target.label, "fields": _describe_fields(target.id, registry)}
            for target in load_fields().targets
        ]
        specials = [
            {"id": OCCURRENCE, "label": "Counts rows with the same id", "use": "id"},
            {"id": WHOLE_ROW, "label": "The content of the row", "use": "id"},
            {"id": SKIP, "label": "Do not import", "use": "column"},
        ]
        return _answer({"targets": targets, "specials": specials})

    async def read(self, request: Request) -> Response:
        """One import: columns with samples, mapping, progress, account."""
        await self._principal(request)
        return await self._show(request, await self._find(request))

    async def delete(self, request: Request) -> Response:
        """Forget an import and its file; what it stored stays."""
        await self._principal(request)
        file = await self._find(request)
        async with self._services.pool.acquire() as connection:
            await delete_import(connection, file.import_id)
        self._desk.remove(file.import_id)
        return Response(status_code=204)

    async def change(self, request: Request) -> Response:
        """Change the mapping; parts that are not named stay."""
        principal = await self._principal(request)
        file = await self._find(request)
        changes = await _read_changes(request)
        async with self._services.pool.acquire() as connection:
            source = await read_source(connection, file.source)
        path = self._desk.path_of(file.import_id)
        sample = None
        if path.exists():
            sample = await asyncio.to_thread(sample_table, path, file.filename, file.survey)
        mapping = edit_mapping(file, changes, sample, source.country)
        async with self._services.pool.acquire() as connection, connection.transaction():
            await change_mapping(connection, file.import_id, mapping)
            await save_mapping(
                connection, file.source, mapping, self._services.clock.now(), principal.username
            )
        return await self._show(request, await self._find(request))

    async def dry_run(self, request: Request) -> Response:
        """Try the import without storing anything."""
        return await self._start(request, "dry_running")

    async def run(self, request: Request) -> Response:
        """Import the file."""
        return await self._start(request, "running")

    async def rows(self, request: Request) -> Response:
        """The rows that could not be taken, in the order of the file; `after` is the last row number seen.

        With `outcome` (stored, unchanged) those that were, and what they became.
        """
        await self._principal(request)
        file = await self._find(request)
        query = request.query_params
        if (outcome := import_outcome_routes.read_outcome(query.get("outcome"))) is not None:
            return await import_outcome_routes.taken_rows(request, self._services, file, outcome)
        after = read_number(query.get("after"), "after", 0)
        limit = min(read_number(query.get("limit"), "limit", _ROWS), _MOST_ROWS)
        async with self._services.pool.acquire() as connection:
            rows = await list_quarantined_rows(
                connection, self._services.keyring, file.import_id, after, limit
            )
        following = rows[-1].row if len(rows) == limit else None
        raw = [RawRow(row.row, row.column, row.code, row.sentence, row.content) for row in rows]
        asked = await asked_by(request, self._services.sign_in)
        return _pass(await self._services.door.files.rows(asked, describe_import(file), raw, following))

    async def _start(self, request: Request, status: Status) -> Response:
        principal = await self._principal(request)
        file = await self._find(request)
        file.check_key()
        check_mapping(file.mapping, file.format.type, [column.name for column in file.columns])
        async with self._services.pool.acquire() as connection, connection.transaction():
            await read_source(connection, file.source)  # a removed source takes nothing
            await start_import(connection, file.import_id, status)
            if status == "running":
                now = self._services.clock.now()
                await save_mapping(connection, file.source, file.mapping, now, principal.username)
        return await self._show(request, await self._find(request), 202)

    async def _show(self, request: Request, file: FileImport, status: int = 200) -> Response:
        asked = await asked_by(request, self._services.sign_in)
        return _pass(await self._services.door.files.one_import(asked, describe_import(file)), status)

    async def _principal(self, request: Request) -> Principal:
        return await require_right(request, self._services.sign_in, RIGHT)

    async def _find(self, request: Request) -> FileImport:
        return await find_import(request, self._services)


async def _read_changes(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if len(raw) > _MOST_MAPPING_BYTES:
        raise UnusableMappingError("the mapping is too large")
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise UnusableMappingError(f"the mapping must be a JSON object: {problem}") from None


def _describe_fields(target: str, registry: FieldRegistry) -> list[dict[str, str]]:
    described = []
    for field in fields_of(target).values():
        plain = field.id.removeprefix("contact.")
        rule = registry.rule(plain) if target in PARTY_TARGETS else registry.entry_rule(target, plain)
        described.append({"id": field.id, "label": field.label, "class": rule.class_})
    return described


def _pass(answer: Answer, status: int = 200) -> Response:
    return Response(answer.body, status, media_type=answer.media_type)


def _answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
