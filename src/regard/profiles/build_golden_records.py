"""Builds and keeps the golden records of customers whose records or membership changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.profiles.survive_values import Member, Survivorship, golden_record, search_text
from regard.records.fold_record import SourceRecord

_queries = NamedQueries(__package__, "profiles.sql")
# Fields by their names; what is in them is laid out in that order already.
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Profile:
    """The golden record of one customer, as kept."""

    kind: str
    name: str
    search_name: str
    golden: bytes
    record_ids: tuple[UUID, ...]
    confidence: float


def build_profile(records: Sequence[SourceRecord], rules: Survivorship, confidence: float = 1.0) -> Profile:
    """The golden record of the records of one customer; the same in any order.

    `confidence`: how sure it is that the records are one customer, 0 to 1.
    """
    oldest_first = list(records)
    if len(oldest_first) > 1:
        oldest_first.sort(key=lambda r: (r.first_seen, r.record_id))
    living = [record for record in oldest_first if not record.deleted]
    kind = next((r.kind for r in living if r.base_version or r.patches), oldest_first[0].kind)
    members = [Member(kind, record) for record in living]
    golden = golden_record(members, rules)
    return Profile(
        kind=kind,
        name=golden["name"].value if "name" in golden else "",
        search_name=search_text(members),
        golden=_encode(golden),
        record_ids=tuple(record.record_id for record in oldest_first),
        confidence=confidence,
    )


async def write_profiles(
    connection: Connection, profiles: Mapping[UUID, Profile], versions: Mapping[UUID, int]
) -> None:
    """Keep the golden records under their new versions."""
    if not profiles:
        return
    rows = [
        (
            customer_id, p.kind, p.name, p.search_name, p.golden.decode(),
            " ".join([record_id.hex for record_id in p.record_ids]), versions[customer_id], p.confidence,
        )
        for customer_id, p in profiles.items()
    ]  # fmt: skip
    await connection.execute(_queries["write_profiles"], *map(list, zip(*rows, strict=True)))


async def drop_profiles(connection: Connection, customer_ids: Sequence[UUID]) -> None:
    """Drop the golden records of customers that are no more; their ids stay as names of their records."""
    if customer_ids:
        await connection.execute(_queries["drop_profiles"], list(customer_ids))


async def raise_versions(connection: Connection, versions: Mapping[UUID, int]) -> None:
    """Tell that something hanging on these customers changed."""
    if versions:
        await connection.execute(_queries["raise_versions"], list(versions), list(versions.values()))
