"""One transaction of the intake: events into the log, refused items into quarantine, traffic counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from regard.db.pool import Connection
from regard.eventlog.append_events import Outcome, append_within
from regard.eventlog.seal_bodies import Keyring
from regard.events.envelope import Event
from regard.intake.keep_quarantine import add_items
from regard.intake.pushed_item import ACCEPTED, DUPLICATE, ItemResult, PushedItem
from regard.kit.errors import RegardError, Terminal
from regard.sources.count_traffic import Tally, count_traffic

_MOST_KNOWN = 200_000


class EventIdConflictError(RegardError, Terminal):
    """The source's event id was taken before, with other content."""

    code = "event_id_conflict"
    status = 409


class KnownFollowers:
    """Event ids of followers that are in the log already, so that they are not offered again and again.

    Only what was committed comes in, and the log forgets no event id, so it is never wrong.
    """

    def __init__(self) -> None:
        self._ids: OrderedDict[tuple[str, str], None] = OrderedDict()

    def __contains__(self, event: Event) -> bool:
        return event.event_id is not None and (event.source, event.event_id) in self._ids

    def add(self, ids: Sequence[tuple[str, str]]) -> None:
        """Remember ids whose transaction is committed."""
        self._ids.update(dict.fromkeys(ids))
        while len(self._ids) > _MOST_KNOWN:
            self._ids.popitem(last=False)


@dataclass(slots=True)
class Committed:
    """What a transaction came to; `fresh_keys` and `followers` are to be remembered after its commit."""

    results: list[ItemResult]
    fresh_keys: dict[UUID, AESGCM] = field(default_factory=dict)
    followers: list[tuple[str, str]] = field(default_factory=list)


async def commit_items(
    connection: Connection, keyring: Keyring, items: Sequence[PushedItem], known: KnownFollowers
) -> Committed:
    """Append the items in the caller's transaction and say what became of each.

    An item counts by its principal event: the others follow from it and are stored only with it.
    """
    events: list[Event] = []
    follows: list[int | None] = []
    principals: list[int | None] = []
    for item in items:
        if item.refusal is not None or not item.events:
            principals.append(None)
            continue
        principal, *others = item.events
        principals.append(len(events))
        events.append(principal)
        follows.append(None)
        fresh = [event for event in others if event not in known]
        follows += [len(events) - 1] * len(fresh)
        events += fresh
    committed = Committed([])
    outcomes: list[Outcome] = []
    if events:
        appended = await append_within(connection, keyring, events, follows)
        outcomes, committed.fresh_keys = appended.outcomes, dict(appended.fresh_keys)
        committed.followers = _committed_followers(events, follows, outcomes)
    refused = _refusals(items, principals, outcomes)
    if refused:
        kept = [(items[index], error) for index, error in refused.items()]
        committed.fresh_keys |= await add_items(connection, keyring, kept)
    committed.results = [
        _result(item, refused.get(index), principals[index], outcomes) for index, item in enumerate(items)
    ]
    await count_traffic(connection, tally_items(items, committed.results))
    return committed


def tally_items(items: Sequence[PushedItem], results: Sequence[ItemResult]) -> dict[str, Tally]:
    """The results counted by source."""
    tallies: dict[str, Tally] = {}
    for item, result in zip(items, results, strict=True):
        tally = tallies.setdefault(item.source, Tally(item.received_at))
        tally.received_at = max(tally.received_at, item.received_at)
        if result.verdict == "accepted":
            tally.accepted += 1
            occurred = item.events[0].occurred_at
            tally.occurred_at = max(tally.occurred_at or occurred, occurred)
        elif result.verdict == "duplicate":
            tally.duplicate += 1
        else:
            tally.rejected += 1
    return tallies


def refusal_of(item: PushedItem, outcome: Outcome | None) -> RegardError | None:
    """Why the item is not accepted: refused before, or in conflict with what the log holds."""
    if outcome == "conflict":
        return EventIdConflictError(
            "An event with this id was received before with other content."
            " If both happened, send this one under an id of its own."
        )
    return item.refusal


def _refusals(
    items: Sequence[PushedItem], principals: Sequence[int | None], outcomes: Sequence[Outcome]
) -> dict[int, RegardError]:
    refused: dict[int, RegardError] = {}
    for index, (item, principal) in enumerate(zip(items, principals, strict=True)):
        error = refusal_of(item, None if principal is None else outcomes[principal])
        if error is not None:
            refused[index] = error
    return refused


def _result(
    item: PushedItem, error: RegardError | None, principal: int | None, outcomes: Sequence[Outcome]
) -> ItemResult:
    if error is not None:
        return ItemResult("rejected", error.code, str(error), item.quarantine_id)
    # An item that states nothing (an empty list of events) is like one that changes nothing.
    return ACCEPTED if principal is not None and outcomes[principal] == "stored" else DUPLICATE


def _committed_followers(
    events: Sequence[Event], follows: Sequence[int | None], outcomes: Sequence[Outcome]
) -> list[tuple[str, str]]:
    ids = []
    for event, leader, outcome in zip(events, follows, outcomes, strict=True):
        if leader is not None and event.event_id is not None and outcome in {"stored", "duplicate"}:
            ids.append((event.source, event.event_id))
    return ids
