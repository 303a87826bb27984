"""Which page tokens hold until a reading goes on. Pure.

A counted page (page 7, from row 600) shows other records as soon as one before it is gone or moved: whoever
goes on there passes over records. Unless the source is asked for an order that never changes, by id or by
the time of creation, such a reading begins its window anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from regard.connectors.manifests.read_manifest import Component
from regard.connectors.manifests.turn_pages import Token

_COUNTED = frozenset({
    "page", "offset", "skip", "start", "startat", "pagenumber", "pageno", "pageindex", "startindex", "p",
})  # fmt: skip
_ORDERS = frozenset({
    "sort", "order", "orderby", "sortby", "ordering", "sortkey", "sortorder", "direction", "dir",
})  # fmt: skip
_LASTING = re.compile(r"\b(?:_?id|creat\w*|date_created)\b", re.IGNORECASE)
_FALLING = re.compile(r"desc|^-", re.IGNORECASE)


class PageMemory:
    """Whether the tokens of one retriever are worth keeping."""

    def __init__(self, retriever: Component) -> None:
        paginator: Component = retriever.get("paginator") or {}
        strategy: Component = paginator.get("pagination_strategy") or {}
        option: Component = paginator.get("page_token_option") or {}
        steps = option.get("field_path") or [option.get("field_name") or ""]
        self._counts = strategy.get("type") in ("PageIncrement", "OffsetIncrement")
        self._name = _plain(str(steps[-1]))
        self._stays = _keeps_order(retriever.get("requester") or {})

    def keeps(self, token: Token) -> bool:
        """Whether reading may go on at this token later."""
        return self._stays or not (self._counts or self._is_counted(token))

    def _is_counted(self, token: Token) -> bool:
        if isinstance(token, str) and not token.isdigit():
            query = parse_qsl(urlsplit(token).query) if "?" in token else []
            return any(_plain(name) in _COUNTED and value.isdigit() for name, value in query)
        return self._name in _COUNTED


def _keeps_order(requester: Component) -> bool:
    """Whether the request asks for records by something that never changes, the eldest first."""
    orders = [str(value) for name, value in _parameters(requester) if _plain(name) in _ORDERS]
    return any(map(_LASTING.search, orders)) and not any(map(_FALLING.search, orders))


def _parameters(requester: Component) -> Iterator[tuple[str, Any]]:
    for part in ("request_parameters", "request_body_json", "request_body_data"):
        found = requester.get(part)
        if isinstance(found, Mapping):
            yield from found.items()


def _plain(name: str) -> str:
    """`page[number]` and `page_number` are the same word."""
    return re.sub(r"[^a-z]", "", name.lower())
