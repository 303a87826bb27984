"""Stands before every request: gives it an id, refuses foreign pages, slow bodies, and sets safe headers."""

from __future__ import annotations

import asyncio
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regard.api.authenticate import COOKIE
from regard.api.problem_details import problem_response
from regard.api.read_request_body import BodyTooSlowError
from regard.kit.errors import RegardError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_BODY_PATIENCE = 15.0
_CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _CONTENT_SECURITY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class ForeignPageError(RegardError):
    """A request that changes something came with a cookie from a page that is not ours."""

    code = "foreign_page"
    status = 403


class RequestGuard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["regard_request_id"] = request_id = secrets.token_hex(8)
        is_api = scope["path"].startswith("/api/")

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers["x-request-id"] = request_id
                if is_api:
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        if comes_from_foreign_page(scope):
            problem = ForeignPageError(
                "send the header X-Regard-Request: 1 with requests that change something"
            )
            await problem_response(Request(scope), problem)(scope, receive, send_safely)
            return
        await self._app(scope, _patient(receive), send_safely)


def comes_from_foreign_page(scope: Scope) -> bool:
    """Whether a changing request rides on a cookie without a sign that our own page sent it."""
    if scope["method"] in _SAFE:
        return False
    headers = Headers(scope=scope)
    if "authorization" in headers or not _has_session(headers.get("cookie", "")):
        return False
    return headers.get("x-regard-request") != "1" and headers.get("sec-fetch-site") != "same-origin"


def _has_session(cookie: str) -> bool:
    try:
        return COOKIE in SimpleCookie(cookie)
    except CookieError:
        return COOKIE in cookie


def _patient(receive: Receive) -> Receive:
    """Each piece of the body must come within fifteen seconds; afterwards waiting is free."""
    finished = False

    async def receive_patiently() -> Message:
        nonlocal finished
        if finished:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), _BODY_PATIENCE)
        except TimeoutError:
            raise BodyTooSlowError("the body of the request did not come; send it without pauses") from None
        finished = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receive_patiently
