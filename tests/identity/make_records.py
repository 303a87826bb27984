"""Records and indexes for the identity tests, made of plain keyword fields."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import MatchModel, default_model

START = datetime(2025, 1, 1, tzinfo=UTC)


def person(key: str, source: str = "crm", day: int = 0, **fields: object) -> IdentityRecord:
    return record("person", key, source, day, fields)


def firm(key: str, source: str = "crm", day: int = 0, **fields: object) -> IdentityRecord:
    return record("organisation", key, source, day, fields)


def record(kind: str, key: str, source: str, day: int, fields: dict) -> IdentityRecord:
    return IdentityRecord(
        uuid5(NAMESPACE_OID, f"{source}/{kind}/{key}"),
        kind,
        source,
        f"{kind}s",
        key,
        START + timedelta(days=day),
        fields,
    )


def judgement(
    number: int,
    verdict: str,
    left: Sequence[IdentityRecord],
    right: Sequence[IdentityRecord],
    by: str = "",
) -> Judgement:
    sides = (tuple(one.record_id for one in side) for side in (left, right))
    return Judgement(UUID(int=number), verdict, *sides, by)


def index_of(
    *records: IdentityRecord, judged: Sequence[Judgement] = (), model: MatchModel | None = None
) -> IdentityIndex:
    index = IdentityIndex(model or default_model())
    index.apply(records, (), judged, ())
    return index


def same_customer(index: IdentityIndex, *records: IdentityRecord) -> bool:
    return len({index.customer_of(one.record_id) for one in records}) == 1


def together(*records: IdentityRecord) -> bool:
    return same_customer(index_of(*records), *records)


def partition(index: IdentityIndex, records: Sequence[IdentityRecord]) -> dict[UUID, UUID | None]:
    return {one.record_id: index.customer_of(one.record_id) for one in records}
