"""Many records at once, from nowhere but memory, into customers: the face of the room for whole files."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

from regard.identity.cluster_in_bulk import Clustered, Nodes, cluster_nodes, follow_devices
from regard.identity.collect_records import RecordCollection
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import MatchModel, default_model
from regard.identity.normalise_fields import NormalisedRecord
from regard.identity.train_model import train_model
from regard.identity.write_model import named_by_content

Mode = Literal["batch", "stream"]
Tell = Callable[[str, int, int], None]
"""Told how far a stage is: its name, how much is done, of how much."""
_AT_ONCE = 100
"""Records a micro-batch of the stream holds, as in the live path."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who among the records added.

    ``customer``: for each record, in the order of adding, the position of a record that stands for its
    customer. ``stages``: CPU seconds by stage. ``counts``: how many records, nodes (different records),
    pairs compared, hubs, customers there were. ``held_back``: pairs of customers left apart because it was
    not clear.
    """

    customer: list[int]
    stages: dict[str, float]
    counts: dict[str, int]
    model: MatchModel
    held_back: int


class RecordResolver:
    """Takes records one after the other and resolves them at the end; both modes give the same customers.

    ``batch`` works on all records together, ``stream`` in micro-batches in the order of adding, as the live
    path does. Without a ``model`` one is learnt from all the records first. Two records added under one
    ``record_id`` must be equal. ``tell`` hears of the progress.
    """

    def __init__(self, mode: Mode, *, model: MatchModel | None = None, tell: Tell | None = None) -> None:
        self._given = model
        self._mode = mode
        self._tell: Tell = tell or _nobody
        self._collection = RecordCollection(model or default_model())
        self._waiting: list[NormalisedRecord] = []
        self._spent: dict[str, float] = {"normalise": 0.0}
        self._counts: dict[str, int] = {}

    def add(self, record: IdentityRecord) -> None:
        """Take one record in."""
        found = self._collection.add(record)
        if self._mode == "stream":
            self._waiting.append(NormalisedRecord(record.record_id, record.first_seen, found))

    def resolve(self) -> Resolution:
        """The customers of all records added."""
        watch = _Watch(self._spent)
        nodes = Nodes(self._collection)
        watch.note("prepare")
        model = self._given or self._learn(nodes)
        watch.note("train")
        if self._mode == "stream":
            customer = self._stream(model)
        else:
            met = nodes.meetings(model.limits)
            clustered = cluster_nodes(nodes, met, model, self._tell)
            customer = self._customers(nodes, clustered, met.hubs)
            self._counts |= {"pairs": clustered.pairs, "hubs": met.crowded}
        watch.note("solve")
        self._counts |= {
            "records": self._collection.count_records(),
            "nodes": len(nodes),
            "customers": len(set(customer)),
        }
        return Resolution(customer, self._spent, self._counts, model, 0)

    def _learn(self, nodes: Nodes) -> MatchModel:
        shipped = default_model()
        if len(nodes) < _LEAST_TO_LEARN:
            return shipped
        learnt = train_model(nodes, shipped, self._tell)
        return named_by_content(learnt, f"{shipped.version}-learnt")

    def _stream(self, model: MatchModel) -> list[int]:
        index = IdentityIndex(model)
        for at in range(0, len(self._waiting), _AT_ONCE):
            self._tell("solve", at, len(self._waiting))
            index.apply(self._waiting[at : at + _AT_ONCE], (), (), ())
        position = {record.record_id: at for at, record in enumerate(self._waiting)}
        self._counts["hubs"] = len(index.hub_keys())
        found = (index.customer_of(record.record_id) for record in self._waiting)
        return [position[customer] for customer in found if customer]

    def _customers(self, nodes: Nodes, clustered: Clustered, hubs: frozenset[str]) -> list[int]:
        """For each record the first record of its customer; visitors follow the owner of their device."""
        follows = follow_devices(nodes, clustered, hubs, self._collection.visitors)
        orders = self._collection.orders()
        first: dict[Hashable, int] = {}
        customer = []
        for at, node in enumerate(nodes.node.tolist()):
            belongs: Hashable
            if node < 0:
                belongs = follows[at]
            elif clustered.inert[node]:
                belongs = tuple(orders[at].tolist())
            else:
                belongs = int(clustered.cluster[node])
            customer.append(first.setdefault(belongs, at))
        return customer


_LEAST_TO_LEARN = 50
"""Different records; fewer teach nothing that the shipped weights do not know better."""


def _nobody(stage: str, done: int, total: int) -> None:
    """Hears of the progress and tells nobody."""


class _Watch:
    """Notes the CPU seconds since the last note."""

    def __init__(self, spent: dict[str, float]) -> None:
        self._spent = spent
        self._last = time.process_time()

    def note(self, stage: str) -> None:
        now = time.process_time()
        self._spent[stage] = self._spent.get(stage, 0.0) + now - self._last
        self._last = now
