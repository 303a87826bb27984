"""Many records at once, from nowhere but memory, into customers: the face of the room for whole files."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel, default_model

Mode = Literal["batch", "stream"]
Tell = Callable[[str, int, int], None]
"""Told how far a stage is: its name, how much is done, of how much."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who among the records added.

    ``customer``: for each record, in the order of adding, the position of the record that stands for its
    customer. ``stages``: CPU seconds by stage. ``counts``: how many records, hubs, customers … there were.
    ``held_back``: pairs of customers left apart because it was not clear.
    """

    customer: list[int]
    stages: dict[str, float]
    counts: dict[str, int]
    model: MatchModel
    held_back: int


class RecordResolver:
    """Takes records one after the other and resolves them at the end; both modes give the same customers.

    ``batch`` works on all records together, ``stream`` record by record as they are added. Two records added
    under one ``record_id`` must be equal. ``tell`` hears of the progress.
    """

    def __init__(self, mode: Mode, *, model: MatchModel | None = None, tell: Tell | None = None) -> None:
        self._model = model or default_model()
        self._index = IdentityIndex(self._model)
        self._mode = mode
        self._tell = tell
        self._waiting: list[IdentityRecord] = []
        self._ids: list[UUID] = []
        self._position: dict[UUID, int] = {}

    def add(self, record: IdentityRecord) -> None:
        """Take one record in."""
        self._position.setdefault(record.record_id, len(self._ids))
        self._ids.append(record.record_id)
        if self._mode == "stream":
            self._index.apply([record], (), (), ())
        else:
            self._waiting.append(record)

    def resolve(self) -> Resolution:
        """The customers of all records added."""
        began = time.process_time()
        if self._tell:
            self._tell("solve", 0, len(self._ids))
        self._index.apply(self._waiting, (), (), ())
        self._waiting.clear()
        customer = [self._stands_for(record_id) for record_id in self._ids]
        if self._tell:
            self._tell("solve", len(self._ids), len(self._ids))
        counts = {
            "records": len(self._position),
            "hubs": len(self._index.hub_keys()),
            "customers": len(set(customer)),
        }
        return Resolution(customer, {"solve": time.process_time() - began}, counts, self._model, 0)

    def _stands_for(self, record_id: UUID) -> int:
        customer = self._index.customer_of(record_id)
        assert customer is not None  # every id asked for was added
        return self._position[customer]
