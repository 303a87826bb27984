"""Appends events to the log: each once, sealed, in contiguous numbers, durable when this returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.eventlog.seal_bodies import Keyring, seal
from regard.events.envelope import Event, RecordKey
from regard.events.event_catalogue import encode_body
from regard.events.interaction_events import InteractionDeleted, InteractionStated
from regard.events.model_events import ModelChosen
from regard.events.raw_events import RawReceived, raw_object_id
from regard.events.record_events import RecordDeleted, RecordPatched, RecordUpserted
from regard.events.withdrawal_events import StatementWithdrawn

PARTITIONS = 16
_queries = NamedQueries(__package__, "eventlog.sql")

Outcome = Literal["stored", "duplicate", "unchanged", "conflict"]
_ABOUT_OBJECTS = (
    RecordUpserted, RecordPatched, RecordDeleted, InteractionStated, InteractionDeleted, StatementWithdrawn,
)  # fmt: skip


@dataclass(slots=True)
class _Draft:
    """One event on its way into the log."""

    index: int
    event: Event
    body: bytes
    digest: bytes
    event_id: str = ""
    position: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of each event of a batch, and the subject keys that were made for it.

    `positions` are partition and number of the stored ones, None for the others.
    """

    outcomes: list[Outcome]
    fresh_keys: dict[UUID, AESGCM]
    positions: list[tuple[int, int] | None]


def partition_of(subject: UUID) -> int:
    """The partition of a source record, fixed for life."""
    return subject.int % PARTITIONS


def object_id_of(event: Event) -> UUID:
    """The id of the record, interaction, judgement or choice that the event is about."""
    body = event.body
    if isinstance(body, _ABOUT_OBJECTS):
        return RecordKey(event.source, body.stream, body.external_id).record_id
    if isinstance(body, RawReceived):
        return raw_object_id(event.source, body.stream, body.external_id)
    if isinstance(body, ModelChosen):
        return event.subject.record_id
    return body.judgement_id


async def append_events(connection: Connection, keyring: Keyring, events: Sequence[Event]) -> list[Outcome]:
    """Append a batch in one transaction (or in the caller's) and say of each event what became of it.

    `stored`: new. `duplicate`: the source's event id was taken before with the same content.
    `unchanged`: the object's last content was the same. `conflict`: the id was taken before with
    other content; the caller keeps it in quarantine.
    """
    own_transaction = not connection.is_in_transaction()
    appended = await append_within(connection, keyring, events)
    if own_transaction:
        # Only once their rows are committed: sealing under a rolled-back key would lose data.
        keyring.remember(appended.fresh_keys)
    return appended.outcomes


async def append_within(
    connection: Connection,
    keyring: Keyring,
    events: Sequence[Event],
    follows: Sequence[int | None] | None = None,
) -> Appended:
    """Like `append_events`, as a part of the caller's transaction.

    `follows` gives for an event the index of the one it follows from: it is stored only if that one
    is new, and shares its outcome otherwise. After the commit the caller hands `fresh_keys` to
    `Keyring.remember`.
    """
    outcomes: list[Outcome] = ["stored"] * len(events)
    drafts = [_draft(index, event, keyring) for index, event in enumerate(events)]
    leader_of: list[int | None] = [None] * len(events) if follows is None else list(follows)
    async with connection.transaction():
        fresh = await _take_event_keys(
            connection, [draft for draft in drafts if leader_of[draft.index] is None], outcomes
        )
        followers = _followers_of_stored(drafts, leader_of, outcomes)
        if followers:
            fresh += await _take_event_keys(connection, followers, outcomes)
            fresh.sort(key=lambda draft: draft.index)
        fresh = await _drop_unchanged(connection, fresh, outcomes)
        made = await _store(connection, keyring, fresh) if fresh else {}
    return Appended(outcomes, made, [draft.position for draft in drafts])


def _followers_of_stored(
    drafts: list[_Draft], leader_of: list[int | None], outcomes: list[Outcome]
) -> list[_Draft]:
    followers = []
    for draft in drafts:
        leader = leader_of[draft.index]
        if leader is not None:
            outcomes[draft.index] = outcomes[leader]
            if outcomes[leader] == "stored":
                followers.append(draft)
    return followers


def _draft(index: int, event: Event, keyring: Keyring) -> _Draft:
    body = encode_body(event.body)
    return _Draft(index, event, body, content_digest(event, body, keyring), event.event_id or "")


def content_digest(event: Event, body: bytes, keyring: Keyring) -> bytes:
    """What tells whether an event says the same as another; `body` is its encoded body."""
    if event.event_id is not None and not event.compare_content:
        return keyring.digest(body)
    # The times a source states are part of what it says: the same content stated later may win over what
    # lay between. The time of receipt was not said.
    said = [body]
    if isinstance(event.body, InteractionStated) and event.occurred_at != event.received_at:
        said.append(event.occurred_at.isoformat().encode())
    if event.stated_at is not None:
        said.append(b"stated " + event.stated_at.isoformat().encode())
    return keyring.digest(b"\n".join(said))


