"""Follows which weights people choose, and tells how far the worker is with deciding by them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection
from regard.events.envelope import Event
from regard.events.model_events import ModelChosen
from regard.identity.keep_models import ModelShelf, ModelUnknownError
from regard.identity.write_model import digest_of

_queries = NamedQueries(__package__, "models.sql")
Stage = Literal["reading", "deciding", "done"]


async def apply_choices(connection: Connection, shelf: ModelShelf, events: Iterable[Event]) -> bool:
    """Keep the choices among the events; whether there were any.

    Raises `ModelUnknownError` for weights that are not on the shelf, so that the event is parked.
    """
    found = False
    for event in events:
        body = event.body
        if not isinstance(body, ModelChosen):
            continue
        found = True
        if digest_of(await shelf.read(connection, body.version)) != body.digest:
            raise ModelUnknownError(f"the weights {body.version} kept here are not those that were chosen")
        await connection.execute(
            _queries["record_choice"], event.event_id, body.version, body.digest, event.occurred_at, body.by,
            body.reason,
        )  # fmt: skip
    return found


class SwitchTeller:
    """Tells how far a decision on everybody is, for people who wait for it."""

    def __init__(self, version: str, of_records: int) -> None:
        self._version = version
        self._of_records = of_records

    async def tell(
        self, connection: Connection, stage: Stage, records: int, now: datetime, customers: int = 0
    ) -> None:
        """Write down the stage and how many records were read; at the end also who changed."""
        await connection.execute(
            _queries["write_state"], self._version, stage, records, self._of_records, customers, now
        )


async def start_telling(connection: Connection, version: str) -> SwitchTeller:
    """A teller for a decision that is about to begin."""
    return SwitchTeller(version, await connection.fetchval(_queries["count_records"]))
