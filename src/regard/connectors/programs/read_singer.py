"""Any Singer tap (Singer specification 0.3) as a source: discovered, then read with its own state."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from regard.connectors.connector_contract import (
    Batch,
    Cursor,
    RawRecord,
    SettingsRefusedError,
    SourceMisbehavesError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.http.http_answer import read_exact_json
from regard.connectors.programs.collect_messages import Collector
from regard.connectors.programs.end_of_program import judge_end
from regard.connectors.programs.name_records import name_record, time_record
from regard.connectors.programs.run_program import Program, ProgramRun

READING = "all"
_DELETED = "_sdc_deleted_at"
_LONGEST_DISCOVERY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProgramSettings:
    """How a program is used: configuration, wanted streams (none named: all), pause between runs."""

    config: Mapping[str, Any]
    streams: frozenset[str] = frozenset()
    poll_seconds: float = 900.0
    properties_flag: bool = False


@dataclass(slots=True)
class _Told:
    """What the tap said of its streams in this run."""

    keys: dict[str, list[str]] = field(default_factory=dict)
    times: dict[str, list[str]] = field(default_factory=dict)


class SingerClient:
    """One tap; a single reading gives the records of all its streams."""

    def __init__(self, program: Program, settings: ProgramSettings, surroundings: Surroundings) -> None:
        self._program = program
        self._settings = settings
        self._surroundings = surroundings
        self._catalog: dict[str, Any] | None = None

    async def check(self) -> None:
        """Let the tap discover its streams: that needs its credentials."""
        self._catalog = None
        await self._discover()

    async def streams(self) -> Sequence[StreamSpec]:
        """One reading for all streams of the tap."""
        return [StreamSpec(READING, f"Everything from {self._program.name}", self._settings.poll_seconds)]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Run the tap once; the cursor is `{"state": …}` as the tap gave it last."""
        del stream
        catalog = select_streams(await self._discover(), self._settings.streams)
        collector, told = Collector(find_whole_streams(catalog)), _Told()
        run = ProgramRun(self._program, self._settings.config)
        try:
            arguments = ["--config", run.write("config.json", dict(self._settings.config))]
            flag = "--properties" if self._settings.properties_flag else "--catalog"
            arguments += [flag, run.write("catalog.json", catalog)]
            if cursor and cursor.get("state") is not None:
                arguments += ["--state", run.write("state.json", cursor["state"])]
            async with aclosing(run.lines(*arguments)) as lines:
                async for line in lines:
                    batch = self._take(line, collector, told)
                    if batch is not None:
                        yield batch
            judge_end(self._program.name, run)
            yield collector.finish(None)
        finally:
            await run.close()

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """A tap cannot fetch single records: the next reading brings them."""
        del stream, external_ids
        return []

    async def close(self) -> None:
        """Nothing stays open between readings."""

    async def _discover(self) -> dict[str, Any]:
        if self._catalog is None:
            run = ProgramRun(self._program, self._settings.config)
            text = bytearray()
            try:
                path = run.write("config.json", dict(self._settings.config))
                async with aclosing(run.lines("--config", path, "--discover")) as lines:
                    async for line in lines:
                        text += line
                        if len(text) > _LONGEST_DISCOVERY:
                            raise SourceMisbehavesError(f"{self._program.name} lists streams without end")
                judge_end(self._program.name, run)
            finally:
                await run.close()
            self._catalog = _read_catalog(self._program.name, bytes(text))
        return self._catalog

    def _take(self, line: bytes, collector: Collector, told: _Told) -> Batch | None:
        message = read_message(line)
        if message is None:
            return None
        kind, stream = str(message.get("type", "")).upper(), str(message.get("stream", ""))
        if kind == "RECORD" and isinstance(message.get("record"), dict):
            return collector.add(self._write(stream, message["record"], told))
        if kind == "STATE":
            return collector.keep_state({"state": message.get("value")})
        if kind == "SCHEMA":
            told.keys[stream] = [str(key) for key in message.get("key_properties") or ()]
            told.times[stream] = [str(key) for key in message.get("bookmark_properties") or ()][:1]
            collector.notice(stream)
        if kind == "BATCH":
            raise SettingsRefusedError(
                f"{self._program.name} writes files (BATCH messages), which are not read here; switch"
                " batch_config off in its configuration"
            )
        return None

    def _write(self, stream: str, record: dict[str, Any], told: _Told) -> RawRecord:
        name = name_record(record, [[key] for key in told.keys.get(stream, ())])
        moment = time_record(record, told.times.get(stream, ()), self._surroundings.time_zone)
        return RawRecord(stream, name, None if record.get(_DELETED) else record, moment)


def read_message(line: bytes) -> dict[str, Any] | None:
    """The message on a line; None for anything else that programs print."""
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        found = read_exact_json(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def select_streams(catalog: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    """The catalog with the wanted streams (all when none is named) selected, in both ways taps know."""
    chosen: dict[str, Any] = copy.deepcopy(dict(catalog))
    names = {name_of(stream) for stream in chosen["streams"]}
    missing = wanted - names
    if missing:
        raise SettingsRefusedError(
            f"the program has no stream {', '.join(sorted(missing))}; it has {', '.join(sorted(names))[:500]}"
        )
    for stream in chosen["streams"]:
        selected = not wanted or name_of(stream) in wanted
        stream["selected"] = selected
        if isinstance(stream.get("schema"), dict):
            stream["schema"]["selected"] = selected
        entries = stream.setdefault("metadata", [])
        whole = [entry for entry in entries if not entry.get("breadcrumb")]
        for entry in whole or [{"breadcrumb": [], "metadata": {}}]:
            entry.setdefault("metadata", {})["selected"] = selected
            if not whole:
                entries.append(entry)
    return chosen


def find_whole_streams(catalog: Mapping[str, Any]) -> frozenset[str]:
    """The selected streams that the tap tells completely in every run."""
    return frozenset(
        name_of(stream)
        for stream in catalog["streams"]
        if stream.get("selected") and _replication_method(stream) == "FULL_TABLE"
    )


def name_of(stream: Mapping[str, Any]) -> str:
    """The name that a stream's records carry."""
    return str(stream.get("stream") or stream.get("tap_stream_id") or "")


def _replication_method(stream: Mapping[str, Any]) -> str:
    stated = [stream.get("replication_method")]
    for entry in stream.get("metadata") or ():
        if not entry.get("breadcrumb"):
            about = entry.get("metadata") or {}
            stated += [about.get("replication-method"), about.get("forced-replication-method")]
    return str(next((one for one in reversed(stated) if one), "")).upper()


def _read_catalog(name: str, text: bytes) -> dict[str, Any]:
    try:
        found = read_exact_json(text[max(text.find(b"{"), 0) :])
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("streams"), list):
        raise SourceMisbehavesError(f"{name} --discover did not write a catalog; is it a Singer tap?")
    return found
