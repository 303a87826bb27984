"""The records in a decoded answer: found at a path, expanded, filtered, changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from regard.connectors.manifests.dig_paths import dig, dig_all, put
from regard.connectors.manifests.notice_moved_records import refuse_moved_records
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.transform_records import Context, Record, transform


class RecordSelection:
    """What a manifest's `record_selector` and `transformations` make of one answer."""

    def __init__(self, selector: Component, changes: list[Component], templates: Templates) -> None:
        self._selector = selector
        self._changes = changes
        self._templates = templates

    def extract(self, body: Any, context: Context) -> list[Any]:  # noqa: ANN401 - JSON is any of its types
        """What stands at the path, before anything is filtered or changed."""
        return list(extract(self._selector["extractor"], body, self._templates, context))

    def refuse_moved(self, body: Any, context: Context, *, must_be_there: bool) -> None:  # noqa: ANN401
        """Raise `SourceMisbehavesError` when the records no longer stand where the manifest says."""
        refuse_moved_records(
            self._selector["extractor"], body, self._templates, context, must_be_there=must_be_there
        )

    def select(self, found: list[Any], context: Context) -> list[Record]:
        """The records among what was extracted."""
        records = [one if isinstance(one, dict) else {"value": one} for one in found if one not in (None, {})]
        if self._selector.get("transform_before_filtering"):
            return [one for one in self._change(records, context) if self._keeps(one, context)]
        return self._change([one for one in records if self._keeps(one, context)], context)

    def _change(self, records: list[Record], context: Context) -> list[Record]:
        return [transform(dict(one), self._changes, self._templates, context) for one in records]

    def _keeps(self, record: Record, context: Context) -> bool:
        test = self._selector.get("record_filter")
        if not test or not test.get("condition"):
            return True
        here = {**context, "record": record, "parameters": parameters_of(test)}
        return self._templates.test(test["condition"], **here)


def extract(extractor: Component, body: Any, templates: Templates, context: Context) -> Iterator[Any]:  # noqa: ANN401
    """The values that an extractor finds in a decoded answer."""
    if extractor["type"] == "ResponseToFileExtractor":
        yield from body if isinstance(body, list) else [body]
    elif extractor["type"] == "CombinedExtractor":
        yield from _combine(extractor, body, templates, context)
    else:
        yield from _extract_path(extractor, body, templates, context)


def _extract_path(extractor: Component, body: Any, templates: Templates, context: Context) -> Iterator[Any]:  # noqa: ANN401
    here = {**context, "parameters": parameters_of(extractor)}
    steps = [templates.text(step, **here) for step in extractor.get("field_path") or ()]
    path = [step for step in steps if step]
    # Decoders of lines give a list of bodies: the path leads into each.
    bodies = body if isinstance(body, list) and path else [body]
    expander = extractor.get("record_expander")
    for one in bodies:
        if isinstance(body, list) and path[:1] == ["*"]:
            found = list(dig_all(body, path))
        else:
            found = list(dig_all(one, path)) if "*" in path else [dig(one, path)]
        for value in _spread(found, several="*" in path):
            yield from _expand(value, expander) if expander else [value]
        if isinstance(body, list) and path[:1] == ["*"]:
            return


def _spread(found: list[Any], *, several: bool) -> Iterator[Any]:
    for value in found:
        if isinstance(value, list):
            yield from value
        elif value is not None and (several or value != {}):
            yield value


def _expand(record: Any, expander: Component) -> Iterator[Any]:  # noqa: ANN401
    items = dig(record, expander["expand_records_from_field"]) if isinstance(record, Mapping) else None
    if not isinstance(items, list) or not items:
        if expander.get("on_no_records") == "emit_parent":
            yield record
        return
    for item in items:
        if not isinstance(item, dict):
            continue
        made = {**record, **item} if expander.get("merge_parent") else dict(item)
        if expander.get("remain_original_record"):
            made["original_record"] = record
        for field in expander.get("parent_fields") or ():
            put(made, field["record_path"], dig(record, field["parent_path"]))
        yield made


def _combine(extractor: Component, body: Any, templates: Templates, context: Context) -> Iterator[Any]:  # noqa: ANN401
    for one in extractor["extractors"]:
        found = list(extract(one, body, templates, context))
        if extractor.get("skip_empty_records"):
            found = [value for value in found if value not in (None, {}, [], "")]
        yield from found
        if found and extractor.get("mode") == "first_match":
            return
