"""Which parts of the manifest language run here; everything else is refused with its name and place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regard.connectors.manifests.check_members import find_slips
from regard.connectors.manifests.read_manifest import PASSED_OVER, Component

SUPPORTED = frozenset({
    "AddFields", "AddedFieldDefinition", "ApiKeyAuthenticator", "AsyncRetriever", "BasicHttpAuthenticator",
    "BearerAuthenticator", "CombinedExtractor", "ComponentMappingDefinition", "CompositeErrorHandler",
    "ConditionalStreams", "ConfigComponentsResolver", "ConstantBackoffStrategy", "CsvDecoder",
    "CursorPagination", "DatetimeBasedCursor", "DeclarativeStream", "DefaultErrorHandler", "DefaultPaginator",
    "DpathExtractor", "DpathFlattenFields", "DynamicDeclarativeStream", "ExponentialBackoffStrategy",
    "FlattenFields", "GzipDecoder", "HttpComponentsResolver", "HttpRequester", "HttpResponseFilter",
    "IncrementingCountCursor", "IterableDecoder", "JsonDecoder", "JsonItemsDecoder", "JsonlDecoder",
    "JwtAuthenticator", "KeyTransformation", "KeysReplace", "KeysToLower", "KeysToSnakeCase",
    "ListPartitionRouter", "MinMaxDatetime", "NoAuth", "NoPagination", "OAuthAuthenticator",
    "OffsetIncrement", "PageIncrement", "ParametrizedComponentsResolver", "ParentFieldPath",
    "ParentStreamConfig", "RecordExpander", "RecordFilter", "RecordSelector", "RemoveFields",
    "RequestBodyGraphQL", "RequestBodyJsonObject", "RequestBodyPlainText", "RequestBodyUrlEncodedForm",
    "RequestOption", "RequestPath", "ResponseToFileExtractor", "SelectiveAuthenticator",
    "SessionTokenAuthenticator", "SessionTokenRequestApiKeyAuthenticator",
    "SessionTokenRequestBearerAuthenticator", "SimpleRetriever", "StateDelegatingStream", "StreamConfig",
    "StreamParametersDefinition", "SubstreamPartitionRouter", "WaitTimeFromHeader", "WaitTimeFromResponse",
    "WaitUntilTimeFromHeader", "XmlDecoder", "ZipfileDecoder",
})  # fmt: skip
ACTIONS = frozenset({
    "SUCCESS", "FAIL", "RETRY", "IGNORE", "RATE_LIMITED", "REFRESH_TOKEN_THEN_RETRY", "RESET_PAGINATION",
})  # fmt: skip
# Members that would change what is read and are not understood.
_REFUSED_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "HttpRequester": ("fetch_properties_from_endpoint", "query_properties"),
    "DatetimeBasedCursor": ("clamping",),
    "OAuthAuthenticator": ("profile_assertion",),
    "RecordExpander": ("truncated_list_retriever",),
}
# Members whose values are the user's own data and may hold a "type" of their own.
_DATA = frozenset({
    "request_parameters", "request_headers", "request_body_json", "request_body_data", "refresh_request_body",
    "jwt_payload", "jwt_headers", "default_values", "$parameters", "status_mapping", "metadata", "matchers",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """One part that cannot be run: what it is, and where it stands."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} at {self.place}"


def find_refusals(component: Any, place: str) -> list[Refusal]:  # noqa: ANN401 - any node of the tree
    """Everything below a component that does not run here."""
    return list(_walk(component, place))


def _walk(node: Any, place: str) -> Iterator[Refusal]:  # noqa: ANN401
    if isinstance(node, list):
        for number, one in enumerate(node):
            yield from _walk(one, f"{place}[{number}]")
    if not isinstance(node, Mapping):
        return
    kind = node.get("type")
    if isinstance(kind, str):
        yield from _judge(node, kind, place)
    parameters = node.get("$parameters") or {}
    for name, value in node.items():
        handed_down = name in parameters and value is parameters[name]
        if name not in _DATA and name not in PASSED_OVER and not handed_down:
            yield from _walk(value, f"{place}.{name}")
    yield from _judge_parameters(node, place)


def _judge(node: Component, kind: str, place: str) -> Iterator[Refusal]:
    if "class_name" in node or kind.startswith("Custom"):
        yield Refusal(place, f"custom Python class {node.get('class_name', kind)}")
    elif kind not in SUPPORTED:
        yield Refusal(place, f"component {kind}, which is not supported")
    else:
        yield from (Refusal(where, what) for where, what in find_slips(node, kind, place))
    for name in _REFUSED_MEMBERS.get(kind, ()):
        if node.get(name):
            yield Refusal(f"{place}.{name}", f"{kind}.{name}, which is not supported")
    if kind == "HttpResponseFilter" and str(node.get("action", "FAIL")) not in ACTIONS:
        yield Refusal(place, f"action {node['action']}, which is not supported")


def _judge_parameters(node: Component, place: str) -> Iterator[Refusal]:
    asked = node.get("request_parameters")
    for name, value in asked.items() if isinstance(asked, Mapping) else ():
        if isinstance(value, Mapping) and value.get("type") == "QueryProperties":
            yield Refusal(
                f"{place}.request_parameters.{name}", "component QueryProperties, which is not supported"
            )
