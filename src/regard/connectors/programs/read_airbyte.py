"""Any program that speaks the Airbyte protocol as a source: check, discover, read with its own state."""

from __future__ import annotations

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
    SourceRefusesError,
    SourceUnavailableError,
    StreamSpec,
    Surroundings,
)
from regard.connectors.merge_settings import find_changed
from regard.connectors.programs.collect_messages import Collector
from regard.connectors.programs.end_of_program import judge_end
from regard.connectors.programs.name_records import name_record, time_record
from regard.connectors.programs.read_singer import READING, ProgramSettings, read_message
from regard.connectors.programs.run_program import Program, ProgramRun
from regard.kit.errors import RegardError

_DELETED = "_ab_cdc_deleted_at"


@dataclass(slots=True)
class _States:
    """The states of a run, as they are given back in the next: by stream, for all, or of the old kind."""

    streams: dict[str, Any] = field(default_factory=dict)
    shared: Any = None
    legacy: Any = None

    def take(self, message: Mapping[str, Any]) -> None:
        """Keep what a STATE message says."""
        kind = str(message.get("type") or "LEGACY").upper()
        if kind == "STREAM":
            self.streams[_describe(message["stream"]["stream_descriptor"])] = message["stream"]
        elif kind == "GLOBAL":
            self.shared = message["global"]
        else:
            self.legacy = message.get("data")

    def cursor(self) -> dict[str, Any]:
        """The cursor."""
        return {"streams": dict(self.streams), "global": self.shared, "legacy": self.legacy}

    def file(self) -> Any:  # noqa: ANN401 - the protocol knows two shapes
        """What the program is given; None when there is no state."""
        if self.legacy is not None:
            return self.legacy
        if self.shared is not None:
            return [{"type": "GLOBAL", "global": self.shared}]
        return [{"type": "STREAM", "stream": one} for one in self.streams.values()] or None


