"""Every file of routes, in one visible tuple. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter
from starlette.routing import BaseRoute

from regard.api import (
    cleansing_routes,
    connection_routes,
    customer_routes,
    event_api_routes,
    health_routes,
    identity_routes,
    import_routes,
    ingest_routes,
    judgement_routes,
    mapping_routes,
    matrix_routes,
    model_routes,
    posthog_routes,
    pushed_routes,
    quality_routes,
    removal_routes,
    row_routes,
    session_routes,
    snowplow_routes,
    source_routes,
    stream_routes,
    vanished_field_routes,
    webhook_routes,
)
from regard.api.services import Services

# A file gives either a router, whose paths get the prefix /api/v1, or plain routes with whole paths.
MakeRoutes = Callable[[Services], APIRouter | Sequence[BaseRoute]]

ROUTES: tuple[MakeRoutes, ...] = (
    customer_routes.routes,
    identity_routes.routes,
    stream_routes.routes,
    session_routes.routes,
    judgement_routes.routes,
    model_routes.routes,
    import_routes.routes,
    health_routes.routes,
    source_routes.routes,
    removal_routes.routes,
    connection_routes.routes,
    vanished_field_routes.routes,
    mapping_routes.routes,
    quality_routes.routes,
    cleansing_routes.routes,
    ingest_routes.routes,
    event_api_routes.routes,
    matrix_routes.routes,  # before the webhooks, whose addresses may end with anything
    webhook_routes.routes,
    pushed_routes.routes,
    posthog_routes.routes,
    snowplow_routes.routes,
    row_routes.routes,
)
