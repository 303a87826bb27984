"""The weights that decide who is who: listing, learning, comparing and choosing them."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from regard.api.authenticate import asked_by, authenticate, require_right
from regard.api.customer_routes import respond
from regard.api.read_request_body import read_request_body
from regard.api.services import Services
from regard.stewardship.manage_models import RIGHT

_MOST_BYTES = 50_000_000
_PAGE = 25


class ChooseBody(BaseModel):
    """Why these weights are to decide."""

    reason: str = Field(default="", max_length=1000)


def routes(services: Services) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["identity"])
    desk, sign_in, door = services.models, services.sign_in, services.door

    @router.get("/identity/models", operation_id="listModels")
    async def overview(request: Request) -> dict[str, Any]:
        """All weights, who chose which, what decides now, and the work on them; nothing of any customer."""
        return await desk.overview(await authenticate(request, sign_in))

    @router.post("/identity/models", operation_id="bringModel", status_code=201)
    async def bring(request: Request) -> dict[str, Any]:
        """Keep weights from a file of `regard resolve` or `regard import-model`; nothing is decided."""
        principal = await require_right(request, sign_in, RIGHT)
        body = await read_request_body(request, most=_MOST_BYTES)
        return {"version": await desk.bring(principal, body)}

    @router.post("/identity/models/train", operation_id="trainModel", status_code=202)
    async def train(request: Request) -> dict[str, Any]:
        """Learn weights from all records; the worker does it, and `listModels` tells how far it is."""
        return {"job": str(await desk.train(await authenticate(request, sign_in)))}

    @router.post("/identity/models/{version}/compare", operation_id="compareModel", status_code=202)
    async def compare(request: Request, version: str) -> dict[str, Any]:
        """Find out which customers would be others under these weights; nothing is changed by it."""
        return {"job": str(await desk.compare(await authenticate(request, sign_in), version))}

    @router.post("/identity/models/{version}/use", operation_id="useModel", status_code=202)
    async def use(request: Request, version: str, body: ChooseBody) -> dict[str, Any]:
        """Let these weights decide from now on; undone by choosing the ones from before."""
        choice = await desk.choose(await authenticate(request, sign_in), version, body.reason)
        return {"version": choice.version, "event": str(choice.event_id), "taken_up": choice.taken_up}

    @router.get("/identity/models/{version}/differences", operation_id="listModelDifferences")
    async def differences(
        request: Request,
        version: str,
        kind: Literal["merged", "split", "moved"] | None = None,
        after: int = Query(0, ge=0),
        limit: int = Query(_PAGE, ge=1, le=100),
    ) -> Response:
        """Customers that would be others, both sides, from the latest comparison of these weights."""
        asked = await asked_by(request, sign_in)
        return respond(request, await door.identity.model_differences(asked, version, kind, after, limit))

    return router
