"""Merges, splits and takes back by appending what a person judged to the log; nothing is overwritten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from regard.access.load_roles import role_of
from regard.access.principal import Principal
from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.events.envelope import Event, RecordKey
from regard.events.event_catalogue import EventBody
from regard.events.judgement_events import JudgementRecorded, JudgementWithdrawn, Verdict
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.ids import new_id
from regard.views.door_gate import CustomerUnknownError

_queries = NamedQueries(__package__, "stewardship.sql")
_SOURCE, _STREAM = "regard", "judgements"
_LONGEST_REASON = 1_000
_PATIENCE, _PAUSE = 5.0, 0.05
_LATER = timedelta(days=7)

AppendEvents = Callable[[Sequence[Event]], Awaitable[Sequence[str]]]


class JudgementRefusedError(RegardError):
    """The judgement makes no sense for these customers or records."""

    code = "judgement_refused"
    status = 422


class JudgementUnknownError(RegardError):
    """There is no such judgement."""

    code = "judgement_unknown"
    status = 404


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a judgement; `applied` is False when the projector was not there in five seconds."""

    judgement_id: UUID
    customer_id: UUID | None
    applied: bool


class Bench:
    """The data steward's bench."""

    def __init__(self, pool: Pool, clock: Clock, append: AppendEvents) -> None:
        self._pool = pool
        self._clock = clock
        self._append = append

    async def merge(self, principal: Principal, customer_id: UUID, other_id: UUID, reason: str) -> Judged:
        """Judge that two customers are one; raises `JudgementRefusedError` or `CustomerUnknownError`."""
        role_of(principal.role).require("merge")
        one, other = await self._members(customer_id), await self._members(other_id)
        if one["customer_id"] == other["customer_id"]:
            raise JudgementRefusedError("these are one customer already")
        if one["kind"] != other["kind"]:
            raise JudgementRefusedError("a person and an organisation cannot be one customer")
        return await self._judge(principal, "same", one["record_ids"], other["record_ids"], reason)

    async def split(
        self, principal: Principal, customer_id: UUID, records: Sequence[UUID], reason: str
    ) -> Judged:
        """Judge that these records are somebody else than the rest of the customer's."""
        role_of(principal.role).require("merge")
        members = (await self._members(customer_id))["record_ids"]
        leaving = sorted(set(records))
        staying = [record for record in members if record not in leaving]
        if not leaving or not set(leaving) <= set(members):
            raise JudgementRefusedError("name records of this customer, at least one")
        if not staying:
            raise JudgementRefusedError("at least one record must stay with the customer")
        return await self._judge(principal, "different", leaving, staying, reason)

    async def answer(
        self, principal: Principal, pair: tuple[UUID, UUID], verdict: Verdict, reason: str
    ) -> Judged:
        """Settle a doubt of the queue; raises `JudgementRefusedError` when it is none any more.

        About two customers the answer holds for all their records; about two records of one customer it
        holds for these two, and the others go where they fit.
        """
        role_of(principal.role).require("merge")
        row = await self._pool.fetchrow(_queries["read_doubt"], *_ordered(pair))
        if row is None:
            raise JudgementRefusedError("this is settled already; somebody answered or the records changed")
        left, right = [row["left_record"]], [row["right_record"]]
        if not row["together"]:
            left, right = [list((await self._members(one))["record_ids"]) for one in pair]
        return await self._judge(principal, verdict, left, right, reason)

    async def postpone(self, principal: Principal, pair: tuple[UUID, UUID]) -> datetime:
        """Put a doubt off for a week; gives until when. Nothing is decided by it."""
        role_of(principal.role).require("merge")
        until = self._clock.now() + _LATER
        await self._pool.execute(_queries["postpone_doubt"], *_ordered(pair), until, principal.username)
        return until

    async def undo(self, principal: Principal, judgement_id: UUID, reason: str) -> Judged:
        """Take a judgement back: it is as if it had never been made."""
        role_of(principal.role).require("merge")
        row = await self._pool.fetchrow(_queries["read_judgement"], judgement_id)
        if row is None:
            raise JudgementUnknownError("there is no judgement with this id")
        if not row["stands"]:
            raise JudgementRefusedError("this judgement was taken back already")
        body = JudgementWithdrawn(judgement_id, principal.username, _checked(reason))
        await self._write(judgement_id, f"{judgement_id}:withdrawn", body)
        return await self._wait(judgement_id, row["left_records"][0], withdrawn=True)

    async def _judge(
        self, principal: Principal, verdict: Verdict, left: Sequence[UUID], right: Sequence[UUID], reason: str
    ) -> Judged:
        judgement_id = new_id(self._clock.now())
        body = JudgementRecorded(
            judgement_id, verdict, [UUID(str(r)) for r in left], [UUID(str(r)) for r in right],
            principal.username, _checked(reason),
        )  # fmt: skip
        await self._write(judgement_id, str(judgement_id), body)
        return await self._wait(judgement_id, left[0], withdrawn=False)

    async def _write(self, judgement_id: UUID, event_id: str, body: EventBody) -> None:
        now = self._clock.now()
        subject = RecordKey(_SOURCE, _STREAM, str(judgement_id))
        await self._append([Event(_SOURCE, event_id, subject, now, now, now, body)])

    async def _wait(self, judgement_id: UUID, record_id: UUID, *, withdrawn: bool) -> Judged:
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        applied = False
        while not applied and loop.time() < until:
            applied = await self._pool.fetchval(_queries["is_applied"], judgement_id, withdrawn)
            if not applied:
                await asyncio.sleep(_PAUSE)
        customer_id = await self._pool.fetchval(_queries["read_customer_of"], record_id)
        return Judged(judgement_id, customer_id, applied)

    async def _members(self, customer_id: UUID) -> asyncpg.Record:
        row = await self._pool.fetchrow(_queries["read_members"], customer_id)
        if row is None:
            raise CustomerUnknownError
        return row


def _ordered(pair: tuple[UUID, UUID]) -> list[UUID]:
    return sorted(pair, key=lambda record: record.int)


def _checked(reason: str) -> str:
    if len(reason) > _LONGEST_REASON:
        raise JudgementRefusedError(f"a reason has at most {_LONGEST_REASON} characters")
    return reason.strip()
