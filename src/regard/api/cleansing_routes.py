"""Cleansing of a source's records: looked at first, done in the background, taken back as a whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from regard.api.authenticate import asked_by, require_right
from regard.api.services import Services
from regard.intake.cleanse_source import read_corrections
from regard.intake.keep_cleansings import list_cleansings, start_cleansing, undo_cleansing
from regard.quality.propose_corrections import Correction
from regard.sources.manage_sources import read_source

RIGHT = "sources"
_LOOKED_AT = 10_000
_PAGE = 1_000
_PATH = "/sources/{source}/cleansings"


class CleansingBody(BaseModel):
    """What is to be corrected, as the preview names it: field:verdict:reason."""

    flags: list[str] = Field(max_length=500)


def routes(services: Services) -> APIRouter:
    """The routes. Values leave through the door."""
    router = APIRouter(tags=["quality"])
    pool = services.pool

    @router.get(_PATH, operation_id="listCleansings")
    async def read_all(request: Request, source: str) -> dict[str, Any]:
        """The cleansings of a source, the newest first."""
        await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection:
            await read_source(connection, source)
            return {"cleansings": [_told(row) for row in await list_cleansings(connection, source)]}

    @router.post(f"{_PATH}/preview", operation_id="previewCleansing")
    async def preview(request: Request, source: str) -> Response:
        """What could be corrected, by field and reason, with examples. Nothing is changed."""
        await require_right(request, services.sign_in, RIGHT)
        found: list[list[Correction]] = []
        after: UUID | None = None
        complete = False
        async with pool.acquire() as connection:
            known = await read_source(connection, source)
            for _ in range(_LOOKED_AT // _PAGE):
                page, after = await read_corrections(
                    connection, source, known.country or "", None, after, _PAGE
                )
                found += [better for _, better in page]
                if after is None:
                    complete = True
                    break
        asked = await asked_by(request, services.sign_in)
        body = await services.door.rows.cleansing(
            asked, source, found, complete=complete
        )
        return Response(body, media_type="application/json")

    @router.post(_PATH, operation_id="startCleansing", status_code=202)
    async def start(request: Request, source: str, body: CleansingBody) -> dict[str, Any]:
        """Correct the values with these flags; what the source says next counts again."""
        principal = await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection, connection.transaction():
            await read_source(connection, source)
            run_id = await start_cleansing(
                connection, source, body.flags, services.clock.now(), principal.username
            )
        return {"id": str(run_id)}

    @router.post(f"{_PATH}/{{run_id}}/undo", operation_id="undoCleansing", status_code=202)
    async def undo(request: Request, source: str, run_id: UUID) -> dict[str, Any]:
        """Take a cleansing back: values are what the source last said."""
        await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection, connection.transaction():
            await undo_cleansing(connection, source, run_id)
        return {"id": str(run_id)}

    return router


def _told(row: asyncpg.Record) -> dict[str, Any]:
    return {
        "id": str(row["run_id"]), "status": row["status"], "flags": list(row["flags"]),
        "asked_at": row["asked_at"], "asked_by": row["asked_by"], "records": row["records"],
        "values": row["values"], "undone": row["undone"], "error": row["error"],
        "finished_at": row["finished_at"],
    }  # fmt: skip
