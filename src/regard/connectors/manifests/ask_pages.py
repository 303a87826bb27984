"""Pages of records: one slice asked for page by page, faults waited out, endless sources noticed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regard.connectors.connector_contract import SourceMisbehavesError, SourceUnavailableError
from regard.connectors.http.http_answer import HttpAnswer
from regard.connectors.manifests.authenticate import Authenticator
from regard.connectors.manifests.decode_answers import decode
from regard.connectors.manifests.judge_answers import Judged, Verdict, judge, most_tries
from regard.connectors.manifests.manifest_tools import ManifestTools
from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.select_records import RecordSelection
from regard.connectors.manifests.shape_requests import Context, Injection, shape
from regard.connectors.manifests.turn_pages import Paginator, SeenPage, Token
from regard.kit.errors import RegardError

_LONGEST_PAUSE_HERE = 10.0
_MOST_TRIES_HERE = 4


class SliceView(dict[str, Any]):
    """Partition and interval in the words of the manifest: one object under all three names."""

    def __init__(
        self, partition: Mapping[str, Any], interval: Mapping[str, Any], extra: Mapping[str, Any]
    ) -> None:
        super().__init__({**partition, **interval})
        self.partition = dict(partition)
        self.cursor_slice = dict(interval)
        self.extra_fields = dict(extra)

    def __missing__(self, name: str) -> Any:  # noqa: ANN401
        if name == "extra_fields":
            return self.extra_fields
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Slice:
    """What is asked for: the words for templates, and what goes into the request."""

    view: SliceView
    injections: Sequence[Injection] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def context(self) -> dict[str, Any]:
        """The words for templates."""
        names = ("stream_slice", "stream_partition", "stream_interval")
        return {**dict.fromkeys(names, self.view), "stream_state": {}, **self.more}


@dataclass(frozen=True, slots=True)
class Page:
    """Records and where the next page begins; `passed_over` is the status that the manifest ignores."""

    records: list[dict[str, Any]]
    next_token: Token
    passed_over: int = 0


class ResetPaginationError(SourceUnavailableError):
    """The source wants the pages of this slice to be asked for from the first."""


class Requests:
    """Sends a manifest's requests, with credentials, until there is a verdict that ends it."""

    def __init__(self, tools: ManifestTools, authenticator: Authenticator) -> None:
        self.tools = tools
        self._authenticator = authenticator

    async def ask(
        self,
        requester: Component,
        context: Context,
        injections: Sequence[Injection] = (),
        token_path: str | None = None,
        decoder: Component | None = None,
    ) -> tuple[HttpAnswer, Any]:
        """The answer and its decoded body (None: passed over); raises what the manifest or status means."""
        handler, templates = requester.get("error_handler"), self.tools.templates
        tries = min(most_tries(handler, templates), _MOST_TRIES_HERE)
        renewed = False
        for count in range(tries):
            credentials = await self._authenticator.credentials(requester.get("authenticator"))
            try:
                answer = await self._send(requester, context, [*credentials, *injections], token_path)
            except SourceUnavailableError as error:
                await self._pause(Verdict("RETRY", error, error.retry_after), count, tries)
                continue
            body = _try_decode(answer, decoder)
            verdict = judge(handler, Judged(answer, body, self.tools.clock.now(), count), templates)
            if verdict.action == "SUCCESS":
                return answer, decode(answer, decoder) if body is None else body
            if verdict.action == "IGNORE":
                return answer, None
            stale = verdict.action == "REFRESH_TOKEN_THEN_RETRY" or answer.status == 401
            if stale and not renewed and self._authenticator.forget(credentials):
                renewed = True
                continue
            await self._end_or_pause(verdict, count, tries)
        raise SourceUnavailableError(f"the source did not answer in {tries} tries")

    async def _send(
        self, requester: Component, context: Context, injections: Sequence[Injection], token_path: str | None
    ) -> HttpAnswer:
        shaped = shape(requester, self.tools.templates, context, injections, token_path)
        home = context.get("download_home")
        return await (self.tools.download(shaped, home) if home else self.tools.send(shaped))

    async def _end_or_pause(self, verdict: Verdict, count: int, tries: int) -> None:
        fault: RegardError = verdict.fault or SourceUnavailableError("the source asks to try again")
        if verdict.action == "RESET_PAGINATION":
            raise ResetPaginationError(str(fault))
        if verdict.action not in {"RETRY", "RATE_LIMITED"}:
            raise fault
        await self._pause(verdict, count, tries)

    async def _pause(self, verdict: Verdict, count: int, tries: int) -> None:
        """Wait here when it is short; a long wait, or one too many, is the caller's to arrange."""
        pause = verdict.pause if verdict.pause is not None else 1.0 * 2.0**count
        if (count + 1 >= tries or pause > _LONGEST_PAUSE_HERE) and verdict.fault is not None:
            raise verdict.fault
        await self.tools.sleep(pause)


