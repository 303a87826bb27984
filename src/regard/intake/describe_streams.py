"""Describes a stream for the person who maps it: its places, samples, and what some records would state."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.describe_stream_mapping import MappedItem, StreamMapping, places_of
from regard.connectors.mapping.list_unmapped import shown_unmapped_places
from regard.connectors.mapping.map_record import StatedItem, Surface, map_record, mapped_places
from regard.connectors.mapping.propose_stream_mapping import StreamProposal, propose_stream_mapping
from regard.connectors.mapping.survey_bodies import survey_bodies
from regard.connectors.match_shipped_mappings import match_shipped_mapping
from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import plain_text
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring
from regard.intake.keep_raw_heads import QUERIES
from regard.intake.read_raw_bodies import read_raw_bodies
from regard.sources.manage_sources import Source

_SURVEYED = 200
_SHOWN_SAMPLES = 5
_SURE = 0.9
_OWN_KEY = "It repeats the record's own id, so it is left out."

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """`described` is for the door, its `stated` counts items by target; `uses` say what a place becomes."""

    described: Json
    uses: dict[str, list[tuple[str, str]]]


async def read_samples(
    connection: Connection, keyring: Keyring, source: str, stream: str, most: int = _SURVEYED
) -> list[RawRecord]:
    """Some raw records of a stream, spread over it by chance, those in quarantine too."""
    heads = await connection.fetch(QUERIES["sample_heads"], source, stream, most)
    found = await read_raw_bodies(connection, keyring, source, stream, heads)
    return list(found.values())


def propose_for(
    source: Source, stream: str, samples: Sequence[RawRecord], party_streams: Sequence[str]
) -> StreamProposal:
    """The likeliest mapping of a stream by its samples: that of a known system when they look like it."""
    there = [(record.external_id, record.body) for record in samples if record.body is not None]
    known = match_shipped_mapping(stream, [body for _, body in there])
    if known is not None:
        note = f"These look like records of “{known.name}”, whose shipped mapping is proposed."
        return StreamProposal(known.mapping, [], [note])
    proposal = propose_stream_mapping(stream, [body for _, body in there], party_streams, source.currency)
    mapping = proposal.mapping
    used = mapped_places(mapping)
    # The record's own id says nothing that its key does not say.
    keys = [name for name in (there[0][1] if there else {}) if name not in used and all(
        plain_text(body.get(name)) == external_id for external_id, body in there
    )]  # fmt: skip
    mapping = msgspec.structs.replace(mapping, skip=keys)
    places = [
        dataclasses.replace(one, confidence=_SURE, reason=_OWN_KEY) if one.path in keys else one
        for one in proposal.places
    ]
    return dataclasses.replace(proposal, mapping=mapping, places=places)


def describe_stream(
    mapping: StreamMapping, samples: Sequence[RawRecord], surface: Surface, shown: int
) -> StreamDescription:
    """The places of the samples, what the mapping makes of them, and what the first records state."""
    survey = survey_bodies([record.body for record in samples if record.body is not None])
    uses = _uses(mapping)
    read = mapped_places(mapping)
    places = []
    for path, place in survey.places.items():
        distinct = list(dict.fromkeys(value[:200] for value in place.values))
        places.append({
            "path": path,
            "filled": len(place.values),
            "used_as": [f"{target}.{field}" for target, field in uses.get(path, ())],
            "samples": distinct[:_SHOWN_SAMPLES],
        })  # fmt: skip
    for path, elements in survey.lists.items():
        places += [
            {"path": f"{path}[*].{name}", "filled": len(place.values), "used_as": [], "samples": []}
            for name, place in elements.places.items()
        ]
    outcomes = [_outcome(mapping, record, surface) for record in samples]
    unread = sorted({
        place for record in samples if record.body for place in shown_unmapped_places(record.body, read)
    })  # fmt: skip
    described = {
        "surveyed": len(samples),
        "places": places,
        "unmapped": unread,
        "refused": _refusals(outcomes),
        "stated": _counts(outcomes),
        "records": outcomes[:shown],
    }
    return StreamDescription(described, uses)


def _uses(mapping: StreamMapping) -> dict[str, list[tuple[str, str]]]:
    uses: dict[str, list[tuple[str, str]]] = {}
    for item in mapping.items:
        for field, path in _named_places(item):
            bare = path.removeprefix("$.")
            full = bare if not item.each or path.startswith("$.") else f"{item.each}[*].{bare}"
            uses.setdefault(full, []).append((item.target, field))
    return uses


def _named_places(item: MappedItem) -> list[tuple[str, str]]:
    named = [(field, path) for field, place in item.fields.items() for path in places_of(place)]
    named += [("id", path) for path in places_of(item.id)]
    named += [("party", path) for party in item.parties() for path in places_of(party.id)]
    named += [("currency", path) for path in places_of(item.currency)]
    times = (item.occurred_at, item.updated_at)
    return named + [("time", path) for place in times for path in places_of(place)]


def _outcome(mapping: StreamMapping, record: RawRecord, surface: Surface) -> Json:
    try:
        items = map_record(mapping, record, surface)
    except ItemRefusedError as error:
        return {"id": record.external_id, "refused": {"code": error.code, "detail": str(error)}, "items": []}
    return {"id": record.external_id, "refused": None, "items": [_told(item) for item in items]}


def _told(item: StatedItem) -> Json:
    body = item.body
    if item.family == "link":
        return {
            "target": "link", "stream": item.stream, "id": item.external_id, "party": None, "at": None,
            "fields": {},
        }  # fmt: skip
    party = body.get("party")
    return {
        "target": body.get("kind") or body.get("type"),
        "stream": item.stream,
        "id": item.external_id,
        "party": f"{party['stream']} {party['id']}" if party else None,
        "at": body.get("occurred_at") or body.get("updated_at"),
        "fields": body["fields"],
    }


def _refusals(outcomes: Sequence[Json]) -> list[Json]:
    counts: dict[tuple[str, str], int] = {}
    for outcome in outcomes:
        if (refused := outcome["refused"]) is not None:
            key = (refused["code"], refused["detail"])
            counts[key] = counts.get(key, 0) + 1
    return [{"code": code, "detail": detail, "records": n} for (code, detail), n in counts.items()]


def _counts(outcomes: Sequence[Json]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        for item in outcome["items"]:
            counts[item["target"]] = counts.get(item["target"], 0) + 1
    return counts
