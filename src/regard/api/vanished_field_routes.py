"""Going on without fields that vanished from a stream."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request

from regard.api.authenticate import asked_by, require_right
from regard.api.services import Services
from regard.db.pool import Connection
from regard.intake.hold_vanished_fields import give_up, read_held
from regard.intake.judge_health import read_drift
from regard.intake.keep_connections import QUERIES
from regard.sources.manage_sources import read_source

RIGHT = "sources"


def routes(services: Services) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["connections"])

    @router.post("/sources/{source}/streams/{stream}/go-on", operation_id="goOnWithoutFields")
    async def go_on(request: Request, source: str, stream: str) -> dict[str, Any]:
        """Take the records that wait as they are: the values of the fields that vanished go with them."""
        principal = await require_right(request, services.sign_in, RIGHT)
        asked, now = await asked_by(request, services.sign_in), services.clock.now()
        async with services.pool.acquire() as connection:
            await read_source(connection, source)
            places = await read_gone(connection, source, stream, now)
        what = f"source={source};stream={stream[:100]};places={','.join(places)}"[:1_000]
        # Before the transaction: others must not wait for the audit while the source is locked.
        await services.door.note_act(asked, "field_given_up", what)
        async with services.pool.acquire() as connection, connection.transaction():
            await connection.fetchrow(QUERIES["lock_connection"], source)
            await give_up(connection, source, stream, places, now, principal.username)
        return {"places": places}

    return router


async def read_gone(connection: Connection, source: str, stream: str, now: datetime) -> list[str]:
    """The places that records of a stream wait for, and those that are told as vanished."""
    drift = await read_drift(connection, source, now)
    vanished = {one.place for one in drift if one.stream == stream and one.change == "vanished"}
    return sorted(vanished | await read_held(connection, source, stream))
