"""What each component of a manifest must hold, and in which form, so that a slip is told with its place.

Only what reading needs is here; forms are those that the language's schema gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from regard.connectors.manifests.read_manifest import Component

_WORDS: Mapping[str, str] = {
    "map": "an object", "list": "a list", "text": "a text", "value": "a value",
    "type": "an object with a type",
}  # fmt: skip
# A member with “!” must be there; of several forms one will do.
_MEMBERS: Mapping[str, Mapping[str, str]] = {
    "DeclarativeStream": {"retriever!": "map", "incremental_sync": "map", "transformations": "list",
                          "primary_key": "text list"},
    "SimpleRetriever": {"requester!": "map", "record_selector!": "map", "paginator": "map",
                        "partition_router": "map list"},
    "AsyncRetriever": {"creation_requester!": "map", "polling_requester!": "map",
                       "download_requester!": "map", "record_selector!": "map", "status_extractor!": "map",
                       "status_mapping!": "map"},
    "HttpRequester": {"authenticator": "type", "error_handler": "map", "request_parameters": "map text",
                      "request_headers": "map text", "request_body": "type", "request_body_json": "map text",
                      "request_body_data": "map text"},
    "RecordSelector": {"extractor!": "type", "record_filter": "map"},
    "DpathExtractor": {"field_path!": "list"},
    "CombinedExtractor": {"extractors!": "list"},
    "DefaultPaginator": {"pagination_strategy!": "type", "page_token_option": "map",
                         "page_size_option": "map"},
    "CursorPagination": {"cursor_value!": "value"},
    "RequestOption": {"inject_into!": "text", "field_path": "list"},
    "ListPartitionRouter": {"values!": "list text", "cursor_field!": "text", "request_option": "map"},
    "SubstreamPartitionRouter": {"parent_stream_configs!": "list"},
    "ParentStreamConfig": {"stream!": "map", "parent_key!": "text", "partition_field!": "text",
                           "extra_fields": "list", "request_option": "map"},
    "DatetimeBasedCursor": {"cursor_field!": "text", "cursor_datetime_formats": "list",
                            "start_datetime": "text map", "end_datetime": "text map",
                            "datetime_format": "text", "start_time_option": "map", "end_time_option": "map"},
    "IncrementingCountCursor": {"cursor_field!": "text", "start_value_option": "map"},
    "MinMaxDatetime": {"datetime!": "text", "datetime_format": "text"},
    "AddFields": {"fields!": "list"},
    "AddedFieldDefinition": {"path!": "list", "value!": "value"},
    "ApiKeyAuthenticator": {"inject_into": "map"},
    "HttpResponseFilter": {"http_codes": "list", "action": "text"},
    "RemoveFields": {"field_pointers!": "list"},
    "SelectiveAuthenticator": {"authenticator_selection_path!": "list", "authenticators!": "map"},
    "CompositeErrorHandler": {"error_handlers!": "list"},
    "DefaultErrorHandler": {"response_filters": "list", "backoff_strategies": "list"},
    "ConstantBackoffStrategy": {"backoff_time_in_seconds!": "value"},
    "WaitTimeFromHeader": {"header!": "text"},
    "WaitUntilTimeFromHeader": {"header!": "text"},
    "WaitTimeFromResponse": {"wait_time_in_seconds!": "value"},
}  # fmt: skip
# Lists whose elements are components that say by their type what they are.
_TYPED_LISTS = ("transformations", "partition_router", "extractors", "backoff_strategies")
# An empty path of a field to add, or no parent at all, is none.
_NOT_EMPTY = frozenset({"AddedFieldDefinition.path", "SubstreamPartitionRouter.parent_stream_configs"})


def find_slips(node: Component, kind: str, place: str) -> Iterator[tuple[str, str]]:
    """What is missing or of another form in one component, as (place, what)."""
    for told, forms in _MEMBERS.get(kind, {}).items():
        name = told.removesuffix("!")
        value = node.get(name)
        missing = value is None or (value == [] and f"{kind}.{name}" in _NOT_EMPTY)
        if missing and told != name:
            yield place, f"{kind} without “{name}”, which it needs"
        elif value is not None and not any(_has_form(value, form) for form in forms.split()):
            wanted = " or ".join(_WORDS[form] for form in forms.split())
            yield f"{place}.{name}", f"“{name}” of {kind}, which must be {wanted}"
    for where, one in _elements(node, kind):
        if not _has_form(one, "type"):
            yield f"{place}.{where}", "a component without a “type”"
    for number, one in enumerate(_list(node, "fields") if kind == "AddFields" else ()):
        if not isinstance(one, Mapping) or one.get("type") != "AddedFieldDefinition":
            yield f"{place}.fields[{number}]", "a field to add without “path” and “value”, which it needs"


def _elements(node: Component, kind: str) -> Iterator[tuple[str, Any]]:
    """The components below that must say what they are, with their places."""
    for name in _TYPED_LISTS:
        yield from ((f"{name}[{number}]", one) for number, one in enumerate(_list(node, name)))
    if isinstance(router := node.get("partition_router"), Mapping):
        yield "partition_router", router
    if kind == "SelectiveAuthenticator" and isinstance(several := node.get("authenticators"), Mapping):
        yield from ((f"authenticators.{name}", one) for name, one in several.items())


def _list(node: Component, name: str) -> list[Any]:
    found = node.get(name)
    return found if isinstance(found, list) else []


def _has_form(value: Any, form: str) -> bool:  # noqa: ANN401 - any node of the tree
    if form == "map":
        return isinstance(value, Mapping)
    if form == "list":
        return isinstance(value, list)
    if form == "text":
        return isinstance(value, str)
    if form == "type":
        return isinstance(value, Mapping) and isinstance(value.get("type"), str)
    return not isinstance(value, Mapping | list)
