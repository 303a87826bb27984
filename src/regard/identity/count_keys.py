"""Who carries which key, and which keys too many carry: a pure function of the nodes."""

from collections.abc import Callable, Iterable, Iterator

from regard.identity.block_records import BlockKey, is_identifier

KeysOf = Callable[[int], Iterable[BlockKey]]


class KeyIndex:
    """Carriers of blocking keys. Nodes are small whole numbers whose keys ``keys_of`` tells.

    A key more than ``cap`` nodes carry (an identifier: more than ``identifier_cap``, which is not smaller) is
    a *hub*: it gives no candidates; its carriers are found under the refined key instead, and when that is
    crowded too, not through this key at all. ``settle`` must follow changes: it says whose candidates may
    have changed although the node itself did not.
    """

    def __init__(self, cap: int, identifier_cap: int, keys_of: KeysOf) -> None:
        self._cap = cap
        self._identifier_cap = identifier_cap
        self._keys_of = keys_of
        self._carriers: dict[str, int | list[int] | set[int]] = {}
        self._refined: dict[str, set[int]] = {}
        self._touched: set[str] = set()
        self._crossed: set[str] = set()
        self.hubs: set[str] = set()
        self.identifier_hubs: set[str] = set()
        """Those of the hubs that are identifiers: of the others no evidence is made."""

    def add(self, node: int) -> None:
        """``node`` is new."""
        for key, refinement in self._keys_of(node):
            count = self._put(key, node)
            if key in self.hubs:
                self._put_refined(key, refinement, node)
            elif count > self._cap and count > self._most(key):
                self._touched.add(key)

    def remove(self, node: int) -> None:
        """``node`` goes; its keys must still be told."""
        for key, refinement in self._keys_of(node):
            count = self._drop(key, node)
            if key in self.hubs:
                self._drop_refined(key, refinement, node)
                if count <= self._most(key):
                    self._touched.add(key)

    def settle(self) -> set[int]:
        """Make hubs of crowded keys and keys of thinned hubs; the nodes whose candidates that may change."""
        changed: set[int] = set()
        for key in self._touched:
            crowded = len(self.carriers(key)) > self._most(key)
            if crowded == (key in self.hubs):
                continue
            change = self._put_refined if crowded else self._drop_refined
            for node in self.carriers(key):
                change(key, next(found[1] for found in self._keys_of(node) if found[0] == key), node)
            changed.update(self.carriers(key))
            for hubs in (self.hubs, self.identifier_hubs) if is_identifier(key) else (self.hubs,):
                (hubs.add if crowded else hubs.discard)(key)
        for refined in self._crossed:
            changed.update(self._refined.get(refined, ()))
        self._touched.clear()
        self._crossed.clear()
        return changed

    def carriers(self, key: str) -> "tuple[int, ...] | list[int] | set[int]":
        """The nodes that carry ``key``."""
        found = self._carriers.get(key, ())
        return (found,) if isinstance(found, int) else found

    def candidates(self, node: int) -> Iterator[int]:
        """The nodes worth comparing with ``node``, itself included, some more than once."""
        for key, refinement in self._keys_of(node):
            if key not in self.hubs:
                yield from self.carriers(key)
            elif refinement:
                group = self._refined.get(f"{key}~{refinement}", ())
                if len(group) <= self._cap:
                    yield from group

    def _most(self, key: str) -> int:
        return self._identifier_cap if is_identifier(key) else self._cap

    def _put(self, key: str, node: int) -> int:
        held = self._carriers.get(key)
        if held is None:
            self._carriers[key] = node
            return 1
        if isinstance(held, int):
            self._carriers[key] = [held, node]
            return 2
        if isinstance(held, set):
            held.add(node)
            return len(held)
        held.append(node)
        if len(held) > self._cap:
            self._carriers[key] = set(held)
        return len(held)

    def _drop(self, key: str, node: int) -> int:
        held = self._carriers[key]
        if isinstance(held, int):
            del self._carriers[key]
            return 0
        held.remove(node)
        if len(held) == 1:
            self._carriers[key] = next(iter(held))
        return len(held)

    def _put_refined(self, key: str, refinement: str, node: int) -> None:
        if refinement:
            refined = f"{key}~{refinement}"
            group = self._refined.setdefault(refined, set())
            group.add(node)
            if len(group) == self._cap + 1:
                self._crossed.add(refined)

    def _drop_refined(self, key: str, refinement: str, node: int) -> None:
        if refinement:
            refined = f"{key}~{refinement}"
            group = self._refined[refined]
            group.discard(node)
            if len(group) == self._cap:
                self._crossed.add(refined)
            if not group:
                del self._refined[refined]
