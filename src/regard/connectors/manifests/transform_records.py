"""Changes that a manifest makes to each record before it is handed over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from regard.connectors.manifests.dig_paths import dig_all, holders, put
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import TemplateFailsError, Templates

Record = dict[str, Any]
Context = Mapping[str, Any]
_Change = Callable[[Component, Record, Templates, Context], Record]
_DEEPEST = 60


def transform(record: Record, changes: list[Component], templates: Templates, context: Context) -> Record:
    """The record after all changes, in their order; the one given may be changed itself."""
    for change in changes:
        here = {**context, "record": record, "parameters": parameters_of(change)}
        record = _CHANGES[change["type"]](change, record, templates, here)
    return record


def _add_fields(change: Component, record: Record, templates: Templates, context: Context) -> Record:
    if change.get("condition") and not templates.test(change["condition"], **context):
        return record
    found = []
    for one in change["fields"]:
        here = {**context, "parameters": parameters_of(one) or context["parameters"]}
        path = [templates.text(step, **here) for step in one["path"]]
        try:
            value = templates.value(one["value"], **here)
        except TemplateFailsError:
            value = None
        found.append((path, _cast(value, one.get("value_type"))))
    for path, value in found:
        put(record, path, value)
    return record


def _cast(value: Any, kind: str | None) -> Any:  # noqa: ANN401 - JSON values
    if kind is None or value is None:
        return value
    try:
        if kind == "string":
            return value if isinstance(value, str) else str(value)
        if kind == "integer":
            return int(float(value)) if isinstance(value, str) and "." in value else int(value)
        if kind == "number":
            return float(value)
    except (TypeError, ValueError, OverflowError):
        return value
    return str(value).strip().lower() not in {"", "false", "0", "none", "[]", "{}"}


def _remove_fields(change: Component, record: Record, templates: Templates, context: Context) -> Record:
    condition = change.get("condition")
    for path in change["field_pointers"]:
        doomed = [
            (holder, key)
            for holder, key in holders(record, [str(step) for step in path])
            if not condition or templates.test(condition, **context, property=holder[key])
        ]
        # From the end, so that places in lists stay right.
        for holder, key in reversed(doomed):
            if isinstance(holder, dict):
                holder.pop(key, None)
            else:
                holder[key] = None
    return record


def _rename_keys(record: Any, rename: Callable[[str], str], depth: int = 0) -> Any:  # noqa: ANN401
    if depth > _DEEPEST:
        return record
    if isinstance(record, dict):
        return {rename(str(key)): _rename_keys(value, rename, depth + 1) for key, value in record.items()}
    return [_rename_keys(one, rename, depth + 1) for one in record] if isinstance(record, list) else record


def _to_lower(_: Component, record: Record, __: Templates, ___: Context) -> Record:
    return {key.lower(): value for key, value in record.items()}


def _to_snake(_: Component, record: Record, __: Templates, ___: Context) -> Record:
    renamed: Record = _rename_keys(record, write_snake_case)
    return renamed


def write_snake_case(name: str) -> str:
    """A name in small letters with underscores between its words and numbers."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", plain)
    snake = "_".join(words).lower()
    return f"_{snake}" if snake[:1].isdigit() else snake or name


def _replace_keys(change: Component, record: Record, templates: Templates, context: Context) -> Record:
    old, new = templates.text(change["old"], **context), templates.text(change["new"], **context)
    renamed: Record = _rename_keys(record, lambda key: key.replace(old, new)) if old else record
    return renamed


def _flatten(change: Component, record: Record, _: Templates, __: Context) -> Record:
    flat: Record = {}
    _flatten_into(flat, record, "", flatten_lists=change.get("flatten_lists", True), depth=0)
    return flat


def _flatten_into(flat: Record, value: Any, name: str, *, flatten_lists: bool, depth: int) -> None:  # noqa: ANN401
    pairs: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list) and flatten_lists:
        pairs = list(enumerate(value))
    if not pairs or depth > _DEEPEST:
        flat[name] = value
        return
    for key, below in pairs:
        joined = f"{name}.{key}" if name and (str(key) in flat or isinstance(value, list)) else str(key)
        _flatten_into(flat, below, joined, flatten_lists=flatten_lists, depth=depth + 1)


def _flatten_at(change: Component, record: Record, templates: Templates, context: Context) -> Record:
    path = [templates.text(step, **context) for step in change["field_path"]]
    key_change = change.get("key_transformation") or {}
    prefix = templates.text(key_change.get("prefix"), **context)
    suffix = templates.text(key_change.get("suffix"), **context)
    found = [one for one in dig_all(record, path) if isinstance(one, dict)]
    if change.get("replace_record") and found:
        return {f"{prefix}{key}{suffix}": value for key, value in found[0].items()}
    for one in found:
        added = {f"{prefix}{key}{suffix}": value for key, value in one.items()}
        if change.get("delete_origin_value"):
            for holder, key in list(holders(record, path)):
                if isinstance(holder, dict):
                    del holder[key]
        record.update(added)
    return record


_CHANGES: Mapping[str, _Change] = {
    "AddFields": _add_fields,
    "RemoveFields": _remove_fields,
    "KeysToLower": _to_lower,
    "KeysToSnakeCase": _to_snake,
    "KeysReplace": _replace_keys,
    "FlattenFields": _flatten,
    "DpathFlattenFields": _flatten_at,
}