class PageReader:
    """The pages of a `SimpleRetriever`; `whole`: what does not come is taken for gone."""

    def __init__(
        self, retriever: Component, selection: RecordSelection, requests: Requests, *, whole: bool = False
    ) -> None:
        self._retriever = retriever
        self._requester: Component = retriever["requester"]
        self._selection = selection
        self._requests = requests
        self._whole = whole
        self._paginator = Paginator(retriever.get("paginator"), requests.tools.templates)
        self._bare_next_pages = bool(retriever.get("ignore_stream_slicer_parameters_on_paginated_requests"))

    async def pages(self, slice_: Slice, token: Token = None) -> AsyncIterator[Page]:
        """The pages of a slice from a token on; raises `SourceMisbehavesError` for one without end."""
        guard = EndlessGuard(str(self._requester.get("path") or self._requester.get("url_base") or ""))
        while True:
            context = {
                **slice_.context(),
                "next_page_token": {"next_page_token": token} if token is not None else {},
            }
            injections = self._paginator.inject(token, context)
            if token is None or not self._bare_next_pages:
                injections = [*slice_.injections, *injections]
            answer, body = await self._requests.ask(
                self._requester,
                context,
                injections,
                self._paginator.path(token),
                self._retriever.get("decoder"),
            )
            if body is None:
                yield Page([], None, answer.status)
                return
            self._selection.refuse_moved(body, context, must_be_there=self._whole and token is None)
            found = self._selection.extract(body, context)
            count, last = len(found), found[-1] if found else None
            records = self._selection.select(found, context)
            if isinstance(last, dict) and len(records) == count:
                last = {**last, **records[-1]}
            judged = Judged(answer, body, self._requests.tools.clock.now(), 0).context()
            seen = SeenPage(body, judged["headers"], count, last)
            after = self._paginator.turn(seen, token, context)
            guard.look_at(answer.body if count else b"", after)
            yield Page(records, after)
            if after is None:
                return
            token = after


class EndlessGuard:
    """Notices a source that gives the same page, or the same next token, for ever."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._last = b""
        self._tokens: set[bytes] = set()

    def look_at(self, body: bytes, token: Token) -> None:
        """Raise `SourceMisbehavesError` when this page, or its next token, was there before."""
        mark = hashlib.blake2b(body, digest_size=16).digest() if body else b""
        next_mark = hashlib.blake2b(json.dumps(token, default=str).encode(), digest_size=16).digest()
        if token is not None and ((mark and mark == self._last) or next_mark in self._tokens):
            raise SourceMisbehavesError(
                f"the source gives the same page again and again ({self._place[:100]}); reading stopped here."
                " Check its paging (a proxy that drops the page parameter is a common cause)"
            )
        self._last = mark
        self._tokens.add(next_mark)


def _try_decode(answer: HttpAnswer, decoder: Component | None) -> Any:  # noqa: ANN401
    try:
        return decode(answer, decoder)
    except SourceMisbehavesError:
        return None
