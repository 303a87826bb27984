"""Builds the web application from its parts."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from regard.api import web_ui
from regard.api.describe_api import DescribedApp
from regard.api.guard_requests import RequestGuard
from regard.api.problem_details import install_problem_details
from regard.api.route_catalogue import ROUTES
from regard.api.services import Services

PREFIX = "/api/v1"


def build_app(services: Services) -> ASGIApp:
    """The application as it is served: all routes behind the guard."""
    return RequestGuard(build_routes(services))


def build_routes(services: Services) -> FastAPI:
    """The application with all routes, without the guard around it."""
    app = DescribedApp(
        title="Regard",
        version=services.settings.version,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    for make in ROUTES:
        made = make(services)
        if isinstance(made, APIRouter):
            app.include_router(made, prefix=PREFIX)
        else:
            app.router.routes.extend(made)
    # Below /api nothing falls through to the page of the interface.
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app.router.routes.append(
        Route("/api/{rest:path}", _nothing_here, name="nothing", methods=methods, include_in_schema=False)
    )
    app.router.routes.extend(web_ui.routes(services))
    install_problem_details(app)
    return app


async def _nothing_here(request: Request) -> Response:
    own = request.scope.get("endpoint")
    known = [r for r in request.app.router.routes if getattr(r, "endpoint", None) is not own]
    takes_another = any(route.matches(request.scope)[0] is Match.PARTIAL for route in known)
    raise HTTPException(405 if takes_another else 404)
