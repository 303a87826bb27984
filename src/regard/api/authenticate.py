"""Tells who is asking, from the session cookie or a bearer token; keys of sources open no session."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from regard.access.load_roles import role_of
from regard.access.principal import NotSignedInError, Principal
from regard.access.sign_in import SignIn
from regard.views.door_gate import Asked

COOKIE = "regard_session"
_BEARER = "bearer "


async def authenticate(connection: HTTPConnection, sign_in: SignIn) -> Principal:
    """The signed-in user; raises `NotSignedInError`."""
    token = session_token(connection)
    if token is None:
        raise NotSignedInError("sign in first")
    return await sign_in.find(token)


async def require_right(connection: HTTPConnection, sign_in: SignIn, right: str) -> Principal:
    """The signed-in user, whose role must have the right; raises `NotSignedInError` or `NotAllowedError`."""
    principal = await authenticate(connection, sign_in)
    role_of(principal.role).require(right)
    return principal


async def asked_by(connection: HTTPConnection, sign_in: SignIn) -> Asked:
    """What the door wants to know about a request."""
    return Asked(await authenticate(connection, sign_in), request_id_of(connection))


def request_id_of(connection: HTTPConnection) -> str:
    """The id that `guard_requests` gave to the request."""
    return str(connection.scope.get("regard_request_id", ""))


def session_token(connection: HTTPConnection) -> str | None:
    """The token the request carries: a bearer token goes before the cookie."""
    header = connection.headers.get("authorization", "")
    if header[: len(_BEARER)].lower() == _BEARER:
        return header[len(_BEARER) :].strip() or None
    return connection.cookies.get(COOKIE) or None
