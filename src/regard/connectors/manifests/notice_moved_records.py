"""Notices that a source changed the form of its answers overnight. Pure.

Otherwise an answer without the place where records stood would look like a source without records, and what
is compared as a whole would be gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regard.connectors.connector_contract import SourceMisbehavesError
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.shape_requests import Context

_MOST_NAMED = 5
_KINDS = {
    str: "a text", bool: "yes or no", int: "a number", float: "a number", list: "an empty list",
    type(None): "null",
}  # fmt: skip


def refuse_moved_records(
    extractor: Component,
    body: Any,  # noqa: ANN401 - JSON is any of its types
    templates: Templates,
    context: Context,
    *,
    must_be_there: bool,
) -> None:
    """Raise `SourceMisbehavesError`: records stand elsewhere now, or their place must be there and is not."""
    if extractor["type"] != "DpathExtractor":
        return
    here = {**context, "parameters": parameters_of(extractor)}
    steps = [templates.text(step, **here) for step in extractor.get("field_path") or ()]
    path = [step for step in steps if step]
    if not path or "*" in path or "**" in path or _is_there(body, path):
        return
    elsewhere = _find_lists(body)
    if not elsewhere and not must_be_there:
        return
    found = f"but records in {', '.join(elsewhere)}" if elsewhere else f"but {_describe(body)}"
    raise SourceMisbehavesError(
        f"the answer holds nothing at “{'.'.join(path)}”, where the records were, {found}. The source changed"
        " the form of its answers, or answers something else: look at it, and correct “field_path” in the"
        " manifest. Nothing was taken or removed"
    )


def _is_there(body: Any, path: list[str]) -> bool:  # noqa: ANN401
    if isinstance(body, list):
        return not body or any(_is_there(one, path) for one in body)
    value = body
    for step in path:
        if isinstance(value, list):
            return True
        if not isinstance(value, Mapping) or step not in value:
            # A part that is null holds no records, and is the source's own word for it.
            return value is None and value is not body
        value = value[step]
    return True


def _find_lists(body: Any) -> list[str]:  # noqa: ANN401
    if isinstance(body, list):
        return ["the answer itself"] if any(isinstance(one, Mapping) for one in body) else []
    if not isinstance(body, Mapping):
        return []
    return [f"“{name}”" for name, value in body.items() if _holds_objects(value)][:_MOST_NAMED]


def _holds_objects(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _describe(body: Any) -> str:  # noqa: ANN401
    if not isinstance(body, Mapping):
        return _KINDS.get(type(body), "something else")
    names = [f"“{str(name)[:40]}”" for name in list(body)[:_MOST_NAMED]]
    return f"only {', '.join(names)}" if names else "an empty object"
