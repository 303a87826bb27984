"""Reading who is who: why records are one customer, what became of it, and what a person should look at."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from regard.api.authenticate import asked_by
from regard.api.customer_routes import Endpoint, respond
from regard.api.read_queries import read_number
from regard.api.services import Services

_CHANGES, _DOUBTS = 60, 25


def routes(services: Services) -> list[Route]:
    """The routes; plain ones, for the answers are bytes already. `describe_api` documents them."""
    door, sign_in = services.door, services.sign_in

    async def identity(request: Request) -> Response:
        """Why the records behind the customer are one."""
        asked = await asked_by(request, sign_in)
        return respond(request, await door.identity.reasons(asked, request.path_params["customer_id"]))

    async def changes(request: Request) -> Response:
        """What became of the customer: created, merged, split, the newest first."""
        query = request.query_params
        limit = read_number(query.get("limit"), "limit", _CHANGES)
        asked = await asked_by(request, sign_in)
        customer_id = request.path_params["customer_id"]
        return respond(request, await door.identity.changes(asked, customer_id, query.get("before"), limit))

    async def doubts(request: Request) -> Response:
        """Pairs of records on which it is close, for a person to decide, the weightiest first."""
        limit = read_number(request.query_params.get("limit"), "limit", _DOUBTS)
        return respond(request, await door.identity.doubts(await asked_by(request, sign_in), limit))

    async def compare(request: Request) -> Response:
        """Why two records, or two customers, are one or are not: the evidence, field by field."""
        left, right = (request.query_params.get(side, "") for side in ("left", "right"))
        return respond(request, await door.identity.compare(await asked_by(request, sign_in), left, right))

    one = "/api/v1/customers/{customer_id}"
    table: list[tuple[str, Endpoint, str]] = [
        (f"{one}/identity", identity, "readIdentity"),
        (f"{one}/changes", changes, "readCustomerChanges"),
        ("/api/v1/identity/queue", doubts, "listDoubts"),
        ("/api/v1/identity/compare", compare, "compareRecords"),
    ]
    return [Route(path, endpoint, name=name, methods=["GET"]) for path, endpoint, name in table]
