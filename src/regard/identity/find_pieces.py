"""Pieces: nodes that hang together, kept small by a rising bar. A local, exact function of edges."""

from collections.abc import Iterable, Mapping

Piece = tuple[int, ...]
HIGHEST_BAR = 120.0
_NO_EDGES: Mapping[int, float] = {}
_NO_LINKS: Mapping[int, int] = {}


def bars(loose: float, step: float) -> list[float]:
    """The bars that are tried, lowest first: each exact, however many steps led there."""
    return [loose + step * n for n in range(int((HIGHEST_BAR - loose) / step) + 1)]


class PieceFinder:
    """Edges with their bits, must-links, and the piece of every node.

    The piece of a node is its connected component at the lowest bar (loose, loose + step, ...) at which the
    component holds at most ``cap`` nodes. Whether a component is too large is seen after ``cap + 1`` nodes,
    and a change can only reach the old and the new pieces of the nodes it touches: the cost of an arrival is
    bounded, the result exact. Must-links hold at every bar.
    """

    def __init__(self, loose: float, step: float, cap: int) -> None:
        self._cap = cap
        self._bars = bars(loose, step)
        self._edges: dict[int, dict[int, float]] = {}
        self._links: dict[int, dict[int, int]] = {}
        self._piece: dict[int, Piece] = {}
        self._touched: set[int] = set()

    def set_edges(self, node: int, edges: Mapping[int, float]) -> None:
        """The edges of ``node`` are ``edges`` (other node -> bits) and no others."""
        old = self._edges.get(node, _NO_EDGES)
        for other in old:
            if other not in edges:
                self._cut(other, node)
                self._touched.add(other)
        for other, bits in edges.items():
            if old.get(other) != bits:
                self._edges.setdefault(other, {})[node] = bits
                self._touched.add(other)
        if edges:
            self._edges[node] = dict(edges)
        else:
            self._edges.pop(node, None)
        self._touched.add(node)

    def _cut(self, node: int, other: int) -> None:
        edges = self._edges[node]
        del edges[other]
        if not edges:
            del self._edges[node]

    def link(self, first: int, second: int, count: int) -> None:
        """Add (count 1) or take back (-1) a must-link."""
        for one, two in ((first, second), (second, first)):
            links = self._links.setdefault(one, {})
            links[two] = links.get(two, 0) + count
            if not links[two]:
                del links[two]
            if not links:
                del self._links[one]
            self._touched.add(one)

    def bits(self, first: int, second: int) -> float | None:
        """The edge between two nodes."""
        return self._edges.get(first, _NO_EDGES).get(second)

    def edges(self, node: int) -> Mapping[int, float]:
        """The edges of a node: other node -> bits."""
        return self._edges.get(node, _NO_EDGES)

    def refresh(self, others: Iterable[int], gone: Iterable[int]) -> list[Piece]:
        """The pieces that may have changed (those of ``others`` among them); ``gone`` nodes leave theirs."""
        seeds = self._touched.union(others, gone)
        self._touched = set()
        pool = set(seeds)
        for node in seeds:
            pool.update(self._piece.get(node, ()))
        pool.difference_update(gone)
        for node in (*pool, *gone):
            self._piece.pop(node, None)
        found: list[Piece] = []
        done: set[int] = set()
        for node in pool:
            if node in done:
                continue
            piece = self._find(node)
            found.append(piece)
            if len(piece) > 1:
                done.update(piece)
                for member in piece:
                    self._piece[member] = piece
        return found

    def _find(self, node: int) -> Piece:
        if node not in self._edges and node not in self._links:
            return (node,)
        for bar in self._bars:
            component = self._component(node, bar, self._cap)
            if component:
                return tuple(component)
        return tuple(self._component(node, float("inf"), None))

    def _component(self, node: int, bar: float, cap: int | None) -> list[int]:
        """The nodes reached at ``bar``; none when they are more than ``cap``."""
        seen = {node}
        order = [node]
        for current in order:
            reached = [other for other, bits in self._edges.get(current, _NO_EDGES).items() if bits >= bar]
            for other in (*reached, *self._links.get(current, _NO_LINKS)):
                if other not in seen:
                    seen.add(other)
                    order.append(other)
            if cap is not None and len(order) > cap:
                return []
        return order
