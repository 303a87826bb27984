"""Made-up sources and streams for tests of manifests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import yaml

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
)
from regard.connectors.manifests.manifest_client import ManifestClient
from tests.connectors.conformance import NOW, open_manifest

BASE = "https://api.example.com/v1"


Answer = Callable[[httpx.Request], httpx.Response]


ONE = {"data": [{"id": 1}]}


AUTH = "authorization"


def stream(name: str = "things", **members: Any) -> dict[str, Any]:
    """A stream of things; `requester`, `selector`, `paginator`, `router` go to their places."""
    requester = {"url_base": BASE, "path": name, **members.pop("requester", {})}
    retriever = {
        "requester": requester,
        "record_selector": {"extractor": {"field_path": ["data"]}, **members.pop("selector", {})},
        "paginator": members.pop("paginator", None),
        "partition_router": members.pop("router", None),
        **members.pop("retriever", {}),
    }
    kept = {key: value for key, value in retriever.items() if value is not None}
    return {"type": "DeclarativeStream", "name": name, "primary_key": "id", "retriever": kept, **members}


class Source:
    """A made-up source that keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[httpx.Request] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    def open(
        self, *streams: dict[str, Any], config: dict[str, Any] | None = None, **more: Any
    ) -> ManifestClient:
        now = more.pop("now", NOW)
        keep = more.pop("keep_settings", None)
        text = yaml.safe_dump({"type": "DeclarativeSource", "streams": list(streams), **more})
        return open_manifest(text, config or {}, httpx.MockTransport(self), now, keep_settings=keep)


async def read(client: ManifestClient, name: str = "things", cursor: Cursor | None = None) -> list[Batch]:
    return [batch async for batch in client.read(name, cursor)]


def bodies(batches: list[Batch]) -> list[Any]:
    return [record.body for batch in batches for record in batch.records]


def giving(*pages: Any, headers: dict[str, str] | None = None) -> Source:
    left = list(pages)
    return Source(
        lambda request: httpx.Response(200, json=left.pop(0) if len(left) > 1 else left[0], headers=headers)
    )


def by_time(**more: Any) -> dict[str, Any]:
    return {
        "type": "DatetimeBasedCursor",
        "cursor_field": "at",
        "datetime_format": "%Y-%m-%d",
        "start_datetime": "2026-11-01",
        "start_time_option": {"inject_into": "request_parameter", "field_name": "from"},
        "end_time_option": {"inject_into": "request_parameter", "field_name": "to"},
        **more,
    }


def windows(source: Source) -> list[tuple[str, str]]:
    return [(request.url.params["from"], request.url.params["to"]) for request in source.asked]
