"""Sign-in, sign-out, change of role, and the first administrator."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from regard.access.create_users import demo_sign_ins
from regard.access.load_roles import role_of
from regard.access.principal import NotSignedInError, Principal
from regard.access.sign_in import ABSOLUTE
from regard.api.authenticate import COOKIE, authenticate
from regard.api.services import Services


class SignInBody(BaseModel):
    """User name and password."""

    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class RoleBody(BaseModel):
    """The role to work in from now on."""

    role: str = Field(max_length=100)


class SetupBody(BaseModel):
    """The one-time code printed at the start, and who the first administrator is."""

    code: str = Field(max_length=100)
    name: str = Field(max_length=200)
    username: str = Field(max_length=200)
    password: str = Field(max_length=1000)


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["session"])
    sign_in = services.sign_in

    @router.get("/session", operation_id="readSession")
    async def read_session(request: Request) -> JSONResponse:
        """Who is signed in, and what their role may; a demo tells its sign-ins."""
        try:
            principal = await authenticate(request, sign_in)
        except NotSignedInError:
            return JSONResponse(_nobody(services))
        return JSONResponse(_me(services, principal))

    @router.post("/session", operation_id="signIn")
    async def start_session(request: Request, body: SignInBody) -> Response:
        """Sign in; the session comes as a cookie that scripts cannot read."""
        address = request.client.host if request.client else ""
        token, principal = await sign_in.sign_in(body.username, body.password, address)
        return _with_cookie(request, services, token, _me(services, principal))

    @router.put("/session/role", operation_id="changeRole")
    async def change_role(request: Request, body: RoleBody) -> Response:
        """Work in another of one's roles; the session gets a new token."""
        before = await authenticate(request, sign_in)
        token, principal = await sign_in.change_role(before, body.role)
        services.hub.end_sessions(before.session)
        return _with_cookie(request, services, token, _me(services, principal))

    @router.delete("/session", operation_id="signOut", status_code=204)
    async def end_session(request: Request) -> Response:
        """Sign out; open streams of the session close."""
        principal = await authenticate(request, sign_in)
        await sign_in.sign_out(principal)
        services.hub.end_sessions(principal.session)
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return response

    @router.get("/setup", operation_id="readSetup")
    async def read_setup() -> dict[str, bool]:
        """Whether the installation still needs its first administrator."""
        return {"needed": not services.settings.demo and await services.users.setup_needed()}

    @router.post("/setup", operation_id="setUp", status_code=201)
    async def set_up(body: SetupBody) -> dict[str, bool]:
        """Make the first administrator with the code that was printed at the start."""
        await services.users.set_up(body.code, body.name, body.username, body.password)
        return {"needed": False}

    return router


def _me(services: Services, principal: Principal) -> dict[str, Any]:
    role = role_of(principal.role)
    return {
        "signed_in": True,
        "name": principal.name,
        "username": principal.username,
        "role": role.name,
        "roles": [{"id": name, "title": role_of(name).title} for name in principal.roles],
        "may": sorted(role.policy.rights),
        "desktop": role.desktop.id if role.desktop else None,
        "demo": _demo(services),
    }


def _nobody(services: Services) -> dict[str, Any]:
    return {
        "signed_in": False, "name": "", "username": "", "role": "", "roles": [], "may": [], "desktop": None,
        "demo": _demo(services),
    }  # fmt: skip


def _demo(services: Services) -> list[dict[str, str]]:
    return [asdict(one) for one in demo_sign_ins()] if services.settings.demo else []


def _with_cookie(request: Request, services: Services, token: str, body: dict[str, Any]) -> Response:
    response = JSONResponse(body)
    secure = services.settings.secure_cookies or request.url.scheme == "https"
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response
