"""Streams made while running, from a template and what the source or the settings list."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Mapping
from typing import Any

from regard.connectors.manifests.ask_pages import Requests, SliceView
from regard.connectors.manifests.dig_paths import dig, holders, put
from regard.connectors.manifests.plan_streams import PlannedStream, name_stream
from regard.connectors.manifests.read_delegating import open_engine
from regard.connectors.manifests.read_manifest import Component, parameters_of

_MOST_STREAMS = 1_000


async def resolve_dynamic(
    planned: PlannedStream, requests: Requests, hints: Mapping[str, Any]
) -> list[PlannedStream]:
    """The streams of one `DynamicDeclarativeStream`."""
    component = planned.component
    resolver: Component = component["components_resolver"]
    made: dict[str, PlannedStream] = {}
    async for values, view in _list_values(resolver, requests):
        template = copy.deepcopy(component["stream_template"])
        for mapping in resolver["components_mapping"]:
            _map(template, mapping, {"components_values": values, "stream_slice": view}, requests)
        stream = name_stream(template, requests.tools.templates, hints)
        made.setdefault(stream.name, stream)
        if len(made) >= _MOST_STREAMS:
            break
    return list(made.values())


async def _list_values(resolver: Component, requests: Requests) -> AsyncIterator[tuple[Any, SliceView]]:
    templates = requests.tools.templates
    nothing = SliceView({}, {}, {})
    if resolver["type"] == "ParametrizedComponentsResolver":
        for one in resolver["stream_parameters"]["list_of_parameters_for_stream"]:
            yield one, nothing
        return
    if resolver["type"] == "ConfigComponentsResolver":
        configs = resolver["stream_config"]
        for config in configs if isinstance(configs, list) else [configs]:
            here = {"parameters": parameters_of(config)}
            path = [templates.text(step, **here) for step in config["configs_pointer"]]
            listed = dig(templates.config, path)
            for one in [*(listed if isinstance(listed, list) else []), *(config.get("default_values") or ())]:
                yield one, nothing
        return
    stream = {"type": "DeclarativeStream", "name": "components", "retriever": resolver["retriever"]}
    async for read in open_engine(stream, requests).read(None):
        for record in read.records:
            yield record, SliceView(read.partition, {}, {})


def _map(template: dict[str, Any], mapping: Component, words: Mapping[str, Any], requests: Requests) -> None:
    templates = requests.tools.templates
    here = {**words, "stream_template_config": template, "parameters": parameters_of(mapping)}
    if mapping.get("condition") and not templates.test(mapping["condition"], **here):
        return
    path = [templates.text(step, **here) for step in mapping["field_path"]]
    value = templates.tree(mapping["value"], **here)
    found = list(holders(template, path))
    for holder, key in found:
        holder[key] = value
    if not found and mapping.get("create_or_update"):
        put(template, path, value)
