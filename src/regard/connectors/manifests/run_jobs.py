"""Exports that a source prepares: a job is ordered, watched until it is done, its files are fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.manifests.ask_pages import EndlessGuard, Page, Requests, Slice
from regard.connectors.manifests.judge_answers import HeaderView
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.select_records import RecordSelection, extract
from regard.connectors.manifests.turn_pages import Paginator, SeenPage, Token

_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 30.0
_USUAL_MINUTES = 30.0


class JobReader:
    """The pages of an `AsyncRetriever`: one job a slice."""

    def __init__(self, retriever: Component, selection: RecordSelection, requests: Requests) -> None:
        self._retriever = retriever
        self._selection = selection
        self._requests = requests
        self._tools = requests.tools
        self._templates = requests.tools.templates

    async def pages(self, slice_: Slice, token: Token = None) -> AsyncIterator[Page]:
        """The records of a slice; a broken-off job is ordered anew, so a token is not needed."""
        del token
        decoder = self._retriever.get("decoder")
        creator: Component = self._retriever["creation_requester"]
        answer, ordered = await self._requests.ask(
            creator, slice_.context(), slice_.injections, None, decoder
        )
        if ordered is None:
            yield Page([], None, answer.status)
            return
        more = {"creation_response": ordered}
        state = await self._watch(replace(slice_, more=more))
        if state is not None:
            done = replace(slice_, more={**more, "polling_response": state})
            for target in await self._targets(done):
                async for page in self._download(
                    replace(done, more={**done.more, "download_target": target}), answer.url
                ):
                    yield page
            await self._clean_up(done)
        yield Page([], None)

    async def _watch(self, slice_: Slice) -> Any:  # noqa: ANN401
        """What the source says when the job is done; None when there is nothing to fetch."""
        poller: Component = self._retriever["polling_requester"]
        waited, pause, most = 0.0, _FIRST_PAUSE, self._most_seconds()
        while waited <= most:
            answer, state = await self._requests.ask(
                poller, slice_.context(), decoder=self._retriever.get("decoder")
            )
            status = self._status(state, slice_)
            if status in {"completed", "skipped"}:
                return state if status == "completed" else None
            if status == "failed":
                raise SourceUnavailableError(f"{answer.place}: the source could not prepare the export")
            await self._tools.sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, _LONGEST_PAUSE)
        raise SourceUnavailableError(f"the source did not prepare the export within {most / 60:g} minutes")

    def _most_seconds(self) -> float:
        stated = self._templates.value(self._retriever.get("polling_job_timeout"))
        try:
            return float(stated) * 60 if stated is not None else _USUAL_MINUTES * 60
        except (TypeError, ValueError):
            return _USUAL_MINUTES * 60

    def _status(self, state: Any, slice_: Slice) -> str:  # noqa: ANN401
        found = list(extract(self._retriever["status_extractor"], state, self._templates, slice_.context()))
        stated = str(found[0]) if found else ""
        mapping: Mapping[str, Any] = self._retriever["status_mapping"]
        for meaning in ("completed", "running", "skipped", "failed", "timeout"):
            if stated in map(str, mapping.get(meaning) or ()):
                return "failed" if meaning == "timeout" else meaning
        raise SourceRefusesError(
            f"the source says “{stated[:50]}” of an export, which the manifest does not know; complete its"
            " status_mapping"
        )

    async def _targets(self, slice_: Slice) -> list[str]:
        extractor = self._retriever.get("download_target_extractor")
        requester = self._retriever.get("download_target_requester")
        state = slice_.more["polling_response"]
        if requester:
            _, state = await self._requests.ask(
                requester, slice_.context(), decoder=self._retriever.get("decoder")
            )
        if not extractor:
            return [""]
        return [str(one) for one in extract(extractor, state, self._templates, slice_.context()) if one]

    async def _download(self, slice_: Slice, home: str) -> AsyncIterator[Page]:
        requester: Component = self._retriever["download_requester"]
        decoder = self._retriever.get("download_decoder") or self._retriever.get("decoder")
        paginator = Paginator(self._retriever.get("download_paginator"), self._templates)
        guard, token = EndlessGuard("download"), None
        while True:
            context = {**slice_.context(), "next_page_token": {"next_page_token": token} if token else {}}
            here = {**context, "parameters": parameters_of(requester)}
            base = self._templates.text(requester.get("url_base") or requester.get("url"), **here)
            if slice_.more.get("download_target") and base == slice_.more["download_target"]:
                context["download_home"] = home
            answer, body = await self._requests.ask(
                requester, context, paginator.inject(token, context), paginator.path(token), decoder
            )
            if body is None:
                yield Page([], token, answer.status)
                return
            inner = self._retriever.get("download_extractor")
            bodies = list(extract(inner, body, self._templates, context)) if inner else body
            found = self._selection.extract(bodies, context)
            # The job is taken as a whole: a cursor inside it would lead nowhere.
            yield Page(self._selection.select(found, context), None)
            last = found[-1] if found else None
            seen = SeenPage(body, HeaderView(answer.headers), len(found), last)
            token = paginator.turn(seen, token, context)
            guard.look_at(answer.body, token)
            if token is None:
                return

    async def _clean_up(self, slice_: Slice) -> None:
        requester = self._retriever.get("delete_requester")
        if requester:
            await self._requests.ask(requester, slice_.context(), decoder=self._retriever.get("decoder"))
