"""The settings that a manifest asks for, as the settings of a connector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regard.connectors.manifests.read_manifest import Component, Expander, ManifestRefusedError

_KEPT_OUT = frozenset(
    {"airbyte_secret", "airbyte_hidden", "group", "display_type", "pattern_descriptor", "$schema"}
)


def settings_schema(manifest: Component) -> dict[str, Any]:
    """The `connection_specification` as JSON schema, secrets as `writeOnly`, and which streams to leave out.

    A setting that holds a secret somewhere inside is a secret as a whole.
    """
    spec = Expander(manifest).expand(manifest.get("spec") or {})
    stated = spec
    if isinstance(spec, Mapping):
        stated = spec.get("connection_specification") or spec.get("connectionSpecification") or {}
    told = stated.get("properties") or {} if isinstance(stated, Mapping) else None
    needed = stated.get("required") or [] if isinstance(stated, Mapping) else None
    if not isinstance(told, Mapping) or not isinstance(needed, list):
        raise ManifestRefusedError(
            "“spec” of the manifest must hold “connection_specification”, with the object “properties” and"
            " the list “required”"
        )
    properties: dict[str, Any] = {}
    for name, one in told.items():
        cleaned = _clean(one)
        if _holds_secret(one) and isinstance(cleaned, dict):
            cleaned["writeOnly"] = True
        properties[str(name)] = cleaned
    properties["leave_out"] = LEAVE_OUT
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if needed:
        schema["required"] = list(needed)
    return schema


LEAVE_OUT: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string"},
    "title": "Streams to leave out",
    "description": "Names of streams that are not read.",
}


def config_of(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """What templates see as `config`: the settings, with the defaults of those that were not filled in."""
    properties: Mapping[str, Any] = schema.get("properties") or {}
    usual = {
        name: one["default"]
        for name, one in properties.items()
        if isinstance(one, Mapping) and "default" in one
    }
    return {**usual, **{name: value for name, value in settings.items() if name != "leave_out"}}


def _clean(node: Any) -> Any:  # noqa: ANN401 - JSON is any of its types
    if isinstance(node, list):
        return [_clean(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    return {str(name): _clean(one) for name, one in node.items() if name not in _KEPT_OUT}


def _holds_secret(node: Any) -> bool:  # noqa: ANN401
    if isinstance(node, list):
        return any(map(_holds_secret, node))
    if not isinstance(node, Mapping):
        return False
    return node.get("airbyte_secret") is True or any(map(_holds_secret, node.values()))
