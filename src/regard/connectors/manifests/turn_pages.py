"""How a manifest goes from one page to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import TemplateFailsError, Templates
from regard.connectors.manifests.shape_requests import Injection, inject

Token = Any
"""Where a page begins; a JSON value, None for the first page."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What a page brought, for the decision about the next: `count` and `last` of what was extracted."""

    response: Any
    headers: Mapping[str, Any]
    count: int
    last: Any


class Paginator:
    """The paginator of one retriever; without one there is a single page."""

    def __init__(self, component: Component | None, templates: Templates) -> None:
        paged = component is not None and component["type"] != "NoPagination"
        self._component: Component = component if component is not None and paged else {}
        self._strategy: Component = self._component.get("pagination_strategy") or {}
        self._templates = templates
        self._here = {"parameters": parameters_of(self._strategy)}

    def inject(self, token: Token, context: Mapping[str, Any]) -> list[Injection]:
        """Size and token as the request carries them."""
        found = inject(self._component.get("page_size_option"), self.page_size(), self._templates, context)
        value = token if token is not None else self._first_token()
        return found + inject(self._component.get("page_token_option"), value, self._templates, context)

    def path(self, token: Token) -> str | None:
        """The token as path or address, when that is what it is."""
        option = self._component.get("page_token_option") or {}
        return str(token) if token is not None and option.get("type") == "RequestPath" else None

    def page_size(self) -> int | None:
        """How many records a page has at most, when the manifest says it."""
        found = self._templates.value(self._strategy.get("page_size"), **self._here)
        try:
            return int(found) if found is not None else None
        except (TypeError, ValueError):
            return None

    def turn(self, page: SeenPage, token: Token, context: Mapping[str, Any]) -> Token:
        """The token of the page after this one; None when it was the last."""
        kind = self._strategy.get("type")
        if kind == "CursorPagination":
            return self._turn_by_cursor(page, context)
        if kind is None or page.count == 0:
            return None
        size = self.page_size()
        if size is not None and page.count < size:
            return None
        if kind == "OffsetIncrement":
            return int(token or 0) + page.count
        return int(token if token is not None else self._start()) + 1

    def _turn_by_cursor(self, page: SeenPage, context: Mapping[str, Any]) -> Token:
        here = {
            **context,
            **self._here,
            "response": page.response,
            "headers": page.headers,
            "last_record": page.last or {},
            "last_page_size": page.count,
        }
        stop = self._strategy.get("stop_condition")
        if stop and self._templates.test(stop, **here):
            return None
        try:
            found = self._templates.value(self._strategy["cursor_value"], **here)
        except TemplateFailsError:
            # The last page often lacks what the template asks for.
            return None
        return found if found not in (None, "", {}, [], False) else None

    def _first_token(self) -> Token:
        if not self._strategy.get("inject_on_first_request"):
            return None
        return 0 if self._strategy["type"] == "OffsetIncrement" else self._start()

    def _start(self) -> int:
        return int(self._templates.value(self._strategy.get("start_from_page") or 0, **self._here) or 0)
