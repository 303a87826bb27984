"""Asks the identity room why the records of a customer are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.identity.compare_customers import Asked, Comparison, compare_customers
from regard.identity.explain_identity import Explanation, explain
from regard.identity.explain_pair import JoinExplained, explain_pair
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.keep_models import ModelShelf, shipped_model
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import features
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_records
from regard.sources.manage_sources import read_countries

_queries = NamedQueries(__package__, "views.sql")
_HUBS_KEPT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Explained:
    """The explanation, and the records it is about as they are now."""

    explanation: Explanation
    records: dict[UUID, SourceRecord]


@dataclass(frozen=True, slots=True)
class ExplainedPair:
    """The evidence between two records, and the records as they are now."""

    left: SourceRecord
    right: SourceRecord
    pair: JoinExplained


@dataclass(frozen=True, slots=True)
class Compared:
    """Two records, what speaks for and against their being one customer, and whose records they are now."""

    left: SourceRecord
    right: SourceRecord
    left_customer: UUID
    right_customer: UUID
    left_records: int
    right_records: int
    comparison: Comparison


class Explainer:
    """Explains customers."""

    def __init__(self, pool: Pool, models: ModelShelf) -> None:
        self._pool = pool
        self._models = models
        self._model: MatchModel = shipped_model()
        self._hubs: frozenset[str] = frozenset()
        self._hubs_at: datetime | None = None
        self._countries: Mapping[str, str] = {}

    async def explain(self, record_ids: Sequence[UUID], now: datetime) -> Explained:
        """The whole explanation of the customer made of these records."""
        records, judgements, hubs = await self._read(record_ids, now)
        found = explain(_identity_records(records, self._countries), judgements, self._model, hubs)
        return Explained(found, records)

    async def explain_pairs(
        self, pairs: Sequence[tuple[UUID, UUID]], now: datetime
    ) -> dict[tuple[UUID, UUID], ExplainedPair]:
        """The evidence between each two records; pairs of records that are gone are left out."""
        hubs = await self._read_hubs(now)
        async with self._pool.acquire() as connection:
            records = await read_records(connection, {one for pair in pairs for one in pair})
        known = {one.record_id: one for one in _identity_records(records, self._countries)}
        looked = {
            record_id: (record, features(record, self._model.default_country))
            for record_id, record in known.items()
        }
        return {
            (left, right): ExplainedPair(
                records[left], records[right], explain_pair(looked[left], looked[right], self._model, hubs)
            )
            for left, right in pairs
            if left in looked and right in looked
        }

    async def compare(self, left: UUID, right: UUID, now: datetime) -> Compared | None:
        """Why two records are one customer or not; None when either is unknown.

        The id of a customer stands for its oldest record.
        """
        async with self._pool.acquire() as connection:
            one = await connection.fetchrow(_queries["read_members"], left)
            two = await connection.fetchrow(_queries["read_members"], right)
        if one is None or two is None:
            return None
        mine, theirs = list(one["record_ids"]), list(two["record_ids"])
        records, judgements, hubs = await self._read([*mine, *theirs], now)
        known = {found.record_id: found for found in _identity_records(records, self._countries)}
        sides = [
            sorted((known[record] for record in ids if record in known), key=_age) for ids in (mine, theirs)
        ]
        if not all(sides):
            return None
        left, right = (
            wanted if wanted in known else side[0].record_id
            for wanted, side in zip((left, right), sides, strict=True)
        )
        asked = Asked(left, right, sides[0], sides[1], one["customer_id"] == two["customer_id"])
        found = compare_customers(asked, judgements, self._model, hubs)
        return Compared(
            records[left], records[right], one["customer_id"], two["customer_id"],
            len(sides[0]), len(sides[1]), found,
        )  # fmt: skip

    async def _read(
        self, record_ids: Sequence[UUID], now: datetime
    ) -> tuple[dict[UUID, SourceRecord], list[Judgement], frozenset[str]]:
        async with self._pool.acquire() as connection:
            records = await read_records(connection, record_ids)
            rows = await connection.fetch(_queries["read_standing_judgements"], list(record_ids))
        judgements = [
            Judgement(
                row["judgement_id"], row["verdict"], tuple(row["left_records"]), tuple(row["right_records"]),
                row["made_by"],
            )
            for row in rows
        ]
        return records, judgements, await self._read_hubs(now)

    async def _read_hubs(self, now: datetime) -> frozenset[str]:
        """The hubs; countries and weights are read anew with them."""
        if self._hubs_at is None or not timedelta() <= now - self._hubs_at < _HUBS_KEPT:
            async with self._pool.acquire() as connection:
                self._hubs = frozenset(row["key"] for row in await connection.fetch(_queries["read_hubs"]))
                self._countries = await read_countries(connection)
                self._model = await self._models.deciding(connection)
            self._hubs_at = now
        return self._hubs


def _age(record: IdentityRecord) -> tuple[datetime, UUID]:
    return record.first_seen, record.record_id


def _identity_records(
    records: dict[UUID, SourceRecord], countries: Mapping[str, str]
) -> list[IdentityRecord]:
    return [
        IdentityRecord(
            record.record_id,
            record.kind,
            record.key.source,
            record.key.stream,
            record.key.external_id,
            record.first_seen,
            record.known_fields(),
            countries.get(record.key.source, ""),
        )
        for record in records.values()
    ]
