"""What the records of each stream mean: looked at on live samples, changed, tried, put back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from regard.api.authenticate import asked_by, require_right
from regard.api.services import Services
from regard.connectors.files.describe_mapping import UnusableMappingError
from regard.connectors.files.load_fields import PARTY_TARGETS, fields_of, load_fields
from regard.connectors.load_mappings import parse_mappings
from regard.connectors.mapping.describe_stream_mapping import (
    TARGETS,
    StreamMapping,
    read_stream_mapping,
)
from regard.connectors.mapping.map_record import Surface
from regard.db.pool import Connection
from regard.identity.identity_record import IdentityRecord
from regard.intake.describe_streams import describe_stream, propose_for, read_samples
from regard.intake.keep_connections import read_connected
from regard.intake.keep_raw_heads import QUERIES
from regard.intake.keep_stream_mappings import (
    SavedMapping,
    list_saved_mappings,
    read_latest_mappings,
    save_mapping,
)
from regard.intake.profile_source import profile_parties, state_parties
from regard.sources.manage_sources import Source, read_source

RIGHT = "sources"
_PROFILED = 2_000
_PATH = "/sources/{source}/streams/{stream}/mapping"


class MappingBody(BaseModel):
    """A mapping as an object, or as YAML text; in previews none means the present one."""

    mapping: dict[str, Any] | None = None
    yaml: str | None = Field(default=None, max_length=1_000_000)


def routes(services: Services) -> APIRouter:
    """The routes. What stands in the records leaves through the door."""
    router = APIRouter(tags=["mappings"])
    _add_reading(router, services)
    _add_changing(router, services)
    _add_profile(router, services)
    return router


def _add_reading(router: APIRouter, services: Services) -> None:
    pool = services.pool

    @router.get("/mapping-targets", operation_id="listMappingTargets")
    async def targets(request: Request) -> dict[str, Any]:
        """What records can become, and the fields of each."""
        await require_right(request, services.sign_in, RIGHT)
        labels = {target.id: target.label for target in load_fields().targets}
        return {
            "targets": [
                {
                    "id": target,
                    "label": labels.get(target, "Records merged by the source's staff"),
                    "party": target in PARTY_TARGETS,
                    "fields": [
                        {"id": one.id, "label": one.label, "kind": one.kind, "multiple": one.multiple}
                        for one in (fields_of(target).values() if target in labels else ())
                    ],
                }
                for target in TARGETS
            ]
        }

    @router.get(_PATH, operation_id="readStreamMapping")
    async def read(request: Request, source: str, stream: str) -> dict[str, Any]:
        """The mapping and its versions; how many records it has not read yet."""
        await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection:
            await read_source(connection, source)
            saved = await list_saved_mappings(connection, source, stream)
            number = saved[0].number if saved else 0
            behind = await connection.fetchval(QUERIES["count_stale"], source, stream, max(number, 1))
        return {
            "number": number,
            "mapping": msgspec.to_builtins(saved[0].mapping) if saved else None,
            "shipped": saved[0].shipped if saved else False,
            "behind": behind,
            "versions": [_told_version(one) for one in saved],
        }


def _add_changing(router: APIRouter, services: Services) -> None:
    pool, clock = services.pool, services.clock

    @router.put(_PATH, operation_id="changeStreamMapping")
    async def change(request: Request, source: str, stream: str, body: MappingBody) -> dict[str, Any]:
        """Keep a new version; records in the log are read again with it in the background."""
        principal = await require_right(request, services.sign_in, RIGHT)
        mapping = _mapping_of(body, stream)
        if mapping is None:
            raise UnusableMappingError("send a mapping, as “mapping” or as “yaml”")
        async with pool.acquire() as connection, connection.transaction():
            await read_source(connection, source)
            number = await save_mapping(connection, source, mapping, principal.username, clock.now())
            behind = await connection.fetchval(QUERIES["count_stale"], source, stream, number)
        return {"number": number, "behind": behind}

    @router.post(f"{_PATH}/preview", operation_id="previewStreamMapping")
    async def preview(
        request: Request,
        source: str,
        stream: str,
        body: MappingBody,
        records: int = Query(5, ge=0, le=50),
    ) -> Response:
        """What a mapping (the present one, the one sent, or a proposed one) makes of live samples."""
        await require_right(request, services.sign_in, RIGHT)
        asked = await asked_by(request, services.sign_in)
        async with pool.acquire() as connection:
            known = await read_source(connection, source)
            samples = await read_samples(connection, services.keyring, source, stream)
            surface = await _surface(connection, known, services)
            saved = await list_saved_mappings(connection, source, stream)
            streams = await _party_streams(connection, source, stream)
        mapping = _mapping_of(body, stream) or (saved[0].mapping if saved else None)
        notes: list[str] = []
        proposed = mapping is None
        if mapping is None:
            proposal = propose_for(known, stream, samples, streams)
            mapping, notes = proposal.mapping, proposal.notes
        found = describe_stream(mapping, samples, surface, records)
        described = {
            "source": source, "stream": stream, "proposed": proposed, "notes": notes,
            "mapping": msgspec.to_builtins(mapping), **found.described,
        }  # fmt: skip
        answer = await services.door.files.stream_samples(asked, described, found.uses)
        return Response(answer.body, media_type=answer.media_type)

    @router.post(f"{_PATH}/propose", operation_id="proposeStreamMapping")
    async def propose(request: Request, source: str, stream: str) -> dict[str, Any]:
        """The likeliest mapping by names and values, whatever is saved."""
        await require_right(request, services.sign_in, RIGHT)
        async with pool.acquire() as connection:
            known = await read_source(connection, source)
            samples = await read_samples(connection, services.keyring, source, stream)
            streams = await _party_streams(connection, source, stream)
        proposal = propose_for(known, stream, samples, streams)
        return {
            "mapping": msgspec.to_builtins(proposal.mapping),
            "notes": proposal.notes,
            "places": [
                {
                    "path": one.path, "target": one.target, "field": one.field,
                    "confidence": one.confidence, "reason": one.reason,
                }
                for one in proposal.places
            ],
        }  # fmt: skip


def _add_profile(router: APIRouter, services: Services) -> None:
    pool = services.pool

    @router.post("/sources/{source}/profile", operation_id="profileSource")
    async def profile(request: Request, source: str) -> Response:
        """What a source is like before it is shown, by a sample of its raw records."""
        await require_right(request, services.sign_in, RIGHT)
        asked = await asked_by(request, services.sign_in)
        parties: list[IdentityRecord] = []
        async with pool.acquire() as connection:
            known = await read_source(connection, source)
            surface = await _surface(connection, known, services)
            mappings = await read_latest_mappings(connection, source)
            streams = [row["stream"] for row in await connection.fetch(QUERIES["count_heads"], source)]
            for stream in streams:
                samples = await read_samples(connection, services.keyring, source, stream, _PROFILED)
                read_as = mappings.get(stream)
                mapping = read_as.mapping if read_as else None
                mapping = mapping or propose_for(known, stream, samples, streams).mapping
                parties += state_parties(mapping, samples, known, surface)
            found = await profile_parties(connection, known, parties, surface)
        answer = await services.door.files.source_profile(asked, found.described)
        return Response(answer.body, media_type=answer.media_type)


def _mapping_of(body: MappingBody, stream: str) -> StreamMapping | None:
    if body.yaml is not None:
        [mapping, *others] = parse_mappings(body.yaml, "the mapping")
        if others:
            raise UnusableMappingError("send the mapping of one stream")
    elif body.mapping is not None:
        mapping = read_stream_mapping({"stream": stream, **body.mapping})
    else:
        return None
    if mapping.stream != stream:
        raise UnusableMappingError(
            f"the mapping is for the stream “{mapping.stream}”, the address names “{stream}”; make them equal"
        )
    return mapping


async def _party_streams(connection: Connection, source: str, stream: str) -> list[str]:
    """Streams that ids of parties in this one may point into."""
    return [row["stream"] for row in await connection.fetch(QUERIES["party_streams"], source, stream)]


async def _surface(connection: Connection, source: Source, services: Services) -> Surface:
    connected = await read_connected(connection, source.slug)
    zone = connected.time_zone if connected else "UTC"
    return Surface(services.clock.now(), source.currency, zone)


def _told_version(saved: SavedMapping) -> Mapping[str, Any]:
    return {
        "number": saved.number, "shipped": saved.shipped, "saved_at": saved.saved_at,
        "saved_by": saved.saved_by, "mapping": msgspec.to_builtins(saved.mapping),
    }  # fmt: skip
