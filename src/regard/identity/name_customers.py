"""Groups of records named by the oldest. Visitors follow the one customer that has their device."""

from collections.abc import Collection, Iterable
from uuid import UUID

from regard.identity.count_keys import KeyIndex
from regard.identity.hold_records import ASIDE, RecordStore
from regard.identity.identity_record import MembershipChange

Cluster = tuple[int, ...]


class CustomerBook:
    """Which slots are one customer, named by its oldest record."""

    def __init__(self, store: RecordStore, keys: KeyIndex) -> None:
        self._store = store
        self._keys = keys
        self._cluster: dict[int, Cluster] = {}
        self._oldest: dict[int, int] = {}
        self._groups: dict[int, list[int]] = {}
        self.formed: set[int] = set()
        """The slots whose groups the last commit formed anew, changed or not."""

    def set_clusters(self, clusters: Iterable[Cluster]) -> None:
        """These nodes are together now, each cluster sorted; nodes not named stay as they are."""
        for cluster in clusters:
            for node in cluster:
                if self._cluster.get(node, (node,)) != cluster:
                    self._store.regrouped.add(node)
                    if len(cluster) > 1:
                        self._cluster[node] = cluster
                    else:
                        self._cluster.pop(node, None)

    def customer(self, slot: int) -> int:
        """The slot that names the customer of ``slot``."""
        return self._oldest.get(slot, slot)

    def group(self, slot: int) -> list[int]:
        """The slots of the customer of ``slot``."""
        return self._groups.get(self.customer(slot)) or [slot]

    def commit(self) -> list[MembershipChange]:
        """Form the groups anew wherever something changed; whose customer differs, sorted by record."""
        store = self._store
        for node in store.dead:
            self._cluster.pop(node, None)
        slots = self._affected()
        before = {slot: self.customer(slot) for slot in slots}
        fresh = store.born_slots
        for slot in slots:
            self._groups.pop(before[slot], None)
            self._oldest.pop(slot, None)
        self.formed = slots - store.left
        self._form(self.formed)
        changes = self._changes(before, fresh)
        store.end()
        return changes

    def _affected(self) -> set[int]:
        store = self._store
        slots = set(store.arrived)
        devices = set(store.devices)
        for node in (store.regrouped | store.born) - store.dead:
            slots.update(store.members_of(node))
            devices.update(store.features_of(node).devices)
        for slot in store.arrived:
            devices.update(store.visitors.get(slot, ()))
        for device in devices:
            slots.update(store.visitors_by_device.get(device, ()))
        for slot in list(slots):
            owner = self._owner(store.visitors[slot]) if slot in store.visitors else None
            for node in owner or ():
                slots.update(store.members_of(node))
        for slot in list(slots):
            slots.update(self.group(slot))
        return slots

    def _form(self, slots: Collection[int]) -> None:
        groups: dict[object, list[int]] = {}
        for slot in slots:
            groups.setdefault(self._belongs(slot), []).append(slot)
        for group in groups.values():
            if len(group) > 1:
                group.sort(key=self._store.slots.__getitem__)
                self._groups[group[0]] = group
                for slot in group[1:]:
                    self._oldest[slot] = group[0]

    def _belongs(self, slot: int) -> object:
        """What all slots of one customer have in common."""
        node = self._store.node[slot]
        if node != ASIDE:
            return slot if node in self._store.inert else self._cluster.get(node, (node,))
        devices = self._store.visitors[slot]
        return self._owner(devices) or devices

    def _owner(self, devices: Cluster | tuple[str, ...]) -> Cluster | None:
        """The one cluster that carries a visitor's devices; None when nobody or several do."""
        found: set[Cluster] = set()
        for device in devices:
            if device in self._keys.hubs:
                return None
            found.update(
                self._cluster.get(node, (node,))
                for node in self._keys.carriers(str(device))
                if node not in self._store.inert
            )
            if len(found) > 1:
                return None
        return found.pop() if found else None

    def _changes(self, before: dict[int, int], fresh: set[int]) -> list[MembershipChange]:
        store = self._store
        was: dict[UUID, UUID | None] = {}
        for slot, customer in before.items():
            record_id = store.slots[slot].record_id
            if slot not in fresh:
                was[record_id] = store.slots[customer].record_id
            else:
                was.setdefault(record_id, None)
        changes = []
        for record_id, old in was.items():
            here = store.slot_of.get(record_id)
            new = None if here is None else store.slots[self.customer(here)].record_id
            if new != old:
                changes.append(MembershipChange(record_id, old, new))
        return sorted(changes, key=lambda change: change.record_id.int)