class AirbyteClient:
    """One program; a single reading gives the records of all its streams."""

    def __init__(self, program: Program, settings: ProgramSettings, surroundings: Surroundings) -> None:
        self._program = program
        self._settings = settings
        self._surroundings = surroundings
        self._config = dict(settings.config)

    async def check(self) -> None:
        """Run the program's own check."""
        for message in await self._ask("check"):
            status = message.get("connectionStatus")
            if isinstance(status, Mapping):
                if str(status.get("status")).upper() == "SUCCEEDED":
                    return
                said = str(status.get("message") or "no reason")[:300]
                raise SourceRefusesError(
                    f"{self._program.name} cannot connect: {said}; check its configuration"
                )
        raise SourceMisbehavesError(
            f"{self._program.name} check gave no answer; does it speak the Airbyte protocol?"
        )

    async def streams(self) -> Sequence[StreamSpec]:
        """One reading for all streams of the program."""
        return [StreamSpec(READING, f"Everything from {self._program.name}", self._settings.poll_seconds)]

    async def read(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Run the program once; the cursor holds its states."""
        del stream
        catalog = configure(await self._discover(), self._settings.streams)
        reader = _Reader(catalog, self._surroundings.time_zone, cursor)
        run = ProgramRun(self._program, self._config)
        try:
            arguments = ["read", "--config", run.write("config.json", self._config)]
            arguments += ["--catalog", run.write("catalog.json", catalog)]
            state = reader.states.file()
            if state is not None:
                arguments += ["--state", run.write("state.json", state)]
            async with aclosing(run.lines(*arguments)) as lines:
                async for line in lines:
                    message = read_message(line) or {}
                    await self._keep_config(message)
                    batch = reader.take(message)
                    if batch is not None:
                        yield batch
            if reader.fault is not None:
                raise reader.fault
            judge_end(self._program.name, run)
            yield reader.collector.finish(None)
        finally:
            await run.close()

    async def fetch(self, stream: str, external_ids: Sequence[str]) -> Sequence[RawRecord]:
        """The protocol cannot fetch single records: the next reading brings them."""
        del stream, external_ids
        return []

    async def close(self) -> None:
        """Nothing stays open between readings."""

    async def _discover(self) -> list[Any]:
        for message in await self._ask("discover"):
            catalog = message.get("catalog")
            if isinstance(catalog, Mapping) and isinstance(catalog.get("streams"), list):
                return list(catalog["streams"])
        raise SourceMisbehavesError(f"{self._program.name} discover gave no catalog")

    async def _ask(self, command: str) -> list[dict[str, Any]]:
        run = ProgramRun(self._program, self._config)
        messages: list[dict[str, Any]] = []
        try:
            path = run.write("config.json", self._config)
            async with aclosing(run.lines(command, "--config", path)) as lines:
                async for line in lines:
                    message = read_message(line)
                    if message is not None and message.get("type") != "LOG":
                        messages.append(message)
            faults = [fault for fault in map(read_fault, messages) if fault is not None]
            if faults:
                raise faults[-1]
            answered = any("connectionStatus" in one or "catalog" in one for one in messages)
            if not answered:
                judge_end(self._program.name, run)
        finally:
            await run.close()
        return messages

    async def _keep_config(self, message: Mapping[str, Any]) -> None:
        """A program may renew its credentials: they are kept before anything else is taken from it."""
        control = message.get("control")
        renewed = control.get("connectorConfig") if isinstance(control, Mapping) else None
        if isinstance(renewed, Mapping) and isinstance(renewed.get("config"), Mapping):
            changed = find_changed(self._config, renewed["config"])
            self._config = dict(renewed["config"])
            if changed and self._surroundings.keep_settings is not None:
                await self._surroundings.keep_settings({"config": changed})


class _Reader:
    """Turns the messages of one reading into batches."""

    def __init__(self, catalog: Mapping[str, Any], zone: str, cursor: Cursor | None) -> None:
        configured = {_describe(one["stream"]): one for one in catalog["streams"]}
        self._keys = {name: one.get("primary_key") or [] for name, one in configured.items()}
        self._times = {name: one.get("cursor_field") or [] for name, one in configured.items()}
        self._zone = zone
        self.collector = Collector(
            frozenset(name for name, one in configured.items() if one["sync_mode"] == "full_refresh")
        )
        known = cursor or {}
        self.states = _States(dict(known.get("streams") or {}), known.get("global"), known.get("legacy"))
        self.fault: RegardError | None = None

    def take(self, message: Mapping[str, Any]) -> Batch | None:
        """A batch when the message completes one."""
        kind = message.get("type")
        if kind == "RECORD" and isinstance(message["record"].get("data"), dict):
            return self.collector.add(self._write(message["record"]))
        if kind == "STATE":
            self.states.take(message["state"])
            return self.collector.keep_state(self.states.cursor())
        if kind == "TRACE":
            self.fault = read_fault(message) or self.fault
            status = message["trace"].get("stream_status") or {}
            if str(status.get("status")).upper() == "STARTED":
                self.collector.notice(_describe(status["stream_descriptor"]))
        return None

    def _write(self, message: Mapping[str, Any]) -> RawRecord:
        name = _describe({"name": message["stream"], "namespace": message.get("namespace")})
        record = message["data"]
        moment = time_record(record, self._times.get(name, ()), self._zone)
        gone = bool(record.get(_DELETED))
        return RawRecord(
            name, name_record(record, self._keys.get(name, ())), None if gone else record, moment
        )


def configure(streams: Sequence[Mapping[str, Any]], wanted: frozenset[str]) -> dict[str, Any]:
    """The configured catalog: the wanted streams (all when none is named), by changes where they can."""
    names = {_describe(stream) for stream in streams}
    missing = wanted - names
    if missing:
        raise SettingsRefusedError(
            f"the program has no stream {', '.join(sorted(missing))}; it has {', '.join(sorted(names))[:500]}"
        )
    return {"streams": [_configure(one) for one in streams if not wanted or _describe(one) in wanted]}


def _configure(stream: Mapping[str, Any]) -> dict[str, Any]:
    cursor = stream.get("default_cursor_field") or []
    by_changes = "incremental" in (stream.get("supported_sync_modes") or ())
    by_changes = by_changes and bool(cursor or stream.get("source_defined_cursor"))
    return {
        "stream": dict(stream),
        "sync_mode": "incremental" if by_changes else "full_refresh",
        "destination_sync_mode": "append",
        "cursor_field": cursor,
        "primary_key": stream.get("source_defined_primary_key") or [],
    }


def read_fault(message: Mapping[str, Any]) -> RegardError | None:
    """The error that a TRACE message tells: of the configuration, passing, or of the program itself."""
    trace = message.get("trace")
    error = trace.get("error") if isinstance(trace, Mapping) else None
    if not isinstance(error, Mapping):
        return None
    said = str(error.get("message") or "no reason given")[:300]
    if error.get("failure_type") == "config_error":
        return SourceRefusesError(f"{said} Check the configuration of the program.")
    return SourceUnavailableError(said)


def _describe(descriptor: Mapping[str, Any]) -> str:
    namespace = descriptor.get("namespace")
    return f"{namespace}.{descriptor['name']}" if namespace else str(descriptor["name"])
