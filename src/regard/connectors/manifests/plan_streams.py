"""The streams of a manifest for one user's settings, each with what stands in the way of reading it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regard.connectors.manifests.read_manifest import (
    Component,
    Expander,
    ManifestRefusedError,
    hand_down,
    parameters_of,
)
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.supported_components import Refusal, find_refusals

_MOST_STREAMS = 1_000
_MOST_LISTED = 40


@dataclass(frozen=True, slots=True)
class PlannedStream:
    """A stream that the settings give; `refusals` is empty when it can be read."""

    name: str
    component: Component
    refusals: Sequence[Refusal] = ()
    hints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """All of a manifest: its streams, the templates of streams made while running, and how it is checked."""

    streams: Sequence[PlannedStream]
    dynamic: Sequence[PlannedStream]
    check: Component
    hints: Mapping[str, Any]
    per_second: float | None

    @property
    def refused(self) -> list[PlannedStream]:
        """The streams that cannot be read."""
        return [one for one in (*self.streams, *self.dynamic) if one.refusals]

    def require_all(self) -> None:
        """Raise `ManifestRefusedError` with the list of everything that cannot be run."""
        refused = self.refused
        if not refused:
            return
        lines = [f"{refusal}" for one in refused for refusal in one.refusals]
        more = f" and {len(lines) - _MOST_LISTED} more" if len(lines) > _MOST_LISTED else ""
        raise ManifestRefusedError(
            f"{len(refused)} of {len(self.streams) + len(self.dynamic)} streams of the manifest cannot be run"
            f" here: {'; '.join(lines[:_MOST_LISTED])}{more}. Leave these streams out in the settings, or"
            " change the manifest."
        )


def plan_streams(manifest: Component, templates: Templates) -> Plan:
    """The plan; raises `ManifestRefusedError` for a manifest that contradicts itself."""
    hints = _hints_of(manifest)
    stream_hints = hints.get("streams") or {}
    streams: dict[str, PlannedStream] = {}
    for number, raw in enumerate(_list(manifest, "streams")):
        for component in _open_conditions(manifest, raw, templates):
            planned = _plan_one(component, f"streams[{number}]", templates, stream_hints)
            if planned.name in streams:
                raise ManifestRefusedError(f"the manifest has two streams named “{planned.name}”")
            streams[planned.name] = planned
    dynamic = []
    for number, raw in enumerate(_list(manifest, "dynamic_streams")):
        component = hand_down(Expander(manifest).expand(raw), "dynamic_streams", {})
        place = f"dynamic_streams[{number}]"
        name = str(component.get("name") or place)
        dynamic.append(PlannedStream(name, component, find_refusals(component, name), {}))
    check = Expander(manifest).expand(manifest.get("check") or {})
    return Plan(list(streams.values()), dynamic, check, hints, _read_budget(manifest, templates))


def _list(manifest: Component, name: str) -> list[Any]:
    found = (
        Expander(manifest).expand(manifest.get(name))
        if isinstance(manifest.get(name), str)
        else manifest.get(name)
    )
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > _MOST_STREAMS:
        raise ManifestRefusedError(
            f"“{name}” of the manifest must be a list of at most {_MOST_STREAMS:,} streams"
        )
    return found


def _open_conditions(manifest: Component, raw: Any, templates: Templates) -> list[Component]:  # noqa: ANN401
    expanded = Expander(manifest).expand(raw)
    if not isinstance(expanded, dict):
        raise ManifestRefusedError("a stream of the manifest is not an object")
    component: Component = hand_down(expanded, "streams", {})
    if component["type"] != "ConditionalStreams":
        return [component]
    holds = templates.test(component["condition"], parameters=parameters_of(component))
    return list(component["streams"]) if holds else []


def _plan_one(
    component: Component, place: str, templates: Templates, hints: Mapping[str, Any]
) -> PlannedStream:
    here = {"parameters": parameters_of(component)}
    name = templates.text(component.get("name"), **here) or place
    refusals = find_refusals(component, name)
    if component["type"] == "DeclarativeStream" and not isinstance(component.get("retriever"), Mapping):
        refusals.append(Refusal(name, "a stream without retriever"))
    return PlannedStream(name, component, refusals, hints.get(name) or {})


def name_stream(component: Component, templates: Templates, hints: Mapping[str, Any]) -> PlannedStream:
    """A stream that was made while running."""
    return _plan_one(component, "dynamic_streams", templates, hints)


def _hints_of(manifest: Component) -> Mapping[str, Any]:
    """What a manifest says to Regard alone, in the free part of the language: `metadata.regard`."""
    metadata = manifest.get("metadata")
    hints = metadata.get("regard") if isinstance(metadata, Mapping) else None
    return hints if isinstance(hints, Mapping) else {}


def _read_budget(manifest: Component, templates: Templates) -> float | None:
    """Requests a second that the strictest policy of `api_budget` allows; None without one."""
    from_manifest = Expander(manifest).expand(manifest.get("api_budget") or {})
    allowed = []
    for policy in from_manifest.get("policies") or ():
        for rate in policy.get("rates") or [
            {"limit": policy.get("call_limit"), "interval": policy.get("period")}
        ]:
            found = _per_second(rate, templates)
            if found:
                allowed.append(found)
    return min(allowed) if allowed else None


def _per_second(rate: Mapping[str, Any], templates: Templates) -> float | None:
    try:
        seconds = templates.value("{{ duration(interval).total_seconds() }}", interval=rate["interval"])
        return float(templates.value(rate["limit"])) / float(seconds)
    except (TypeError, ValueError, KeyError, ZeroDivisionError, ManifestRefusedError):
        return None
