"""Finds the shipped mapping that fits a stream nobody has mapped: a table or a tap of a known system. Pure.

The name of the stream must be that of the mapping (the last part counts: `public.party_party`), and most of
the places that the mapping reads must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from regard.connectors.load_mappings import shipped_mappings
from regard.connectors.mapping.describe_stream_mapping import PartyPlace, StreamMapping, item_places
from regard.connectors.mapping.read_paths import parse_path

_SHARE = 0.6
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class FittingMapping:
    """A shipped mapping, the name of its file, and the share of its places that the records have."""

    name: str
    mapping: StreamMapping
    share: float


def match_shipped_mapping(stream: str, bodies: Sequence[Mapping[str, Any]]) -> FittingMapping | None:
    """The best fitting shipped mapping, under the stream's own name; None when none fits."""
    there = {name for body in bodies for name in body}
    found = [
        FittingMapping(name, mapping, len(tops & there) / len(tops))
        for name, mapping, tops in _candidates()
        if mapping.stream.lower() == _short(stream) and len(tops & there) >= _FEWEST
    ]
    best = max(found, key=lambda one: one.share, default=None)
    if best is None or best.share < _SHARE:
        return None
    return replace(best, mapping=_under_name(best, stream))


def _under_name(fitting: FittingMapping, stream: str) -> StreamMapping:
    """The mapping for a stream with a schema before its name, which its neighbours have as well."""
    before = stream[: len(stream) - len(fitting.mapping.stream)]
    neighbours = {one.stream for one in shipped_mappings(fitting.name)}
    items = [
        msgspec.structs.replace(item, party=[
            PartyPlace(before + party.stream if party.stream in neighbours else party.stream, party.id)
            for party in item.parties()
        ])
        for item in fitting.mapping.items
    ]  # fmt: skip
    return msgspec.structs.replace(fitting.mapping, stream=stream, items=items)


@cache
def _candidates() -> tuple[tuple[str, StreamMapping, frozenset[str]], ...]:
    folder = resources.files("regard.connectors.mappings")
    names = sorted(one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml"))
    return tuple((name, one, frozenset(_tops(one))) for name in names for one in shipped_mappings(name))


def _tops(mapping: StreamMapping) -> Iterable[str]:
    """The names on the record's own level that the mapping reads."""
    for item in mapping.items:
        for place in item_places(item):
            steps = parse_path(place)
            of_element = bool(item.each) and steps[0] != "$"
            first = item.each if of_element else steps[1] if steps[0] == "$" else steps[0]
            if isinstance(first, str) and not first.startswith(("#", "@")):
                yield str(parse_path(first)[0]) if of_element else first


def _short(stream: str) -> str:
    whole = stream.lower()
    known = {mapping.stream.lower() for _, mapping, _ in _candidates()}
    return whole if whole in known else whole.rpartition(".")[2]
