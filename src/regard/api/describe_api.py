"""Adds the plain routes to the OpenAPI description, so that it knows every address."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

_QUERIES = {"readTimeline": ("filter", "before", "limit"), "searchCustomers": ("q", "limit", "cursor"),
         "exportCustomers": ("q",), "listDoubts": ("limit",), "compareRecords": ("left", "right"),
         "readCustomerChanges": ("before", "limit"), "streamChanges": ("customer",)}  # fmt: skip
_MEDIA = {"exportCustomers": "text/csv", "streamChanges": "text/event-stream"}
_PATH_PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


class DescribedApp(FastAPI):
    """An application whose `/openapi.json` tells of the plain routes beside FastAPI's own."""

    def openapi(self) -> dict[str, Any]:
        """The description of the whole API."""
        if self.openapi_schema is None:
            schema = super().openapi()
            paths = schema.setdefault("paths", {})
            for route in plain_routes(self.routes):
                path = _PATH_PARAMETER.sub(r"{\1}", route.path)
                for method in sorted((route.methods or set()) - {"HEAD"}):
                    paths.setdefault(path, {})[method.lower()] = _operation(route)
        return super().openapi()


def plain_routes(routes: list[BaseRoute]) -> list[Route]:
    """The plain routes of the API."""
    return [
        route
        for route in routes
        if type(route) is Route and route.path.startswith("/api/") and route.include_in_schema
    ]


def _operation(route: Route) -> dict[str, Any]:
    names = _PATH_PARAMETER.findall(route.path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    for name in _QUERIES.get(route.name, ()):
        schema: dict[str, Any] = {"type": "integer", "minimum": 1} if name == "limit" else {"type": "string"}
        if name == "customer":
            schema = {"type": "array", "items": {"type": "string"}}
        parameters.append({"name": name, "in": "query", "required": False, "schema": schema})
    media = _MEDIA.get(route.name, "application/json")
    return {
        "operationId": route.name,
        "summary": (route.endpoint.__doc__ or route.name).strip().splitlines()[0],
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer", "content": {media: {}}},
            "default": {"description": "A failure", "content": {"application/problem+json": {}}},
        },
    }
