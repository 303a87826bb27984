"""The live stream: one per browser, ids and versions only."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from regard.api.authenticate import asked_by
from regard.api.read_queries import BadParameterError
from regard.api.services import Services
from regard.live.stream_changes import stream_changes

_MOST_CUSTOMERS = 200


def routes(services: Services) -> list[Route]:
    """The route."""

    async def stream(request: Request) -> Response:
        """Server-sent events: which customers changed, by id, version and block."""
        asked = await asked_by(request, services.sign_in)
        allowed = await services.door.stream_filter(asked)
        named = request.query_params.getlist("customer")
        if len(named) > _MOST_CUSTOMERS:
            raise BadParameterError(
                f"a stream watches at most {_MOST_CUSTOMERS} customers; open the others later"
            )
        asked_as: dict[UUID, str] = {}
        for known, current in (await services.door.current_ids(asked, named)).items():
            # A customer asked for under an old name answers under that name.
            asked_as[known] = asked_as[current] = str(known)
        watched = asked_as if named else None
        last = request.headers.get("last-event-id", "")
        since = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None
        session, role = asked.principal.session, asked.principal.role
        watcher = await services.hub.watch(session, role, watched, since)
        chunks = stream_changes(services.hub, watcher, allowed, asked_as)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(chunks, headers=headers, media_type="text/event-stream")

    return [Route("/api/v1/stream", stream, name="streamChanges", methods=["GET"])]
