"""The parts that a stream is read in: a list of values, the records of parent streams, or their product."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.manifests.dig_paths import dig, split_key
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import Templates
from regard.connectors.manifests.shape_requests import Injection, inject

_MOST_IN_PRODUCT = 100_000
_MOST_KNOWN = 2_000_000


@dataclass(frozen=True, slots=True)
class Partition:
    """One part: its values by name, further fields of its parent, and what goes into its requests."""

    values: Mapping[str, Any]
    extra: Mapping[str, Any]
    injections: tuple[Injection, ...] = ()

    @property
    def key(self) -> str:
        """The same text for the same part, always."""
        return (
            json.dumps(self.values, sort_keys=True, separators=(",", ":"), default=str) if self.values else ""
        )


@dataclass(frozen=True, slots=True)
class ParentStates:
    """The cursors of parent streams by name: where this round begins, and where it has led."""

    before: Mapping[str, Any]
    after: MutableMapping[str, Any]


class ParentReader(Protocol):
    """Reads a parent stream."""

    def parent_records(
        self, stream: Component, states: ParentStates | None
    ) -> AsyncIterator[tuple[dict[str, Any], Mapping[str, Any]]]:
        """Its records (with states: those that changed), each with the values of its own partition."""


_WHOLE = Partition({}, {})


class PartitionRouter:
    """The `partition_router` of one retriever."""

    def __init__(self, routers: Any, templates: Templates, parents: ParentReader) -> None:  # noqa: ANN401
        self._routers: list[Component] = (
            routers if isinstance(routers, list) else [routers] if routers else []
        )
        self._templates = templates
        self._parents = parents

    @property
    def splits(self) -> bool:
        """Whether there is more than the one, whole part."""
        return bool(self._routers)

    @property
    def follows_parents(self) -> bool:
        """Whether only the parts of parents that changed are given."""
        configs = [one for router in self._routers for one in router.get("parent_stream_configs") or ()]
        return any(one.get("incremental_dependency") for one in configs)

    async def partitions(self, states: ParentStates) -> AsyncIterator[Partition]:
        """All parts, each once."""
        if not self._routers:
            yield _WHOLE
            return
        known: set[int] = set()
        async for one in self._all(states):
            mark = hash(one.key)
            if mark not in known:
                if len(known) < _MOST_KNOWN:
                    known.add(mark)
                yield one

    async def _all(self, states: ParentStates) -> AsyncIterator[Partition]:
        if len(self._routers) == 1:
            async for one in self._of(self._routers[0], states):
                yield one
            return
        lists: list[list[Partition]] = []
        for router in self._routers:
            lists.append([one async for one in self._of(router, states)])
            if len(lists[-1]) > _MOST_IN_PRODUCT:
                raise SettingsRefusedError(
                    f"a product of partitions has more than {_MOST_IN_PRODUCT:,} values"
                )
        for combination in itertools.product(*lists):
            yield _join(combination)

    async def _of(self, router: Component, states: ParentStates) -> AsyncIterator[Partition]:
        if router["type"] == "ListPartitionRouter":
            for one in self._list(router):
                yield one
            return
        for config in router["parent_stream_configs"]:
            incremental = bool(config.get("incremental_dependency"))
            reader = self._parents.parent_records(config["stream"], states if incremental else None)
            async for record, above in reader:
                found = self._of_parent(config, record, above)
                if found is not None:
                    yield found

    def _list(self, router: Component) -> list[Partition]:
        here = {"parameters": parameters_of(router)}
        values = self._templates.tree(router["values"], **here)
        name = self._templates.text(router["cursor_field"], **here)
        if isinstance(values, str):
            values = [part.strip() for part in values.split(",") if part.strip()]
        listed = values if isinstance(values, list) else [] if values is None else [values]
        return [
            Partition({name: value}, {}, self._inject(router.get("request_option"), {name: value}, value))
            for value in listed
        ]

    def _of_parent(
        self, config: Component, record: Mapping[str, Any], above: Mapping[str, Any]
    ) -> Partition | None:
        here = {"parameters": parameters_of(config)}
        value = split_key(record, self._templates.text(config["parent_key"], **here))
        if value is None:
            return None
        name = self._templates.text(config["partition_field"], **here)
        extra = {".".join(map(str, path)): dig(record, path) for path in config.get("extra_fields") or ()}
        view = {name: value, "parent_slice": dict(above)}
        return Partition(view, extra, self._inject(config.get("request_option"), view, value))

    def _inject(self, option: Component | None, view: Mapping[str, Any], value: Any) -> tuple[Injection, ...]:  # noqa: ANN401
        return tuple(inject(option, value, self._templates, {"stream_partition": view, "stream_slice": view}))


def _join(parts: tuple[Partition, ...]) -> Partition:
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    above: dict[str, Any] = {}
    injections: list[Injection] = []
    for part in parts:
        above.update(part.values.get("parent_slice") or {})
        values.update(part.values)
        extra.update(part.extra)
        injections.extend(part.injections)
    if "parent_slice" in values:
        values["parent_slice"] = above
    return Partition(values, extra, tuple(injections))