async def _take_event_keys(
    connection: Connection, drafts: list[_Draft], outcomes: list[Outcome]
) -> list[_Draft]:
    named: dict[tuple[str, str], _Draft] = {}
    repeated: list[_Draft] = []
    for draft in drafts:
        if not draft.event_id:
            continue
        first = named.setdefault((draft.event.source, draft.event_id), draft)
        if first is not draft:
            repeated.append(draft)
    if not named:
        return drafts
    sources = [source for source, _ in named]
    ids = [event_id for _, event_id in named]
    rows = await connection.fetch(
        _queries["take_event_keys"], sources, ids, [draft.digest for draft in named.values()]
    )
    taken = {(row["source"], row["event_id"]) for row in rows}
    known = {key: draft.digest for key, draft in named.items() if key in taken}
    repeated += [draft for key, draft in named.items() if key not in taken]
    if len(taken) < len(named):
        rows = await connection.fetch(_queries["read_event_keys"], sources, ids)
        known |= {(row["source"], row["event_id"]): row["digest"] for row in rows}
    for draft in repeated:
        same = known[(draft.event.source, draft.event_id)] == draft.digest
        outcomes[draft.index] = "duplicate" if same else "conflict"
    gone = {draft.index for draft in repeated}
    return [draft for draft in drafts if draft.index not in gone]


async def _drop_unchanged(
    connection: Connection, drafts: list[_Draft], outcomes: list[Outcome]
) -> list[_Draft]:
    waiting = [draft for draft in drafts if not draft.event_id or draft.event.compare_content]
    while waiting:
        # One round per repetition of an object within the batch, so that A, B, A stays A, B, A.
        this_round: dict[UUID, _Draft] = {}
        later: list[_Draft] = []
        for draft in waiting:
            object_id = object_id_of(draft.event)
            if this_round.setdefault(object_id, draft) is not draft:
                later.append(draft)
        rows = await connection.fetch(
            _queries["move_content_heads"], list(this_round), [draft.digest for draft in this_round.values()]
        )
        revisions = {row["object_id"]: row["revision"] for row in rows}
        for object_id, draft in this_round.items():
            if object_id not in revisions:
                outcomes[draft.index] = "unchanged"
            elif not draft.event_id:
                draft.event_id = f"~{object_id.hex}:{revisions[object_id]}"
        waiting = later
    return [draft for draft in drafts if outcomes[draft.index] == "stored"]


async def _store(connection: Connection, keyring: Keyring, drafts: list[_Draft]) -> dict[UUID, AESGCM]:
    subjects = [draft.event.subject.record_id for draft in drafts]
    keys, made = await ensure_subject_keys(connection, keyring, set(subjects))
    parts = sorted({partition_of(subject) for subject in subjects})
    heads: dict[int, int] = {
        row["part"]: row["seq"] for row in await connection.fetch(_queries["lock_heads"], parts)
    }
    columns: list[list[object]] = [[] for _ in range(13)]
    for draft, subject in zip(drafts, subjects, strict=True):
        event, part = draft.event, partition_of(subject)
        heads[part] += 1
        draft.position = (part, heads[part])
        sealed = seal(keys[subject], draft.body, subject.bytes)
        row = (
            part, heads[part], event.source, draft.event_id, event.type, subject,
            event.subject.source, event.subject.stream, event.subject.external_id,
            event.occurred_at, event.stated_at, event.received_at, sealed,
        )  # fmt: skip
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    await connection.execute(_queries["insert_events"], *columns)
    await connection.execute(_queries["move_heads"], list(heads), list(heads.values()))
    await connection.execute(_queries["wake_readers"])
    return made


async def ensure_subject_keys(
    connection: Connection, keyring: Keyring, subjects: set[UUID]
) -> tuple[dict[UUID, AESGCM], dict[UUID, AESGCM]]:
    """The keys of all the subjects, made where there is none; the second part is new to the keyring."""
    keys = {subject: key for subject in subjects if (key := keyring.remembered(subject))}
    missing = [subject for subject in subjects if subject not in keys]
    if not missing:
        return keys, {}
    wrapped = [keyring.new_wrapped_key(subject) for subject in missing]
    await connection.execute(_queries["add_subject_keys"], missing, wrapped)
    rows = await connection.fetch(_queries["read_subject_keys"], missing)
    read = {row["subject"]: keyring.unwrap(row["subject"], row["wrapped"]) for row in rows}
    return keys | read, read
