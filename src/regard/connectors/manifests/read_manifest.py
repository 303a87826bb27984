"""A manifest's text as data: references followed, parameters handed down, missing types filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from regard.connectors.connector_contract import SettingsRefusedError

Component = Mapping[str, Any]
_LARGEST = 5 * 1024 * 1024
_DEEPEST = 80
_MOST_NODES = 300_000
_PARAMETERS = "$parameters"
# Parts that describe what arrives or migrate another program's state: nothing that reading needs.
PASSED_OVER = frozenset({
    "schema_loader", "schema_normalization", "state_migrations", "file_uploader", "schema", "schemas",
})  # fmt: skip
# Free-form members: their insides are the user's data, not components.
_DATA = frozenset({
    "request_parameters", "request_headers", "request_body_json", "request_body_data", "jwt_headers",
    "refresh_request_body", "refresh_request_headers", "jwt_payload", "additional_jwt_headers",
    "additional_jwt_payload",
    "default_values", "list_of_parameters_for_stream", "spec", "metadata", "status_mapping", "matchers",
})  # fmt: skip
_TYPE_OF_MEMBER = {
    "authenticator": "",
    "components_mapping": "ComponentMappingDefinition",
    "download_extractor": "DpathExtractor",
    "download_target_extractor": "DpathExtractor",
    "end_datetime": "MinMaxDatetime",
    "end_time_option": "RequestOption",
    "error_handler": "DefaultErrorHandler",
    "error_handlers": "DefaultErrorHandler",
    "extractor": "DpathExtractor",
    "full_refresh_stream": "DeclarativeStream",
    "incremental_stream": "DeclarativeStream",
    "incremental_sync": "DatetimeBasedCursor",
    "inject_into": "RequestOption",
    "key_transformation": "KeyTransformation",
    "login_requester": "HttpRequester",
    "page_size_option": "RequestOption",
    "page_token_option": "RequestOption",
    "paginator": "DefaultPaginator",
    "parent_stream_configs": "ParentStreamConfig",
    "record_expander": "RecordExpander",
    "record_filter": "RecordFilter",
    "record_selector": "RecordSelector",
    "request_option": "RequestOption",
    "requester": "HttpRequester",
    "response_filters": "HttpResponseFilter",
    "start_datetime": "MinMaxDatetime",
    "start_time_option": "RequestOption",
    "start_value_option": "RequestOption",
    "status_extractor": "DpathExtractor",
    "stream": "DeclarativeStream",
    "stream_template": "DeclarativeStream",
    "streams": "DeclarativeStream",
}  # fmt: skip


class ManifestRefusedError(SettingsRefusedError):
    """The manifest cannot be run; the message lists what stands in the way and where."""

    code = "manifest_refused"


class _Loader(yaml.CSafeLoader):
    """YAML without its own dates: manifests mean them as texts."""


def read_manifest(text: str) -> Component:
    """The manifest as it was written; raises `ManifestRefusedError` unless it is one."""
    if len(text) > _LARGEST:
        raise ManifestRefusedError(f"the manifest is larger than {_LARGEST // 1024 // 1024} MB")
    try:
        found = yaml.load(text, Loader=_make_loader())  # noqa: S506 - a safe loader without dates
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ManifestRefusedError(f"the manifest is not YAML: {_tell_place(error)}") from None
    if not isinstance(found, dict) or not (found.get("streams") or found.get("dynamic_streams")):
        raise ManifestRefusedError(
            "this is no connector manifest: it needs the list “streams” (or “dynamic_streams”) at its top"
        )
    return found


class Expander:
    """Gives components of one manifest with their references followed."""

    def __init__(self, manifest: Component) -> None:
        self._root = manifest
        self._nodes = 0

    def expand(self, node: Any, trail: tuple[str, ...] = (), depth: int = 0) -> Any:  # noqa: ANN401
        """The node with every `$ref` and `#/…` replaced by a copy of what it names; own members win."""
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            raise ManifestRefusedError("the manifest refers in circles or is nested too deep")
        if isinstance(node, str) and node.startswith("#/"):
            return self._follow(node, trail, depth)
        if isinstance(node, list):
            return [self.expand(one, trail, depth + 1) for one in node]
        if not isinstance(node, dict):
            return node
        own = {
            str(name): one if name in PASSED_OVER else self.expand(one, trail, depth + 1)
            for name, one in node.items()
            if name != "$ref"
        }
        if "$ref" not in node:
            return own
        found = self._follow(str(node["$ref"]), trail, depth)
        return {**found, **own} if isinstance(found, dict) else found

    def fresh(self) -> Expander:
        """Another one with its own allowance of nodes."""
        return Expander(self._root)

    def _follow(self, reference: str, trail: tuple[str, ...], depth: int) -> Any:  # noqa: ANN401
        if reference in trail:
            raise ManifestRefusedError(f"the manifest refers in circles at {reference}")
        found = _look_up(self._root, reference.removeprefix("#/"))
        if found is None:
            raise ManifestRefusedError(f"the manifest refers to {reference}, which it does not have")
        return self.expand(found, (*trail, reference), depth + 1)


def hand_down(component: Any, member: str, parameters: Component, depth: int = 0) -> Any:  # noqa: ANN401
    """The component with its type and all `$parameters` of those above it, which also fill absent members.

    A component's own parameters win over those from above; `member` is the name under which it stands.
    """
    if isinstance(component, list):
        return [hand_down(one, member, parameters, depth) for one in component]
    if not isinstance(component, dict):
        return component
    named = dict(component)
    kind = named.get("type") or _guess_type(named, member)
    if not kind:
        return {name: hand_down(one, name, parameters, depth + 1) for name, one in named.items()}
    own = named.pop(_PARAMETERS, None) or {}
    if not isinstance(own, dict):
        raise ManifestRefusedError(f"“$parameters” of {kind} must be an object with names and values")
    parameters = {**parameters, **own}
    named["type"] = kind
    for name, value in parameters.items():
        if name != member and not named.get(name):
            named[name] = value
    for name, value in named.items():
        if isinstance(value, dict | list) and name not in _DATA and name not in PASSED_OVER:
            below = {key: one for key, one in parameters.items() if key != name}
            named[name] = value if name in parameters and value is parameters[name] else hand_down(
                value, name, below, depth + 1
            )  # fmt: skip
    named[_PARAMETERS] = parameters
    return named


def _guess_type(component: Component, member: str) -> str:
    if "class_name" in component:
        return "CustomComponent"
    if member == "retriever":
        return "AsyncRetriever" if "creation_requester" in component else "SimpleRetriever"
    if member == "fields" and "path" in component and "value" in component:
        return "AddedFieldDefinition"
    return _TYPE_OF_MEMBER.get(member, "")


def parameters_of(component: Component) -> Component:
    """The parameters that were handed down to a component."""
    found: Component = component.get(_PARAMETERS) or {}
    return found


def _look_up(root: Any, path: str) -> Any:  # noqa: ANN401
    """What stands at a path; keys may themselves hold slashes, the longest that fits is taken first."""
    if not path:
        return root
    parts = path.split("/")
    if isinstance(root, list):
        inside = int(parts[0]) if parts[0].isdigit() else len(root)
        return _look_up(root[inside], "/".join(parts[1:])) if inside < len(root) else None
    if not isinstance(root, dict):
        return None
    for count in range(len(parts), 0, -1):
        key = "/".join(parts[:count])
        if key in root:
            found = _look_up(root[key], "/".join(parts[count:]))
            if found is not None:
                return found
    return None


def _make_loader() -> type[_Loader]:
    resolvers: Mapping[str, Sequence[tuple[str, Any]]] = _Loader.yaml_implicit_resolvers
    kept = {
        sign: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for sign, pairs in resolvers.items()
    }
    return type("ManifestLoader", (_Loader,), {"yaml_implicit_resolvers": kept})


def _tell_place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it lies too deep, or holds a value that cannot be read"
    return f"{problem} (line {mark.line + 1})" if mark is not None else str(problem)
