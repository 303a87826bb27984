"""Going on without fields that vanished from a stream."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from regard.api.authenticate import asked_by, require_right
from regard.api.services import Services
from regard.intake.hold_vanished_fields import give_up
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
        async with services.pool.acquire() as connection, connection.transaction():
            await read_source(connection, source)
            await connection.fetchrow(QUERIES["lock_connection"], source)
            drift = [one for one in await read_drift(connection, source, now) if one.stream == stream]
            vanished = [one.place for one in drift if one.change == "vanished"]
            places = await give_up(connection, source, stream, vanished, now, principal.username)
            what = f"source={source};stream={stream[:100]};places={','.join(places)}"[:1_000]
            await services.door.rows.note_act(asked.principal, asked.request_id, "field_given_up", what)
        return {"places": places}

    return router
