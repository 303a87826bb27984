"""The records in memory: equal ones share a node, web visitors known by a device alone are kept aside."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from regard.identity.hold_features import FeatureTable, Row
from regard.identity.identity_record import Kind
from regard.identity.normalise_fields import Features

MOST_PAST = 100_000
"""So many nodes that are no more may leave values behind."""
ASIDE = -1
"""The node of a slot whose record is a visitor or gone."""


class Slot(NamedTuple):
    """What names a customer: oldest record first, ties by id."""

    first_seen: datetime
    order: int
    record_id: UUID


class RecordStore:
    """Slots (small numbers) of records, nodes of equal features, visitors by device; and what changed since
    ``begin``.

    A record a person has judged has a node of its own, so that a judgement is about that record and no other.
    """

    def __init__(self, table: FeatureTable) -> None:
        self._table = table
        self.slots: list[Slot] = []
        self.node: list[int] = []
        self.slot_of: dict[UUID, int] = {}
        self.visitors: dict[int, tuple[str, ...]] = {}
        self.visitors_by_device: dict[str, list[int]] = {}
        self.inert: set[int] = set()
        self.judged: set[int] = set()
        self.rows: list[Row] = []
        self.births: list[int] = []
        """Of each node how many were made before it: its number may have been another node's, this not."""
        self._born = 0
        self._features: list[Features] = []
        self._members: list[list[int]] = []
        self._shared: dict[Features, int] = {}
        self._free_slots: list[int] = []
        self._free_nodes: list[int] = []
        self._made = 0
        self.begin()

    def begin(self) -> None:
        """Forget what changed; numbers given up before may be used again from now on."""
        self.born: set[int] = set()
        self.dead: set[int] = set()
        self.regrouped: set[int] = set()
        self.arrived: set[int] = set()
        self.left: set[int] = set()
        self.devices: set[str] = set()
        self.born_slots: set[int] = set()

    def end(self) -> None:
        """The change is over: give the numbers of what is gone free.

        The table keeps the values of nodes that are no more, too: once they outweigh the others, all rows
        are made anew.
        """
        self._free_slots += sorted(self.left)
        self._free_nodes += sorted(self.dead)
        if self._made > 2 * (len(self.rows) - len(self._free_nodes)) + MOST_PAST:
            self._renew_rows()

    def features_of(self, node: int) -> Features:
        """The features all records of ``node`` share."""
        return self._features[node]

    def features_at(self, slot: int) -> Features:
        """The features of the record in ``slot``, a visitor's too."""
        node = self.node[slot]
        return Features("person", devices=self.visitors[slot]) if node == ASIDE else self._features[node]

    def members_of(self, node: int) -> list[int]:
        """The slots of ``node``."""
        return self._members[node]

    def order_of(self, node: int) -> int:
        """The canonical order of nodes: their smallest record id."""
        members = self._members[node]
        return (
            self.slots[members[0]].order
            if len(members) == 1
            else min(self.slots[slot].order for slot in members)
        )

    def kind_of(self, slot: int) -> Kind:
        """Person or organisation; a visitor is a person."""
        return "person" if self.node[slot] == ASIDE else self._features[self.node[slot]].kind

    def put(self, record_id: UUID, first_seen: datetime, found: Features, *, judged: bool) -> int | None:
        """Add or replace a record; the slot, or None when nothing changed."""
        slot = self.slot_of.get(record_id)
        if slot is None:
            slot = self._new_slot(Slot(first_seen, record_id.int, record_id))
            self._attach(slot, found, judged=judged)
            return slot
        renamed = self.slots[slot].first_seen != first_seen
        if renamed:
            self.slots[slot] = Slot(first_seen, record_id.int, record_id)
        if self._unchanged(slot, found, judged=judged):
            if renamed:
                self.arrived.add(slot)
            return slot if renamed else None
        self._detach(slot)
        self._attach(slot, found, judged=judged)
        return slot

    def rejudge(self, record_id: UUID, *, judged: bool) -> None:
        """The record is (no longer) the object of a judgement."""
        slot = self.slot_of.get(record_id)
        if slot is None:
            return
        node = self.node[slot]
        found = self.features_at(slot)
        if node != ASIDE:
            self.regrouped.add(node)
        self.put(record_id, self.slots[slot].first_seen, found, judged=judged)

    def take(self, record_id: UUID) -> int | None:
        """Remove a record; its slot until ``end``, None when unknown."""
        slot = self.slot_of.pop(record_id, None)
        if slot is not None:
            self._detach(slot)
            self.left.add(slot)
        return slot

    def _new_slot(self, slot: Slot) -> int:
        if self._free_slots:
            number = self._free_slots.pop()
            self.slots[number] = slot
        else:
            number = len(self.slots)
            self.slots.append(slot)
            self.node.append(ASIDE)
        self.slot_of[slot.record_id] = number
        self.born_slots.add(number)
        return number

    def _unchanged(self, slot: int, found: Features, *, judged: bool) -> bool:
        node = self.node[slot]
        if node == ASIDE:
            return not judged and found.only_devices and self.visitors[slot] == found.devices
        if judged or node in self.judged:
            return judged and node in self.judged and self._features[node] == found
        return self._shared.get(found) == node

    def _attach(self, slot: int, found: Features, *, judged: bool) -> None:
        self.arrived.add(slot)
        if found.only_devices and not judged:
            self.visitors[slot] = found.devices
            for device in found.devices:
                self.visitors_by_device.setdefault(device, []).append(slot)
            return
        node = ASIDE if judged else self._shared.get(found, ASIDE)
        if node == ASIDE:
            node = self._new_node(found)
            if judged:
                self.judged.add(node)
            else:
                self._shared[found] = node
        self._members[node].append(slot)
        self.node[slot] = node
        self.regrouped.add(node)

    def _renew_rows(self) -> None:
        self._table.forget()
        self._made = 0
        for node, members in enumerate(self._members):
            self.rows[node] = self._row(self._features[node]) if members else ()

    def _row(self, found: Features) -> Row:
        self._made += 1
        return self._table.row(found)

    def _new_node(self, found: Features) -> int:
        if self._free_nodes:
            node = self._free_nodes.pop()
            self._features[node] = found
            self.rows[node] = self._row(found)
            self.births[node] = self._born
        else:
            node = len(self._features)
            self._features.append(found)
            self.rows.append(self._row(found))
            self._members.append([])
            self.births.append(self._born)
        self._born += 1
        self.born.add(node)
        return node

    def _detach(self, slot: int) -> None:
        self.arrived.add(slot)
        node = self.node[slot]
        if node == ASIDE:
            devices = self.visitors.pop(slot)
            self.devices.update(devices)
            for device in devices:
                others = self.visitors_by_device[device]
                others.remove(slot)
                if not others:
                    del self.visitors_by_device[device]
            return
        self.node[slot] = ASIDE
        self._members[node].remove(slot)
        self.regrouped.add(node)
        if not self._members[node]:
            self._bury(node)

    def _bury(self, node: int) -> None:
        found = self._features[node]
        self.devices.update(found.devices)
        if node in self.judged:
            self.judged.discard(node)
        else:
            del self._shared[found]
        self.inert.discard(node)
        self.dead.add(node)


def slots_of(records: Iterable[UUID], store: RecordStore) -> list[int]:
    """The slots of those records that are here, in the order of their ids."""
    found = {slot for record in records if (slot := store.slot_of.get(record)) is not None}
    return sorted(found, key=lambda slot: store.slots[slot].order)
