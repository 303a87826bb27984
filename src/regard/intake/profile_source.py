"""Profiles a source before it is shown: how filled, valid and unique its values are, and whom it knows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.describe_stream_mapping import StreamMapping
from regard.connectors.mapping.map_record import Surface, map_record
from regard.connectors.name_origin import ItemRefusedError
from regard.db.pool import Connection
from regard.events.envelope import RecordKey
from regard.events.record_events import FieldValue
from regard.identity.identity_record import IdentityRecord, Kind
from regard.identity.keep_models import shipped_model
from regard.identity.normalise_fields import identifiers
from regard.identity.resolve_records import RecordResolver
from regard.intake.keep_raw_heads import QUERIES
from regard.quality.judge_values import judge_fields
from regard.quality.value_verdict import REASONS, Judged
from regard.sources.manage_sources import Source

_EXAMPLES = 3
_MOST_PARTIES = 5_000
# Kinds of identifier that say somebody is known; ends of numbers and ids of the source itself do not.
_TELLING = frozenset({"email", "phone", "government_id", "account_id", "user_id"})
Json = dict[str, Any]


@dataclass(slots=True)
class _FieldProfile:
    filled: int = 0
    values: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    worst: list[Judged] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """What the sample shows; `described` is for the door: its examples are customers' data."""

    described: Json


def state_parties(
    mapping: StreamMapping, records: Sequence[RawRecord], source: Source, surface: Surface
) -> list[IdentityRecord]:
    """The persons and organisations that raw records state, one each."""
    found: dict[UUID, IdentityRecord] = {}
    for record in records:
        try:
            items = map_record(mapping, record, surface)
        except ItemRefusedError:
            continue
        for item in items:
            if item.family != "record" or len(found) >= _MOST_PARTIES:
                continue
            key = RecordKey(source.slug, item.stream, item.external_id)
            kind: Kind = "organisation" if item.body["kind"] == "organisation" else "person"
            found[key.record_id] = IdentityRecord(
                key.record_id, kind, source.slug, item.stream, item.external_id, surface.received_at,
                item.body["fields"], source.country or "",
            )  # fmt: skip
    return list(found.values())


async def profile_parties(
    connection: Connection, source: Source, parties: Sequence[IdentityRecord], surface: Surface
) -> SourceProfile:
    """Completeness, validity, uniqueness, duplicates inside, overlap with what is known, worst examples."""
    customers = await asyncio.to_thread(_count_customers, parties)
    known = await _count_known(connection, source, parties)
    kinds = []
    for kind in ("person", "organisation"):
        members = [party for party in parties if party.kind == kind]
        if members:
            kinds.append({
                "kind": kind,
                "records": len(members),
                "fields": [_told(name, one, len(members)) for name, one in _fields(members, surface)],
            })  # fmt: skip
    described = {
        "source": source.slug,
        "records": len(parties),
        "customers": customers,
        "duplicates": len(parties) - customers,
        "known_already": known,
        "kinds": kinds,
    }
    return SourceProfile(described)


def _count_customers(parties: Sequence[IdentityRecord]) -> int:
    """Into how many customers the records fall by the shipped weights."""
    if not parties:
        return 0
    resolver = RecordResolver("batch", model=shipped_model())
    for party in parties:
        resolver.add(party)
    return len(set(resolver.resolve().customer))


async def _count_known(connection: Connection, source: Source, parties: Sequence[IdentityRecord]) -> int:
    """How many of them share a telling identifier with a record of another source."""
    wanted: dict[tuple[str, str, str], set[UUID]] = {}
    for party in parties:
        for one in identifiers(party, party.country):
            if one.type in _TELLING:
                wanted.setdefault((one.value, one.type, one.authority), set()).add(party.record_id)
    if not wanted:
        return 0
    keys = list(wanted)
    rows = await connection.fetch(
        QUERIES["find_known"], source.slug, [key[0] for key in keys], [key[1] for key in keys],
        [key[2] for key in keys],
    )  # fmt: skip
    known: set[UUID] = set()
    for row in rows:
        known |= wanted[row["value"], row["type"], row["authority"]]
    return len(known)


def _fields(parties: Sequence[IdentityRecord], surface: Surface) -> list[tuple[str, _FieldProfile]]:
    profiles: dict[str, _FieldProfile] = {}
    for party in parties:
        fields: Mapping[str, FieldValue] = party.fields
        for name, value in fields.items():
            profile = profiles.setdefault(name, _FieldProfile())
            profile.filled += 1
            profile.values.update(value if isinstance(value, list) else [str(value)])
        for judged in judge_fields(fields, party.country, surface.received_at.date()):
            profile = profiles[judged.field]
            profile.verdicts[judged.verdict] += 1
            if judged.verdict in ("suspect", "invalid"):
                profile.worst.append(judged)
    return sorted(profiles.items(), key=lambda one: -one[1].filled)


def _told(name: str, profile: _FieldProfile, records: int) -> Json:
    total = sum(profile.values.values())
    judged = sum(profile.verdicts.values())
    shared = profile.values.most_common(1)[0][1] if profile.values else 0
    worst = sorted(profile.worst, key=lambda one: one.verdict != "invalid")[:_EXAMPLES]
    return {
        "field": name,
        "filled_share": round(profile.filled / records, 4),
        "valid_share": round((profile.verdicts["ok"] + profile.verdicts["fixed"]) / judged, 4)
        if judged
        else None,
        "verdicts": dict(profile.verdicts),
        "distinct_share": round(len(profile.values) / total, 4) if total else None,
        "most_shared_by": shared,
        "worst": [
            {"value": one.raw, "verdict": one.verdict, "detail": REASONS.get(one.reason)} for one in worst
        ],
    }
