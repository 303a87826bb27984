"""The connectors for programs: what is set for them, and how they are opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regard.connectors.connector_contract import Connector, Settings, SourceClient, Surroundings
from regard.connectors.programs.read_airbyte import AirbyteClient
from regard.connectors.programs.read_singer import ProgramSettings, SingerClient
from regard.connectors.programs.run_program import Program, ProgramLimits, find_program

_COMMON: Mapping[str, Any] = {
    "program": {
        "type": "string",
        "minLength": 1,
        "title": "Program",
        "description": "Its place below the folder for connectors, such as tap-example/bin/tap-example.",
    },
    "arguments": {"type": "array", "items": {"type": "string"}, "title": "Arguments that always come first"},
    "config": {
        "type": "object",
        "title": "Configuration",
        "description": "What the program's own manual asks for, as JSON; kept sealed, since it holds keys.",
        "writeOnly": True,
    },
    "streams": {
        "type": "array",
        "items": {"type": "string"},
        "title": "Streams",
        "description": "Names of the streams to read; none: all.",
    },
    "poll_minutes": {"type": "number", "minimum": 1, "default": 15, "title": "Minutes between two runs"},
    "memory_mb": {"type": "integer", "minimum": 64, "default": 2048, "title": "Memory in MB"},
    "minutes": {"type": "number", "minimum": 0.01, "default": 60, "title": "Minutes that one run may take"},
}
_PROPERTIES_FLAG: Mapping[str, Any] = {
    "properties_flag": {
        "type": "boolean",
        "title": "Old tap",
        "description": "It takes its catalog by --properties instead of --catalog.",
    }
}


def program_connectors() -> tuple[Connector, ...]:
    """The connectors for Singer taps and for programs that speak the Airbyte protocol."""
    return (
        Connector(
            name="singer",
            title="Singer tap (minutes, not seconds)",
            category="Programs",
            freshness="minutes",
            settings_schema=_schema({**_COMMON, **_PROPERTIES_FLAG}),
            open=_open_singer,
        ),
        Connector(
            name="airbyte",
            title="Airbyte-protocol program (minutes, not seconds)",
            category="Programs",
            freshness="minutes",
            settings_schema=_schema(_COMMON),
            open=_open_airbyte,
        ),
    )


def _schema(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["program"],
        "additionalProperties": False,
        "properties": dict(properties),
    }


def _open_singer(settings: Settings, surroundings: Surroundings) -> SourceClient:
    """Raises `SettingsRefusedError` when there is no such program."""
    return SingerClient(_program(settings, surroundings), _settings(settings), surroundings)


def _open_airbyte(settings: Settings, surroundings: Surroundings) -> SourceClient:
    """Raises `SettingsRefusedError` when there is no such program."""
    return AirbyteClient(_program(settings, surroundings), _settings(settings), surroundings)


def _program(settings: Settings, surroundings: Surroundings) -> Program:
    limits = ProgramLimits(int(settings.get("memory_mb") or 2048), float(settings.get("minutes") or 60))
    path = find_program(surroundings.programs, str(settings["program"]))
    return Program(path, tuple(map(str, settings.get("arguments") or ())), limits)


def _settings(settings: Settings) -> ProgramSettings:
    return ProgramSettings(
        config=settings.get("config") or {},
        streams=frozenset(map(str, settings.get("streams") or ())),
        poll_seconds=float(settings.get("poll_minutes") or 15) * 60,
        properties_flag=bool(settings.get("properties_flag")),
    )
