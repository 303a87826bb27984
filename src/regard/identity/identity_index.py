"""The identity of all records in memory: any order and batching give the same customers."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from uuid import UUID

from regard.identity.block_records import BlockKey, blocking_keys
from regard.identity.count_keys import KeyIndex
from regard.identity.find_pieces import Piece, PieceFinder
from regard.identity.hold_features import FeatureTable
from regard.identity.hold_records import ASIDE, RecordStore, slots_of
from regard.identity.identity_record import IdentityRecord, Judgement, MembershipChange, Verdict
from regard.identity.keep_edges import EdgeKeeper
from regard.identity.match_model import MatchModel
from regard.identity.measure_confidence import Member, Scales, Visitor, confidence_of
from regard.identity.name_customers import Cluster, CustomerBook
from regard.identity.normalise_fields import Features, NormalisedRecord, features
from regard.identity.note_doubts import Doubt, DoubtBook, Pair
from regard.identity.solve_piece import solve_said
from regard.identity.weigh_judgements import weigh_judgements

_KEYS_KEPT = 10_000
"""New nodes in one step, up to which their keys are held from the adding to the looking up."""


class IdentityIndex:
    """Customers as a pure function of (records, judgements, model), kept up to date change by change.

    Records that cannot be told apart share a *node*; web visitors known by a device alone are kept outside
    and follow the one customer that carries their device. Everything else: candidates by keys, edges,
    pieces, solved pieces. Not safe for two threads at once.
    """

    def __init__(self, model: MatchModel) -> None:
        self._model = model
        limits = model.limits
        self._table = FeatureTable(model)
        self._store = RecordStore(self._table)
        self._keys = KeyIndex(limits.key_records, limits.identifier_records, self._keys_of)
        self._pieces = PieceFinder(limits.loose, limits.bar_step, limits.piece_records)
        self._edges = EdgeKeeper(self._store, self._table, self._keys, self._pieces, limits.loose)
        self._book = CustomerBook(self._store, self._keys)
        self._doubts = DoubtBook(self._store, self._table, self._verdict_of)
        self._reviewed: set[int] = set()
        self._gathering = False
        self._fresh_keys: dict[int, tuple[BlockKey, ...]] = {}
        self._weakest: dict[Cluster, float] = {}
        self._judgements: dict[UUID, Judgement] = {}
        self._touching: dict[UUID, set[UUID]] = {}
        self._chains: dict[UUID, list[tuple[int, int]]] = {}

    def gather(self, records: Iterable[IdentityRecord]) -> None:
        """Take records in without deciding yet: the next `apply` decides on all of them together."""
        self._begin()
        for record in records:
            self._put(record)

    def apply(
        self,
        upserts: Sequence[IdentityRecord | NormalisedRecord],
        removals: Sequence[UUID],
        judged: Sequence[Judgement],
        withdrawn: Sequence[UUID],
    ) -> list[MembershipChange]:
        """Take changes in (removals before upserts) and say whose customer changed, sorted by record.

        Unknown removals and withdrawals do nothing. Applying many at once costs less than one by one.
        """
        store = self._store
        self._begin()
        self._gathering = False
        affected = self._take_judgements(judged, withdrawn)
        for record_id in removals:
            store.take(record_id)
            affected.update(self._touching.get(record_id, ()))
        for record in upserts:
            affected.update(self._put(record))
        self._relink(affected)
        for node in store.dead - store.born:
            self._keys.remove(node)
        for node in store.born - store.dead:
            self._keys.add(node)
        rescore = (self._keys.settle() | store.born) - store.dead
        self._edges.find(rescore)
        pieces = self._pieces.refresh((rescore | store.regrouped) - store.dead, store.dead)
        self._doubts.forget([*store.dead, *(node for piece in pieces for node in piece)])
        for piece in pieces:
            clusters = self._solve(piece)
            self._book.set_clusters(clusters)
            self._doubts.review(piece, clusters, self._pieces.edges, self._keys.identifier_hubs)
        self._fresh_keys.clear()
        changes = self._book.commit()
        self._reviewed.update(self._book.formed)
        self._reviewed.update(store.members_of(node)[0] for piece in pieces for node in piece)
        return changes

    def changed_doubts(self) -> tuple[list[Pair], list[Doubt]]:
        """Since the last call: pairs of records no longer in doubt, and doubts that are new or different."""
        return self._doubts.changes()

    def doubts(self) -> list[Doubt]:
        """Every pair of records on which it is close."""
        return sorted(self._doubts.all())

    def members(self, customer_id: UUID) -> tuple[UUID, ...]:
        """The records of the customer of that id, oldest first; empty when no customer has that id now."""
        slot = self._store.slot_of.get(customer_id)
        if slot is None or self._book.customer(slot) != slot:
            return ()
        return tuple(self._store.slots[member].record_id for member in self._book.group(slot))

    def customer_of(self, record_id: UUID) -> UUID | None:
        """The customer a record belongs to; None for an unknown record."""
        slot = self._store.slot_of.get(record_id)
        return None if slot is None else self._store.slots[self._book.customer(slot)].record_id

    def reviewed(self) -> set[UUID]:
        """The customers that were decided on since the last call, whether anything changed or not."""
        store = self._store
        found = {store.slots[self._book.customer(slot)].record_id for slot in self._reviewed}
        self._reviewed = set()
        return {customer for customer in found if customer in store.slot_of}

    def confidence(self, customer_id: UUID) -> float:
        """How sure it is that the records of a customer are one, 0 to 1: what `explain` tells too."""
        store = self._store
        slot = store.slot_of.get(customer_id)
        group = self._book.group(slot) if slot is not None else []
        if len(group) < 2:
            return 1.0
        nodes = {store.node[one] for one in group} - {ASIDE}
        members = [self._member(node) for node in sorted(nodes, key=store.order_of)]
        aside = sorted(
            (one for one in group if one in store.visitors), key=lambda one: store.slots[one].order
        )
        visitors = [Visitor(self._table.row(store.features_at(one)), store.visitors[one]) for one in aside]
        judged = {
            found
            for node in nodes & store.judged
            for found in self._touching[store.slots[store.members_of(node)[0]].record_id]
        }
        scales = Scales(self._model, self._table, self._keys.identifier_hubs, self._edges.said)
        judgements = [self._judgements[found] for found in sorted(judged)]
        weakest = None if judgements else self._weakest.get(tuple(sorted(nodes)))
        return confidence_of(members, visitors, judgements, scales, weakest)

    def features_of(self, record_id: UUID) -> Features | None:
        """The normalised fields of a record; None for an unknown one."""
        slot = self._store.slot_of.get(record_id)
        return None if slot is None else self._store.features_at(slot)

    def hub_keys(self) -> frozenset[str]:
        """The keys too many records carry: no candidates by them alone, and no evidence from them."""
        return frozenset(self._keys.hubs)

    def __len__(self) -> int:
        return len(self._store.slot_of)

    def _member(self, node: int) -> Member:
        slots = (self._store.slots[slot] for slot in self._store.members_of(node))
        records = tuple(slot.record_id for slot in sorted(slots, key=lambda slot: slot.order))
        devices = self._store.features_of(node).devices
        return Member(records, self._store.rows[node], devices, node)

    def _begin(self) -> None:
        if not self._gathering:
            self._store.begin()
            self._weakest.clear()
        self._gathering = True

    def _put(self, record: IdentityRecord | NormalisedRecord) -> set[UUID]:
        """Add or replace a record; the judgements about it."""
        touching = self._touching.get(record.record_id, set())
        if isinstance(record, NormalisedRecord):
            found = record.features
        else:
            found = features(record, self._model.default_country)
        self._store.put(record.record_id, record.first_seen, found, judged=bool(touching))
        return touching

    def _verdict_of(self, one: UUID, two: UUID) -> Verdict | None:
        """The verdict of the highest judgement that says anything of these two records."""
        none: set[UUID] = set()
        touching = self._touching.get(one, none) & self._touching.get(two, none)
        found = (self._judgements[judgement_id] for judgement_id in touching)
        for judgement in sorted(found, key=lambda judgement: judgement.rank, reverse=True):
            if judgement.verdict == "same" or (one in judgement.left) != (two in judgement.left):
                return judgement.verdict
        return None

    def _keys_of(self, node: int) -> tuple[BlockKey, ...]:
        """Worked out once for a new node, which is added and looked up in the same step."""
        found = self._fresh_keys.get(node)
        if found is None:
            found = blocking_keys(self._store.features_of(node))
            if node in self._store.born and len(self._fresh_keys) < _KEYS_KEPT:
                self._fresh_keys[node] = found
        return found

    def _take_judgements(self, judged: Iterable[Judgement], withdrawn: Iterable[UUID]) -> set[UUID]:
        """The ids of the judgements that changed; their records get or give up a node of their own."""
        changed: set[UUID] = set()
        records: set[UUID] = set()
        for judgement_id in withdrawn:
            records.update(self._forget(judgement_id))
            changed.add(judgement_id)
        for judgement in judged:
            records.update(self._forget(judgement.judgement_id))
            self._judgements[judgement.judgement_id] = judgement
            about = {*judgement.left, *judgement.right}
            for record_id in about:
                self._touching.setdefault(record_id, set()).add(judgement.judgement_id)
            records |= about
            changed.add(judgement.judgement_id)
        for record_id in records:
            touching = self._touching.get(record_id, ())
            changed.update(touching)
            self._store.rejudge(record_id, judged=bool(touching))
        return changed

    def _forget(self, judgement_id: UUID) -> set[UUID]:
        """Drop a judgement; the records it was about."""
        old = self._judgements.pop(judgement_id, None)
        about = {*old.left, *old.right} if old else set()
        for record_id in about:
            touching = self._touching[record_id]
            touching.discard(judgement_id)
            if not touching:
                del self._touching[record_id]
        return about

    def _relink(self, judgement_ids: Iterable[UUID]) -> None:
        """Tie the records of each 'same' judgement together, to meet in one piece; kinds never mix."""
        for judgement_id in judgement_ids:
            for one, two in self._chains.pop(judgement_id, ()):
                self._pieces.link(one, two, -1)
            judgement = self._judgements.get(judgement_id)
            if judgement is None or judgement.verdict != "same":
                continue
            slots = slots_of((*judgement.left, *judgement.right), self._store)
            chain: list[tuple[int, int]] = []
            for kind in ("person", "organisation"):
                nodes = [self._store.node[slot] for slot in slots if self._store.kind_of(slot) == kind]
                chain += pairwise(nodes)
            for one, two in chain:
                self._pieces.link(one, two, 1)
            if chain:
                self._chains[judgement_id] = chain

    def _solve(self, piece: Piece) -> list[Cluster]:
        store = self._store
        if len(piece) == 1:
            return [piece]
        nodes = sorted(piece, key=store.order_of)
        judged = {
            store.slots[store.members_of(node)[0]].record_id: at
            for at, node in enumerate(nodes)
            if node in store.judged
        }
        if not judged and len(nodes) == 2:
            bits = self._pieces.bits(nodes[0], nodes[1])
            if bits is None or bits < 0:
                return [(nodes[0],), (nodes[1],)]
            return [self._joined(nodes, bits)]
        constraints = None
        if judged:
            concerned = {found for record_id in judged for found in self._touching[record_id]}
            constraints = weigh_judgements((self._judgements[found] for found in concerned), judged)
        said = self._edges.said.of_pairs(nodes, self._keys.identifier_hubs)
        scorer = self._table.scorers[store.rows[nodes[0]][0]]
        solution = solve_said(len(nodes), said, scorer, self._model.limits, constraints)
        if not judged and len(solution.groups) == 1:
            return [self._joined(nodes, solution.weakest)]
        return [tuple(sorted(nodes[at] for at in group)) for group in solution.groups]

    def _joined(self, nodes: Iterable[int], weakest: float) -> Cluster:
        """The cluster of a whole piece; its weakest join is kept for whoever asks how sure it is."""
        cluster = tuple(sorted(nodes))
        self._weakest[cluster] = weakest
        return cluster
