"""A source described by a manifest, as the runtime of connectors sees it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import httpx

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SettingsRefusedError,
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.http.guarded_client import HttpLimits
from regard.connectors.manifests.ask_pages import Requests
from regard.connectors.manifests.authenticate import Authenticator
from regard.connectors.manifests.manifest_tools import KeepSettings, ManifestTools, find_hosts
from regard.connectors.manifests.plan_streams import PlannedStream, plan_streams
from regard.connectors.manifests.read_delegating import open_engine, whole_stream
from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.resolve_dynamic import resolve_dynamic
from regard.connectors.manifests.select_records import extract
from regard.connectors.manifests.sync_cursors import open_cursor
from regard.connectors.manifests.write_raw_records import RawRecordWriter

_POLL = 60.0
_POLL_PARTS = 900.0
_POLL_WHOLE = 3_600.0


@dataclass(frozen=True, slots=True)
class ManifestOptions:
    """Streams to leave out, who keeps renewed credentials; network and pauses of tests."""

    leave_out: frozenset[str] = frozenset()
    keep_settings: KeepSettings | None = None
    limits: HttpLimits = field(default_factory=HttpLimits)
    transport: httpx.AsyncBaseTransport | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class ManifestClient:
    """Reads the streams of one manifest with one user's settings."""

    def __init__(
        self,
        manifest: Component,
        config: Mapping[str, Any],
        surroundings: Surroundings,
        options: ManifestOptions | None = None,
    ) -> None:
        """Raises `ManifestRefusedError` with the list of what cannot be run."""
        options = options or ManifestOptions()
        # Its own copy: renewed tokens are written into it.
        templates = Templates(copy.deepcopy(dict(config)), surroundings.clock)
        plan = plan_streams(manifest, templates)
        kept = [one for one in plan.streams if one.name not in options.leave_out]
        dynamic = [one for one in plan.dynamic if one.name not in options.leave_out]
        self._plan = replace(plan, streams=kept, dynamic=dynamic)
        self._plan.require_all()
        limits = options.limits
        if plan.per_second is not None:
            limits = replace(limits, per_second=min(plan.per_second, limits.per_second))
        hosts = find_hosts([one.component for one in (*kept, *dynamic)], templates)
        self._tools = ManifestTools(templates, surroundings.clock, limits, hosts, options.transport)
        self._tools.sleep = options.sleep
        self._tools.networks = surroundings.networks
        if options.keep_settings is not None:
            self._tools.keep_settings = options.keep_settings
        self._requests = Requests(self._tools, Authenticator(self._tools))
        self._streams: dict[str, PlannedStream] = {one.name: one for one in kept}
        self._resolved = not dynamic

    async def check(self) -> None:
        """Ask for the first page of the streams that the manifest names for this."""
        named = [name for name in self._plan.check.get("stream_names") or () if name in self._streams]
        if not named:
            await self._resolve()
            count = int(self._plan.check.get("stream_count") or 1)
            named = list(self._streams)[: max(1, min(count, 3))]
        if not named:
            raise SettingsRefusedError("no stream is left to be read; leave fewer streams out")
        for name in named:
            engine = open_engine(whole_stream(self._streams[name].component), self._requests)
            engine.strict = True
            async for _ in engine.read(None):
                break

    async def streams(self) -> Sequence[StreamSpec]:
        """The streams, those that are made while running included."""
        await self._resolve()
        return [self._spec(one) for one in self._streams.values()]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Batches page by page; see `progress` for what the cursor holds."""
        planned = await self._planned(stream)
        engine = open_engine(planned.component, self._requests)
        writer = RawRecordWriter(planned, whole_stream(planned.component), self._tools.templates)
        async for read in engine.read(cursor):
            records = writer.write_page(read.records, engine.sync, read.partition)
            if records or read.cursor is not None:
                yield Batch(records, read.cursor)

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """Single records, of streams whose hint `fetch` says how.

        Raises `SourceUnavailableError` for others: not to be found is not to be gone.
        """
        planned = await self._planned(stream)
        hint = planned.hints.get("fetch")
        if not hint:
            raise SourceUnavailableError(f"single records of “{stream}” are found by its next reading only")
        return [await self._fetch_one(planned, hint, one) for one in external_ids]

    async def close(self) -> None:
        """Give back the connections."""
        await self._tools.close()

    async def _planned(self, name: str) -> PlannedStream:
        if name not in self._streams:
            await self._resolve()
        if name not in self._streams:
            raise SettingsRefusedError(f"the manifest has no stream “{name}” any more")
        return self._streams[name]

    async def _resolve(self) -> None:
        if self._resolved:
            return
        hints = self._plan.hints.get("streams") or {}
        for dynamic in self._plan.dynamic:
            for one in await resolve_dynamic(dynamic, self._requests, hints):
                if not one.refusals:
                    self._streams.setdefault(one.name, one)
        self._resolved = True

    def _spec(self, planned: PlannedStream) -> StreamSpec:
        title = str(planned.hints.get("title") or planned.name.replace("_", " ").capitalize())
        engine = open_engine(planned.component, self._requests)
        usual = _POLL_WHOLE if engine.whole else _POLL_PARTS if engine.splits else _POLL
        poll = float(planned.hints.get("poll_seconds") or usual)
        return StreamSpec(planned.name, title, poll, bool(planned.hints.get("full_compare", engine.whole)))

    async def _fetch_one(self, planned: PlannedStream, hint: Component, external_id: str) -> RawRecord:
        stream = whole_stream(planned.component)
        retriever = stream["retriever"]
        words = {"external_id": quote(external_id, safe=""), "stream_slice": {}, "stream_partition": {}}
        requester = {**retriever["requester"], "path": self._tools.templates.text(hint["path"], **words)}
        requester.pop("error_handler", None)
        try:
            _, body = await self._requests.ask(requester, words, decoder=retriever.get("decoder"))
        except SourceRefusesError as error:
            if "answered 404" in str(error) or "answered 410" in str(error):
                return RawRecord(planned.name, external_id, None)
            raise
        extractor = {"type": "DpathExtractor", "field_path": hint.get("field_path") or []}
        found = [
            one for one in extract(extractor, body, self._tools.templates, words) if isinstance(one, dict)
        ]
        writer = RawRecordWriter(planned, stream, self._tools.templates)
        if not found:
            return RawRecord(planned.name, external_id, None)
        return writer.write_page(found[:1], open_cursor(stream.get("incremental_sync"), self._tools))[0]
