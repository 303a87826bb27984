"""Keeps the edges of nodes in step: who is like whom, found by keys and compared as much as it takes."""

from collections.abc import Collection

from regard.identity.count_keys import KeyIndex
from regard.identity.find_pieces import PieceFinder
from regard.identity.hold_features import FeatureTable
from regard.identity.hold_records import RecordStore
from regard.identity.remember_said import SaidMemory
from regard.identity.score_in_bulk import BulkScorer
from regard.identity.screen_candidates import CandidateScreen

_MANY = 200  # nodes, from which on it is quicker to compare them column by column


class EdgeKeeper:
    """Finds the edges of nodes that are new, or whose candidates may have changed, and hands them on."""

    def __init__(
        self, store: RecordStore, table: FeatureTable, keys: KeyIndex, pieces: PieceFinder, loose: float
    ) -> None:
        self._store = store
        self._table = table
        self._keys = keys
        self._pieces = pieces
        self._loose = loose
        self._screen = CandidateScreen(table)
        self.said = SaidMemory(table, store)

    def find(self, nodes: set[int]) -> None:
        """The edges of ``nodes`` anew. A node that would not even match itself has none."""
        store = self._store
        for node in store.dead:
            self._pieces.set_edges(node, {})
        for node in nodes:
            self._set_inert(node)
        if len(nodes) >= _MANY:
            self._find_many([node for node in nodes if node not in store.inert])
            for node in nodes & store.inert:
                self._pieces.set_edges(node, {})
            return
        done: set[int] = set()
        for node in nodes:
            self._pieces.set_edges(node, {} if node in store.inert else self._edges(node, done))
            done.add(node)

    def _find_many(self, nodes: Collection[int]) -> None:
        """The same for many nodes at once: first loads, and the memory made anew at start."""
        inert, candidates = self._store.inert, self._keys.candidates
        hubs = self._keys.identifier_hubs
        self.said.keep_to(hubs)
        scorer = BulkScorer(self._store.rows, self._table, hubs, self._loose, self.said.note_pair)
        found = scorer.find_edges(
            nodes, lambda node: [other for other in candidates(node) if other not in inert]
        )
        for node, edges in found.items():
            self._pieces.set_edges(node, edges)

    def _set_inert(self, node: int) -> None:
        store = self._store
        row = store.rows[node]
        inert = node not in store.judged and self._table.score(row, row, self._keys.identifier_hubs) < 0
        if inert != (node in store.inert):
            store.regrouped.add(node)
            (store.inert.add if inert else store.inert.discard)(node)

    def _edges(self, node: int, done: set[int]) -> dict[int, float]:
        rows, inert, known = self._store.rows, self._store.inert, self._pieces.bits
        edges: dict[int, float] = {}
        others: list[int] = []
        for other in set(self._keys.candidates(node)):
            if other in done:
                if (bits := known(node, other)) is not None:
                    edges[other] = bits
            elif other != node and other not in inert:
                others.append(other)
        if others:
            hubs, row = self._keys.identifier_hubs, rows[node]
            found = self._screen.edges(row, [(other, rows[other]) for other in others], hubs, self._loose)
            score = self._table.scorers[row[0]].score
            edges |= {other: score(pattern) for other, pattern in found.items()}
            self.said.note(node, found, hubs)
        return edges
