"""The blocking keys of many rows at once, as hashes: the same keys as `block_records`, column by column.

A key is what a few values together hash to; each different value is taken apart and hashed once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from regard.identity.block_records import FAMILY_WORDS, LOCAL_LENGTH, PHONE_TAIL, name_code
from regard.identity.hold_features import FeatureTable
from regard.identity.normalise_contacts import is_free_mail
from regard.identity.normalise_names import PersonName

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_FIRST, _NEXT = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(31)
_IDENTIFIERS = "email", "phone", "government_id", "account_id", "handle", "user_id", "device_id"
_IDENTIFIERS_OF_FIRMS = "email", "phone", "tax_id", "account_id", "domain"


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """Keys of one sort: ``node[k]``, ascending, carries ``keys[k]``, each node each key once.

    ``refined``: what stands for a key that too many carry, 0 where nothing does. ``weighty``: the keys are
    identifiers, hashed as they are.
    """

    node: Ints
    keys: Longs
    refined: Longs
    weighty: bool


def key_columns(table: FeatureTable, rows: Ints) -> Iterator[KeyColumn]:
    """All keys of the nodes that ``rows`` are, sort by sort; two sorts have no key in common."""
    organisations = rows[:, 0] == 1
    yield from _Persons(table, rows, np.flatnonzero(~organisations).astype(np.int32)).columns()
    if organisations.any():
        yield from _Organisations(table, rows, np.flatnonzero(organisations).astype(np.int32)).columns()


def _mix(sort: str, *parts: Longs) -> Longs:
    """One hash of several; never 0, which stands for nothing."""
    found = np.full(len(parts[0]), hash(sort) & 0xFFFFFFFFFFFFFFFF, dtype=np.uint64)
    for part in parts:
        found = (found ^ part.view(np.uint64)) * _FIRST
        found ^= found >> _SHIFT
        found = (found + _NEXT) * _NEXT
        found ^= found >> _SHIFT
    mixed: Longs = found.view(np.int64)
    mixed[mixed == 0] = 1
    return mixed


def _hashes(texts: Iterable[str]) -> Longs:
    """Hashes of texts; 0 for the empty one and for no other."""
    return np.array([hash(text) or 1 if text else 0 for text in texts], dtype=np.int64)


def _first_known(one: Longs, two: Longs) -> Longs:
    return np.where(one != 0, one, two)


class _Nodes:
    """Nodes of one kind, and what is read from the values in their columns."""

    def __init__(self, table: FeatureTable, rows: Ints, nodes: Ints) -> None:
        self.nodes = nodes
        self._rows = rows
        self._at = {column.field.name: at for at, column in enumerate(table.columns)}
        self._table = table

    def codes(self, field: str) -> Ints:
        """For each node the code of its value in a field."""
        found: Ints = self._rows[self.nodes, 2 + self._at[field]]
        return found

    def part(self, field: str, read: Callable[[Any], str]) -> Longs:
        """For each node the hash of a part of its value in a field, 0 where that is not known."""
        values = self._table.columns[self._at[field]].values
        found: Longs = _hashes("" if value is None else read(value) for value in values)[self.codes(field)]
        return found

    def column(self, sort: str, parts: Sequence[Longs], refinement: Longs, there: Flags) -> KeyColumn:
        """Keys made of parts, one a node."""
        keys = _mix(sort, *(part[there] for part in parts))
        return KeyColumn(self.nodes[there], keys, _refined(keys, refinement[there]), weighty=False)

    def several(
        self, field: str, keys_of: Callable[[Any], Iterable[str]], refinement: Longs, *, weighty: bool
    ) -> KeyColumn:
        """Keys that the values of a field hold, any number each."""
        values = self._table.columns[self._at[field]].values
        carried = [[] if value is None else list(dict.fromkeys(keys_of(value))) for value in values]
        many = np.array([len(keys) for keys in carried], dtype=np.int64)
        flat = np.array([hash(key) for key in chain.from_iterable(carried)], dtype=np.int64)
        codes = self.codes(field)
        count = many[codes]
        owner = np.repeat(np.arange(len(codes)), count)
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        keys = flat[(np.cumsum(many) - many)[codes[owner]] + nth]
        return KeyColumn(self.nodes[owner], keys, _refined(keys, refinement[owner]), weighty)


class _Persons(_Nodes):
    def __init__(self, table: FeatureTable, rows: Ints, nodes: Ints) -> None:
        super().__init__(table, rows, nodes)
        self._names = rows[nodes, 1]
        self._root = self._of_name(_root)
        self._family = self._of_name(lambda name: name.family)
        self._code = self._of_name(lambda name: name_code(name.family))
        self._who = self._of_name(lambda name: _root(name)[:1] + name_code(name.family))
        self._birth = self.part("birth_date", lambda value: value[0])
        self._year = self.part("birth_date", lambda value: value[0][:4])
        self._city = self.part("address", lambda value: value.city[:6])
        self._postcode = self.part("address", lambda value: value.postcode)

    def _of_name(self, read: Callable[[PersonName], str]) -> Longs:
        found: Longs = _hashes(map(read, self._table.names))[self._names]
        return found

    def columns(self) -> Iterator[KeyColumn]:
        """The columns of `block_records.blocking_keys`."""
        for field in _IDENTIFIERS:
            if self.codes(field).any():
                yield self.several(field, _CARRIED.get(field, _all), self._who, weighty=True)
        yield self.several("phone", _tails, self._who, weighty=False)
        dated = _first_known(self._birth, self._who)
        yield self.several("email", _locals, dated, weighty=False)
        yield self.several("email", _hosts, dated, weighty=False)
        yield self._halves()
        yield from self._names_and_dates()
        yield from self._places()

    def _halves(self) -> KeyColumn:
        """Each half of a name with a birth date: one space of keys, so that swapped columns meet."""
        root, family, birth = self._root, self._family, self._birth
        second = self._of_name(lambda name: name.roots[1] if len(name.roots) > 1 else "")
        other = self.part("birth_date", lambda value: value[1])
        second = np.where(second == root, 0, second)
        last = np.where((family == root) | (family == second), 0, family)
        last_of_other = np.where(family == root, 0, family)
        halves = (root, birth), (second, birth), (last, birth), (root, other), (last_of_other, other)
        there = np.stack([(half != 0) & (date != 0) for half, date in halves], axis=1)
        owner, which = (found.astype(np.int32) for found in np.nonzero(there))
        keys = np.empty(len(owner), dtype=np.int64)
        for at, (half, date) in enumerate(halves):
            mine = which == at
            keys[mine] = _mix("nb", half[owner[mine]], date[owner[mine]])
        return KeyColumn(self.nodes[owner], keys, _refined(keys, self._who[owner]), weighty=False)

    def _names_and_dates(self) -> Iterator[KeyColumn]:
        birth, code = self._birth, self._code
        full = self._of_name(lambda name: "full" if name.family and name.given else "") != 0
        initial = self._of_name(lambda name: _root(name)[:1])
        day = self.part("birth_date", lambda value: value[0][4:])
        place = self.part("address", lambda value: (value.postcode or value.city)[:4])
        city = self.part("address", lambda value: value.city[:5])
        yield self.column("b", (birth,), _first_known(place, self._who), birth != 0)
        yield self.column("ny", (code, self._year, initial), birth, full & (birth != 0))
        yield self.column("nd", (code, day, initial), birth, full & (birth != 0))
        yield self._pairs_of_names(_first_known(birth, city), full)

    def _pairs_of_names(self, refinement: Longs, full: Flags) -> KeyColumn:
        """Given name with the family name, and with each word of a double one, in one space of keys."""
        families = [self._family]
        if any(name.family_parts for name in self._table.names):
            families += [self._of_name(_family_word(at)) for at in range(FAMILY_WORDS)]
        halves = np.stack(families, axis=1)
        there = (halves != 0) & full[:, None]
        for at in range(1, halves.shape[1]):
            there[:, at] &= (halves[:, :at] != halves[:, at : at + 1]).all(axis=1)
        owner = np.nonzero(there)[0]
        root, family = self._root[owner], halves[there]
        keys = _mix("n", np.minimum(root, family), np.maximum(root, family))
        return KeyColumn(self.nodes[owner], keys, _refined(keys, refinement[owner]), weighty=False)

    def _places(self) -> Iterator[KeyColumn]:
        root, code, city, postcode = self._root, self._code, self._city, self._postcode
        street = self.part("address", lambda value: value.street)
        number = self.part("address", lambda value: value.number)
        place = _first_known(postcode, self.part("address", lambda value: value.city))
        yield self.column("s", (street, number, place), self._who, street != 0)
        yield self.column("gs", (root, street), _first_known(self._birth, code), (street != 0) & (root != 0))
        yield self.column("fc", (code, city), _first_known(self._year, root), (city != 0) & (code != 0))
        yield self.column(
            "fp", (code, postcode), _first_known(root, self._birth), (postcode != 0) & (code != 0)
        )
        alone = (root != 0) & (street == 0)
        first = self._of_name(lambda name: name.family[:1])
        begin = self._of_name(lambda name: name.family[:2])
        initials = self._of_name(lambda name: _root(name)[:1] + name.family[:1])
        yield self.column("gp", (root, postcode), first, alone & (postcode != 0))
        yield self.column("ip", (initials, postcode), city, alone & (postcode != 0))
        yield self.column("gc", (root, city), begin, alone & (city != 0))


class _Organisations(_Nodes):
    def columns(self) -> Iterator[KeyColumn]:
        """The columns of `block_records.blocking_keys`."""
        first = self.part("name", lambda value: value.core.partition(" ")[0])
        for field in _IDENTIFIERS_OF_FIRMS:
            yield self.several(field, _CARRIED.get(field, _all), first, weighty=True)
        yield self.several("phone", _tails, first, weighty=False)
        core = self.part("name", lambda value: value.core)
        place = self.part("address", lambda value: value.city[:5])
        postcode = self.part("address", lambda value: value.postcode)
        spelt = self.part("name", lambda value: value.core.replace(" ", ""))
        words = self.part("name", lambda value: " ".join(sorted(value.core.split())[:3]))
        sound = self.part("name", lambda value: ":".join(map(name_code, (*value.core.split(), "")[:2])))
        yield self.column("On", (spelt,), place, core != 0)
        yield self.column("Ot", (words,), place, core != 0)
        yield self.column("Oc", (sound,), place, core != 0)
        yield self.column("Of", (first, postcode), core, (core != 0) & (postcode != 0))


def _family_word(at: int) -> Callable[[PersonName], str]:
    return lambda name: name.family_parts[at] if len(name.family_parts) > at else ""


def _root(name: PersonName) -> str:
    return name.roots[0] if name.roots else ""


def _all(value: tuple[str, ...]) -> Iterable[str]:
    return value


def _listed(value: tuple[tuple[str, ...], object]) -> Iterable[str]:
    return value[0]


def _single(value: str) -> Iterable[str]:
    return (value,)


_CARRIED: dict[str, Callable[[Any], Iterable[str]]] = {
    "email": _listed, "phone": _listed, "user_id": _single,
}  # fmt: skip


def _tails(value: tuple[tuple[str, ...], object]) -> Iterable[str]:
    return (f"pt:{phone[-PHONE_TAIL:]}" for phone in value[0])


def _locals(value: tuple[tuple[str, ...], object]) -> Iterable[str]:
    found = (mail[2:].partition("@")[0] for mail in value[0])
    return (f"l:{local}" for local in found if len(local) >= LOCAL_LENGTH)


def _hosts(value: tuple[tuple[str, ...], object]) -> Iterable[str]:
    found = (mail[2:].partition("@") for mail in value[0])
    return (f"m:{local[:1]}@{host}" for local, _, host in found if not is_free_mail(host))


def _refined(keys: Longs, refinement: Longs) -> Longs:
    found = _mix("~", keys, refinement)
    found[refinement == 0] = 0
    return found
