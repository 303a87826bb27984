"""Reading customers: finished bytes from the door, handed on as they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from regard.api.authenticate import asked_by
from regard.api.read_queries import read_number
from regard.api.services import Services
from regard.views.door_gate import Answer

_RESULTS, _ENTRIES = 20, 60
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(services: Services) -> list[Route]:
    """The routes; plain ones, for the answers are bytes already. `describe_api` documents them."""
    door, sign_in = services.door, services.sign_in

    async def view(request: Request) -> Response:
        """The whole screen of a customer, made for the role of the caller."""
        answer = await door.view(await asked_by(request, sign_in), request.path_params["customer_id"])
        return respond(request, answer)

    async def timeline(request: Request) -> Response:
        """A page of what happened, newest first."""
        query = request.query_params
        limit = read_number(query.get("limit"), "limit", _ENTRIES)
        asked = await asked_by(request, sign_in)
        customer_id = request.path_params["customer_id"]
        answer = await door.timeline(asked, customer_id, query.get("filter"), query.get("before"), limit)
        return respond(request, answer)

    async def entry(request: Request) -> Response:
        """One interaction in detail."""
        asked, path = await asked_by(request, sign_in), request.path_params
        return respond(request, await door.entry(asked, path["customer_id"], path["entry_id"]))

    async def provenance(request: Request) -> Response:
        """Where a value is from, and which values did not win."""
        asked, path = await asked_by(request, sign_in), request.path_params
        return respond(request, await door.provenance(asked, path["customer_id"], path["field"]))

    async def export(request: Request) -> Response:
        """Everything the role may see of the customer."""
        asked = await asked_by(request, sign_in)
        answer = await door.export(asked, request.path_params["customer_id"])
        return respond(request, answer, "customer.json")

    async def search(request: Request) -> Response:
        """Customers that fit a name, an email, a phone number or a number of theirs."""
        query = request.query_params
        limit = read_number(query.get("limit"), "limit", _RESULTS)
        asked = await asked_by(request, sign_in)
        return respond(request, await door.search(asked, query.get("q", ""), limit, query.get("cursor")))

    async def search_csv(request: Request) -> Response:
        """The same as a table for spreadsheets."""
        answer = await door.search_csv(await asked_by(request, sign_in), request.query_params.get("q", ""))
        return respond(request, answer, "customers.csv")

    one = "/api/v1/customers/{customer_id}"
    table: list[tuple[str, Endpoint, str]] = [
        ("/api/v1/customers", search, "searchCustomers"),
        ("/api/v1/customers.csv", search_csv, "exportCustomers"),
        (one, view, "readCustomer"),
        (f"{one}/timeline", timeline, "readTimeline"),
        (f"{one}/timeline/{{entry_id}}", entry, "readEntry"),
        (f"{one}/provenance/{{field}}", provenance, "readProvenance"),
        (f"{one}/export", export, "exportCustomer"),
    ]
    return [Route(path, endpoint, name=name, methods=["GET"]) for path, endpoint, name in table]


def respond(request: Request, answer: Answer, filename: str | None = None) -> Response:
    """The bytes with their headers; 304 without them when the caller has the same already."""
    headers = {"cache-control": "no-store"}
    if answer.etag:
        headers["etag"] = answer.etag
        if answer.etag in _tags(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
    asked = request.path_params.get("customer_id")
    if answer.customer_id and asked and asked != str(answer.customer_id):
        # The id asked for is one the customer had before it was joined with others.
        headers["content-location"] = request.url.path.replace(asked, str(answer.customer_id))
    if filename:
        headers["content-disposition"] = f'attachment; filename="{filename}"'
    return Response(answer.body, headers=headers, media_type=answer.media_type)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
