"""Taking a source out as a whole: looked at first, done in the background, brought back as it was."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from regard.api.authenticate import asked_by, require_right
from regard.api.services import Services
from regard.intake.keep_removals import (
    Removal,
    list_removed,
    preview_removal,
    read_removal,
    start_removal,
    undo_removal,
)

RIGHT = "sources"
_PATH = "/sources/{source}/removal"


class RemovalBody(BaseModel):
    """Why a source is taken out."""

    reason: str = Field(default="", max_length=1000, pattern=r"^[^\x00]*$")


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["sources"])
    pool, sign_in = services.pool, services.sign_in

    @router.get("/removed-sources", operation_id="listRemovedSources")
    async def read_all(request: Request) -> dict[str, Any]:
        """Sources that were removed and can be brought back."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            return {"sources": [_told(one) for one in await list_removed(connection)]}

    @router.post(f"{_PATH}/preview", operation_id="previewRemoval")
    async def preview(request: Request, source: str) -> dict[str, Any]:
        """What would go with the source: records, customers, values. Nothing is changed."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            return asdict(await preview_removal(connection, source))

    @router.get(_PATH, operation_id="readRemoval")
    async def read(request: Request, source: str) -> dict[str, Any]:
        """How far the latest removal, or the bringing back, has come."""
        await require_right(request, sign_in, RIGHT)
        async with pool.acquire() as connection:
            return _told(await read_removal(connection, source))

    @router.post(_PATH, operation_id="removeSource", status_code=202)
    async def remove(request: Request, source: str, body: RemovalBody | None = None) -> dict[str, Any]:
        """Take the source out: nothing is read or taken from now on, and what it said is taken back.

        The reason is kept beside who removed it and when.
        """
        principal = await require_right(request, sign_in, RIGHT)
        await _note(request, services, "source_removed", source)
        async with pool.acquire() as connection, connection.transaction():
            reason = body.reason.strip() if body else ""
            started = await start_removal(
                connection, source, services.clock.now(), principal.username, reason
            )
        services.keys.forget(source)
        return _told(started)

    @router.post(f"{_PATH}/undo", operation_id="restoreSource", status_code=202)
    async def undo(request: Request, source: str) -> dict[str, Any]:
        """Bring the source back as it was; its credentials and keys must be given anew."""
        await require_right(request, sign_in, RIGHT)
        await _note(request, services, "source_restored", source)
        async with pool.acquire() as connection, connection.transaction():
            return _told(await undo_removal(connection, source))

    return router


async def _note(request: Request, services: Services, act: str, source: str) -> None:
    """Write down who does it before it is done."""
    known = source[:64].replace("\0", "\N{REPLACEMENT CHARACTER}")
    asked = await asked_by(request, services.sign_in)
    await services.door.note_act(asked, act, f"source={known}")


def _told(one: Removal) -> dict[str, Any]:
    return {
        "source": one.source, "title": one.title, "status": one.status, "asked_at": one.asked_at,
        "asked_by": one.asked_by, "reason": one.reason, "removed_at": one.removed_at,
        "statements": one.statements, "done": one.done, "notes": list(one.notes), "error": one.error,
        "finished_at": one.finished_at,
    }  # fmt: skip
