"""Reads one stream of a manifest: partition by partition, window by window, page by page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Protocol

from regard.connectors.connector_contract import (
    Cursor,
    SettingsRefusedError,
    SourceMisbehavesError,
    SourceRefusesError,
    SourceUnavailableError,
)
from regard.connectors.manifests.ask_pages import (
    Page,
    PageReader,
    Requests,
    ResetPaginationError,
    Slice,
    SliceView,
)
from regard.connectors.manifests.keep_pages import PageMemory
from regard.connectors.manifests.progress import Place, Progress, mark_of, read_progress
from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.route_partitions import ParentStates, Partition, PartitionRouter
from regard.connectors.manifests.run_jobs import JobReader
from regard.connectors.manifests.select_records import RecordSelection
from regard.connectors.manifests.sync_cursors import SyncCursor, Window, open_cursor
from regard.connectors.manifests.turn_pages import Token

# Large cursors are not written with every page.
_SMALL_CURSOR = 300
_PAGES_BETWEEN = 50
_NOT_ALLOWED = frozenset({401, 402, 403, 405, 407})


class _Pages(Protocol):
    def pages(self, slice_: Slice, token: Token = None) -> AsyncIterator[Page]: ...


@dataclass(frozen=True, slots=True)
class Read:
    """Records of one partition, and the cursor behind them where it is worth keeping."""

    records: list[dict[str, Any]] = field(default_factory=list)
    cursor: Cursor | None = None
    partition: Mapping[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """What reads one stream; `whole` says that every reading gives everything."""

    sync: SyncCursor
    whole: bool
    strict: bool

    @property
    def splits(self) -> bool:
        """Whether it is read in partitions."""

    def read(self, cursor: Cursor | None) -> AsyncIterator[Read]:
        """All records after the cursor; every cursor given is safe to go on from."""


OpenEngine = Callable[[Component], Engine]


class StreamEngine:
    """One `DeclarativeStream`."""

    def __init__(self, stream: Component, requests: Requests, open_parent: OpenEngine) -> None:
        self._stream = stream
        self._requests = requests
        self._open = open_parent
        tools = requests.tools
        retriever: Component = stream["retriever"]
        self.sync: SyncCursor = open_cursor(stream.get("incremental_sync"), tools)
        self._one_position = bool((stream.get("incremental_sync") or {}).get("global_substream_cursor"))
        selection = RecordSelection(
            retriever["record_selector"], list(stream.get("transformations") or ()), tools.templates
        )
        self._memory = PageMemory(retriever)
        self._router = PartitionRouter(retriever.get("partition_router"), tools.templates, self)
        self.whole = not stream.get("incremental_sync") and not self._router.follows_parents
        self._pages: _Pages = (
            JobReader(retriever, selection, requests)
            if retriever["type"] == "AsyncRetriever"
            else PageReader(retriever, selection, requests, whole=self.whole and not self.splits)
        )
        self.strict = False
        self._unwritten = 0

    @property
    def splits(self) -> bool:
        """Whether it is read in partitions."""
        return self._router.splits

    async def read(self, cursor: Cursor | None) -> AsyncIterator[Read]:
        """All records after the cursor; every cursor given is safe to go on from."""
        progress = read_progress(cursor)
        progress.forgets_done = self._router.follows_parents
        progress.begin(self.sync.end())
        states = ParentStates(progress.parents, progress.parents_after)
        async for partition in self._router.partitions(states):
            mark = mark_of(partition.key)
            if mark in progress.done:
                continue
            async for read in self._read_partition(partition, mark, progress):
                yield read
            if self._router.splits and self._worth_writing(progress):
                yield Read(cursor=progress.write())
        progress.finish_round(self.sync.share, one_position=self._one_position)
        yield Read(cursor=progress.write())

    async def parent_records(
        self, stream: Component, states: ParentStates | None
    ) -> AsyncIterator[tuple[dict[str, Any], Mapping[str, Any]]]:
        """The records of a parent stream, all of them or those that changed."""
        name = str(stream.get("name") or "")
        engine = self._open(stream)
        last: Cursor | None = None
        async for read in engine.read(states.before.get(name) if states else None):
            last = read.cursor or last
            for record in read.records:
                yield record, read.partition
        if states and last is not None:
            states.after[name] = last

    async def _read_partition(
        self, partition: Partition, mark: str, progress: Progress
    ) -> AsyncIterator[Read]:
        known = progress.position_of(mark)
        kept = progress.place if progress.place and progress.place.mark == mark else None
        place = kept or Place(mark)
        window, first = Window(), True
        for window in self.sync.windows(known, progress.end, place.start):
            place.start = window.start
            if not first and self._worth_writing(progress):
                yield Read(cursor=progress.write())
            async for read in self._read_pages(partition, window, place, progress):
                yield read
            place, first = Place(mark, window.start, None, place.high), False
            progress.place = place
        progress.finish_partition(mark, self.sync.settle(known, place.high, window))

    async def _read_pages(
        self, partition: Partition, window: Window, place: Place, progress: Progress
    ) -> AsyncIterator[Read]:
        async with aclosing(self._read_window(partition, window, place)) as pages:
            async for page in pages:
                self._refuse_silence(page)
                records = self._new_ones(page.records, window)
                place.high = max([place.high, *map(self.sync.place, page.records)])
                kept = page.next_token is not None and self._memory.keeps(page.next_token)
                place.token = page.next_token if kept else None
                progress.place = place
                # The window stays open until its last page: behind that one the next window writes.
                worth = kept and self._worth_writing(progress)
                yield Read(records, progress.write() if worth else None, partition.values)
                if self.sync.newest_first and len(records) < len(page.records):
                    return

    async def _read_window(
        self, partition: Partition, window: Window, place: Place
    ) -> AsyncGenerator[Page, None]:
        view = SliceView(partition.values, self.sync.interval(window), partition.extra)
        bare = Slice(view)
        injections = [*partition.injections, *self.sync.inject(window, bare.context())]
        slice_ = Slice(view, injections)
        kept = place.token is not None and self._memory.keeps(place.token)
        token = place.token if kept else None
        for again in (True, False):
            try:
                async for page in self._pages.pages(slice_, token):
                    kept = False
                    yield page
                return
            except ResetPaginationError as error:
                if not again:
                    raise SourceUnavailableError(str(error)) from None
            except (SourceRefusesError, SettingsRefusedError, SourceMisbehavesError):
                # A kept page token may have ended meanwhile: its window is asked for from the first page.
                if not kept:
                    raise
            token, kept = None, False

    def _new_ones(self, records: list[dict[str, Any]], window: Window) -> list[dict[str, Any]]:
        if not self.sync.passes_over_old:
            return records
        places = [(self.sync.place(record), record) for record in records]
        return [record for place, record in places if not place or place >= window.start]

    def _refuse_silence(self, page: Page) -> None:
        """An empty answer for want of rights must not look like a stream without records."""
        of_a_part = self.splits and not (self.whole and page.passed_over in _NOT_ALLOWED)
        if page.passed_over and (self.strict or not of_a_part):
            raise SourceRefusesError(
                f"the source answered {page.passed_over} for “{self._stream.get('name', '')}”, so nothing was"
                " read of it; give the credentials the right to it, or leave the stream out in the settings"
            )

    def _worth_writing(self, progress: Progress) -> bool:
        self._unwritten += 1
        if progress.size() > _SMALL_CURSOR and self._unwritten < _PAGES_BETWEEN:
            return False
        self._unwritten = 0
        return True
