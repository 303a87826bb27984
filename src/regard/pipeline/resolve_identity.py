"""Keeps the resolver's memory and the membership mapping in step with the records and judgements."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import Event
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn
from regard.identity.derive_ties import derive_ties
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord, Judgement, MembershipChange
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import identifiers
from regard.identity.note_doubts import Doubt
from regard.identity.write_model import named_by_content
from regard.pipeline.follow_models import Stage
from regard.pipeline.write_outcome import Outcome, write_doubts
from regard.records.fold_record import SourceRecord
from regard.records.read_records import read_all_records, read_records_of
from regard.sources.manage_sources import read_countries

_queries = NamedQueries(__package__, "pipeline.sql")
_LOADED_AT_ONCE = 5_000
_DIGITS = 9
_BREATH = 1.0
"""Seconds between two looks up from a long computation."""


@dataclass(slots=True)
class Judged:
    """The judgements of a batch, as the index takes them."""

    made: list[Judgement] = field(default_factory=list)
    withdrawn: list[UUID] = field(default_factory=list)
    about: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    """The records that each of them is about, the withdrawn ones too."""


class Resolver:
    """Decides which records are one customer, from an index in memory that mirrors the database.

    After a failed transaction the memory is ahead of the database and must be loaded anew.
    """

    def __init__(self, model: MatchModel) -> None:
        self.shipped = self._model = named_by_content(model)
        self._index = IdentityIndex(model)
        self._hubs: frozenset[str] = frozenset()
        self._sure: dict[UUID, float] = {}
        self._countries: Mapping[str, str] = {}
        self.uncommitted = False
        self.progress: tuple[Stage, int] = ("done", 0)
        """How far `load` is, and how many records it has read."""

    def decide_by(self, chosen: MatchModel | None) -> None:
        """Take these weights from the next `load` on; None: those that came with the program."""
        self._model = chosen or self.shipped

    async def load(self, connection: Connection, breathe: Callable[[], Awaitable[None]]) -> None:
        """Rebuild the memory from the kept records and the judgements that stand.

        Takes a while with many records; `breathe` is awaited now and then.
        """
        self._index = IdentityIndex(self._model)
        self.progress = "reading", 0
        waiting: list[IdentityRecord] = []
        rows = await connection.fetch(_queries["read_source_countries"])
        self._countries = {row["source"]: row["country"] for row in rows}
        async with connection.transaction():
            async for record in read_all_records(connection):
                waiting.append(self.look_at(record))
                if len(waiting) >= _LOADED_AT_ONCE:
                    self._index.gather(waiting)
                    self.progress = "reading", self.progress[1] + len(waiting)
                    waiting = []
                    await breathe()
        self.progress = "deciding", self.progress[1] + len(waiting)
        standing = await _standing(connection)
        deciding = asyncio.create_task(asyncio.to_thread(self._index.apply, waiting, [], standing, []))
        while not deciding.done():
            await asyncio.wait({deciding}, timeout=_BREATH)
            await breathe()
        await deciding
        self.uncommitted = False

    def look_at(self, record: SourceRecord) -> IdentityRecord:
        """A source record as it is compared here."""
        return identity_record(record, self._countries)

    def country_of(self, source: str) -> str:
        """The country that the records of a source are read with; empty when it has none."""
        return self._countries.get(source, "")

    async def sources_that_moved(self, connection: Connection) -> list[str]:
        """The sources whose country is not the one that their records were read with."""
        return _differing(self._countries, await read_countries(connection))

    async def follow_countries(self, connection: Connection) -> list[IdentityRecord]:
        """Take the countries of sources as they are now; the records that mean something else by it."""
        now = await read_countries(connection)
        moved = _differing(self._countries, now)
        if not moved:
            return []
        self._countries = now
        self.uncommitted = True
        await connection.execute(_queries["drop_source_countries"])
        await connection.execute(_queries["write_source_countries"], list(now), list(now.values()))
        return [self.look_at(record) for record in (await read_records_of(connection, moved)).values()]

    def __len__(self) -> int:
        return len(self._index)

    @property
    def model_version(self) -> str:
        """The version of the weights that decide."""
        return self._model.version

    def customer_of(self, record_id: UUID) -> UUID | None:
        """The customer a record belongs to."""
        return self._index.customer_of(record_id)

    def members(self, customer_id: UUID) -> Sequence[UUID]:
        """The records of a customer; empty when the id names none any more."""
        return list(self._index.members(customer_id))

    def decide(
        self,
        records: Sequence[IdentityRecord],
        judged: Judged,
        gone: Collection[UUID] = (),
        fresh: Collection[UUID] = (),
    ) -> Outcome:
        """Take changed records, vanished ones and judgements into the memory; pure computing, no database.

        `fresh`: the records that nobody heard of before.

        `uncommitted` then says that the memory is ahead, until the caller's commit takes it back.
        """
        self.uncommitted = self.uncommitted or bool(
            records or judged.made or judged.withdrawn or gone
        )
        moves = self._index.apply(records, sorted(gone), judged.made, judged.withdrawn)
        return self.outcome(moves, records, gone, fresh)

    def outcome(
        self,
        moves: Sequence[MembershipChange],
        records: Sequence[IdentityRecord] = (),
        gone: Collection[UUID] = (),
        fresh: Collection[UUID] = (),
    ) -> Outcome:
        """What has to be written now that these records changed hands; takes it for written from here on."""
        found = [
            (record, known)
            for record in records
            if (known := self._index.features_of(record.record_id)) is not None
        ]
        settled, doubts = self._index.changed_doubts()
        hubs = frozenset(self._index.hub_keys())
        before, self._hubs = self._hubs, hubs
        return Outcome(
            moves=moves,
            fresh=fresh,
            gone=gone,
            identifiers=[
                (one.value, one.type, one.authority, record.record_id)
                for record, known in found
                for one in identifiers(record, known=known)
            ],
            ties={record.record_id: derive_ties(known) for record, known in found} | dict.fromkeys(gone, ()),
            hubs=None if hubs == before else hubs,
            settled=settled,
            doubts=doubts,
        )

    def sure_of(self, customer_id: UUID) -> float:
        """How sure it is that the records of a customer are one, 0 to 1."""
        return self._sure.get(customer_id, 1.0)

    def changed_confidences(self) -> list[UUID]:
        """The customers of whom it is more or less sure than at the last call that they are one."""
        changed = []
        for customer_id in self._index.reviewed():
            sure = round(self._index.confidence(customer_id), _DIGITS)
            if sure != self._sure.get(customer_id, 1.0):
                self._sure[customer_id] = sure
                changed.append(customer_id)
        return changed

    async def differences(self, connection: Connection) -> list[MembershipChange]:
        """Whose customer is not the one that is written: other weights or rules decide than did before.

        Takes what is written of hubs, doubts and confidences into account from here on.
        """
        moves = []
        async for row in connection.cursor(_queries["read_memberships"], prefetch=5_000):
            record_id, before = row["record_id"], row["customer_id"]
            after = self._index.customer_of(record_id)
            if after != before:
                moves.append(MembershipChange(record_id, before, after))
        self._hubs = frozenset(row["key"] for row in await connection.fetch(_queries["read_hubs"]))
        rows = await connection.fetch(_queries["read_confidences"])
        self._sure = {row["customer_id"]: row["confidence"] for row in rows}
        written = {_doubt(row) for row in await connection.fetch(_queries["read_doubts"])}
        now = set(self._index.doubts())
        self._index.changed_doubts()
        pairs = {(doubt.left, doubt.right) for doubt in now}
        gone = [(doubt.left, doubt.right) for doubt in written if (doubt.left, doubt.right) not in pairs]
        await write_doubts(connection, gone, sorted(now - written))
        return sorted(moves, key=lambda move: move.record_id.int)


def identity_record(record: SourceRecord, countries: Mapping[str, str]) -> IdentityRecord:
    """What the identity room needs of a source record; a deleted record keeps who it was."""
    return IdentityRecord(
        record_id=record.record_id,
        kind=record.kind,
        source=record.key.source,
        stream=record.key.stream,
        external_id=record.key.external_id,
        first_seen=record.first_seen,
        fields=record.known_fields(),
        country=countries.get(record.key.source, ""),
    )


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted({source for source, _ in one.items() ^ other.items()})


async def apply_judgements(connection: Connection, events: Iterable[Event]) -> Judged:
    """Keep judgements and withdrawals; gives those that now stand and those that do not."""
    touched: list[UUID] = []
    for event in events:
        body = event.body
        if isinstance(body, JudgementRecorded):
            await connection.execute(
                _queries["record_judgement"], body.judgement_id, body.verdict, body.left, body.right,
                body.by, event.occurred_at, body.reason,
            )  # fmt: skip
        elif isinstance(body, JudgementWithdrawn):
            await connection.execute(
                _queries["withdraw_judgement"], body.judgement_id, body.by, event.occurred_at, body.reason
            )
        else:
            continue
        touched.append(body.judgement_id)
    if not touched:
        return Judged()
    rows = await connection.fetch(_queries["read_judgements"], touched)
    made = [_judgement(row) for row in rows if row["stands"]]
    standing = {judgement.judgement_id for judgement in made}
    about = {row["judgement_id"]: frozenset((*row["left_records"], *row["right_records"])) for row in rows}
    return Judged(made, [one for one in touched if one not in standing], about)


async def _standing(connection: Connection) -> list[Judgement]:
    return [_judgement(row) for row in await connection.fetch(_queries["read_standing_judgements"])]


def _doubt(row: asyncpg.Record) -> Doubt:
    return Doubt(row["left_record"], row["right_record"], row["bits"], row["together"], row["reason"])


def _judgement(row: asyncpg.Record) -> Judgement:
    return Judgement(
        row["judgement_id"], row["verdict"], tuple(row["left_records"]), tuple(row["right_records"]),
        row["made_by"],
    )  # fmt: skip
