"""What the addresses of event clients share: leave for pages of any origin, keys, refusals they understand.

Such clients drop a batch for good on 400, 401, 404, 413 and 422, and send it again on 408, 429 and 5xx.
So one bad event never spoils its batch (it goes into quarantine and the answer is 200), and whatever may
pass by itself is answered with 429 or 503 and Retry-After.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from regard.access.principal import NotSignedInError
from regard.api.problem_details import MEDIA_TYPE, problem_response
from regard.api.services import Services
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import read_time
from regard.intake.append_in_groups import BusyError, LogUnavailableError
from regard.intake.meter_pushes import QuotaExceededError
from regard.kit.errors import RegardError
from regard.sources.manage_sources import Source

_ALLOWED_HEADERS = (
    "authorization, content-type, content-encoding, anonymousid, sentat, x-retry-count, sp-anonymous,"
    " posthog-sdk-info, posthog-attempt, posthog-request-id, posthog-request-timestamp"
)
_PREFLIGHT_SECONDS = "86400"

_DATABASE_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

Handler = Callable[[Request], Awaitable[Response]]


def open_to_clients(
    path: str,
    handler: Handler,
    methods: Sequence[str] = ("POST",),
    *,
    with_cookies: bool = False,
    on_options: Handler | None = None,
) -> Route:
    """The handler with leave for pages of any origin (CORS), also where it fails, and its preflight.

    `with_cookies` lets browsers send along what they have, for clients that insist; nothing is read of it.
    `on_options` answers OPTIONS requests that do not come from a browser.
    """

    async def handle(request: Request) -> Response:
        answer = handler
        if request.method == "OPTIONS":
            if on_options is None or "access-control-request-method" in request.headers:
                return _leave(request, Response(status_code=204), methods, with_cookies=with_cookies)
            answer = on_options
        try:
            response = await answer(request)
        except RegardError as error:
            response = _refuse(request, error)
        except _DATABASE_AWAY:
            response = _refuse(request, LogUnavailableError("The database cannot be reached. Send it again."))
        return _leave(request, response, methods, with_cookies=with_cookies)

    return Route(path, handle, methods=[*methods, "OPTIONS"], include_in_schema=False)


def keys_of(request: Request, *names: str) -> list[str]:
    """The keys that the request itself carries: Basic or Bearer first, then named parts of the address."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    keys: list[str] = []
    if scheme.lower() == "basic":
        try:
            keys.append(base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            keys.append(credentials)
    elif scheme.lower() == "bearer":
        keys.append(credentials.strip())
    keys += [request.query_params.get(name, "") for name in names]
    return [key for key in keys if key]


async def source_of_key(key: object, services: Services) -> Source:
    """The source that a key may send for; raises `NotSignedInError`."""
    if not isinstance(key, str) or not key:
        raise key_missing()
    source = await services.keys.find(key)
    if source is None:
        raise NotSignedInError(
            "the write key is not known; copy the ingest key of the source into the client"
        )
    return source


def key_missing() -> NotSignedInError:
    """The refusal of a request without key."""
    return NotSignedInError("the write key is missing; send the ingest key of the source")


def first_time(*values: object) -> datetime | None:
    """The first of the values that is a time; one that cannot be read corrects nothing."""
    for value in values:
        try:
            if (at := read_time(value, "sentAt")) is not None:
                return at
        except ItemRefusedError:
            continue
    return None


def _refuse(request: Request, error: RegardError) -> Response:
    """Problem details; clients of several makers look for `message` as well."""
    problem = problem_response(request, error)
    body = json.loads(bytes(problem.body))
    if isinstance(error, BusyError | QuotaExceededError):
        headers = {"retry-after": str(error.retry_after)}
    else:
        headers = {name: problem.headers[name] for name in ("retry-after",) if name in problem.headers}
    answer = body | {"success": False, "message": body["detail"]}
    return JSONResponse(answer, problem.status_code, headers, MEDIA_TYPE)


def _leave(request: Request, response: Response, methods: Sequence[str], *, with_cookies: bool) -> Response:
    origin = request.headers.get("origin")
    if origin:
        response.headers["access-control-allow-origin"] = origin
        response.headers["vary"] = "Origin"
        if with_cookies:
            response.headers["access-control-allow-credentials"] = "true"
    response.headers["cross-origin-resource-policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.headers["access-control-allow-methods"] = ", ".join([*methods, "OPTIONS"])
        response.headers["access-control-allow-headers"] = _ALLOWED_HEADERS
        response.headers["access-control-max-age"] = _PREFLIGHT_SECONDS
    return response
