"""Streams that are read whole at first and by their changes afterwards (`StateDelegatingStream`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from regard.connectors.connector_contract import Cursor
from regard.connectors.manifests.ask_pages import Requests
from regard.connectors.manifests.instants import read_span
from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.read_slices import Engine, Read, StreamEngine


def open_engine(component: Component, requests: Requests) -> Engine:
    """What reads a stream, and the streams that it depends on."""
    if component["type"] == "StateDelegatingStream":
        return DelegatingEngine(component, requests)
    return StreamEngine(component, requests, partial(open_engine, requests=requests))


def whole_stream(component: Component) -> Component:
    """The stream itself, or the one of two that reads everything."""
    if component["type"] == "StateDelegatingStream":
        found: Component = component["full_refresh_stream"]
        return found
    return component


class DelegatingEngine:
    """Its cursor says by which of the two streams reading goes on: `{"by", "at", "begun"}`."""

    whole = False

    def __init__(self, component: Component, requests: Requests) -> None:
        self._component = component
        self._requests = requests
        self._engines = {
            "whole": open_engine(component["full_refresh_stream"], requests),
            "changes": open_engine(component["incremental_stream"], requests),
        }
        self.sync = self._engines["changes"].sync
        self.splits: bool = self._engines["changes"].splits
        self.strict = False

    async def read(self, cursor: Cursor | None) -> AsyncIterator[Read]:
        """The whole stream first; from its end on the changes, unless they were not read for too long."""
        kept = cursor if cursor and not self._too_old(cursor) else None
        by = str(kept["by"]) if kept else "whole"
        begun = str(kept["begun"]) if kept else self._requests.tools.clock.now().astimezone(UTC).isoformat()
        async for read in self._engines[by].read(kept["at"] if kept else None):
            if read.cursor is None:
                yield read
            elif by == "changes" or read.cursor.get("round"):
                yield replace(read, cursor={"by": by, "at": read.cursor, "begun": begun})
            else:
                yield replace(
                    read, cursor={"by": "changes", "at": _go_on(read.cursor, begun), "begun": begun}
                )

    def _too_old(self, cursor: Cursor) -> bool:
        """Whether changes are kept by the source for less long than the time since they were read."""
        period = self._component.get("api_retention_period")
        if not period or cursor["by"] != "changes":
            return False
        positions = _positions(cursor["at"])
        oldest = min(positions, default=str(cursor["begun"]))
        now = self._requests.tools.clock.now()
        span = read_span(self._requests.tools.templates.text(period))
        return now - datetime.fromisoformat(oldest) > span


def _positions(cursor: Cursor) -> list[str]:
    floor = [str(cursor["floor"])] if cursor.get("floor") else []
    return [*map(str, (cursor.get("known") or {}).values()), *floor]


def _go_on(cursor: Cursor, begun: str) -> Cursor:
    """Where changes are read from: nothing that happened since the whole reading began is left out."""
    known = cursor.get("known")
    if known:
        return {"known": {mark: min(str(one), begun) for mark, one in known.items()}}
    return {"known": {}, "floor": min([*_positions(cursor), begun])}
