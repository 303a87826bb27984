"""Column by column as one by one: the same nodes carry the same keys, and meet the same others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from regard.identity.block_records import blocking_keys, is_identifier
from regard.identity.count_keys import KeyIndex
from regard.identity.hold_features import FeatureTable
from regard.identity.identity_record import IdentityRecord
from regard.identity.key_in_bulk import key_columns
from regard.identity.match_model import default_model
from regard.identity.normalise_fields import features
from regard.identity.pair_in_bulk import Runs, find_candidates
from tests.identity.make_records import firm, person
from tests.identity.test_identity_laws import LAW, TIGHT, some

PEOPLE = st.fixed_dictionaries(
    {
        "given_name": some("Bill", "Robert", "Anna", "Al", "A."),
        "family_name": some("Schmidt", "Robert", "Smith", "Bill", "Smith Robert", "van der Smith"),
        "birth_date": some("1980-05-07", "05/07/1980", "07/05/1980", "1980"),
        "email": some("anna.b@firm.example", ["anna@firm.example", "ann@firm.example"], "a@gmail.com"),
        "phone": some("+4915112345678", ["+493012345678", "030 1234567"]),
        "street": some("Ringweg 1", "Ringweg"),
        "city": some("Berlin", "Bernburg", "Bernau"),
        "postcode": some("10115", "10117"),
        "government_id": some("123-45-6789"),
        "handle": some("x:anna"),
        "user_id": some("7"),
        "device_id": some("d1", ["d1", "d2"]),
    }
)
FIRMS = st.fixed_dictionaries(
    {
        "name": some("Acme Trading GmbH", "Trading Acme", "Acme"),
        "domain": some("acme.example"),
        "email": some("info@acme.example"),
        "tax_id": some("DE123456789"),
        "city": some("Berlin"),
        "postcode": some("10115"),
    }
)


def _given(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}


RECORDS = st.lists(
    st.one_of(PEOPLE.map(lambda fields: ("person", fields)), FIRMS.map(lambda fields: ("firm", fields))),
    min_size=1,
    max_size=14,
).map(
    lambda found: [
        (person if kind == "person" else firm)(str(at), **_given(fields))
        for at, (kind, fields) in enumerate(found)
    ]
)


def groups(carried: Iterable[tuple[int, Hashable]]) -> Counter[tuple[int, ...]]:
    """The nodes of every key."""
    nodes: dict[Hashable, list[int]] = defaultdict(list)
    for node, key in carried:
        nodes[key].append(node)
    return Counter(tuple(sorted(found)) for found in nodes.values())


@LAW
@given(RECORDS)
def test_the_same_nodes_carry_the_same_keys(records: list[IdentityRecord]) -> None:
    table = FeatureTable(default_model())
    found = [features(one) for one in records]
    rows = np.array([table.row(one) for one in found], dtype=np.int32)
    keys = [(node, key) for node, one in enumerate(found) for key in blocking_keys(one)]
    columns = list(key_columns(table, rows))
    bulk = [
        (int(node), (sort, int(key)), (sort, int(refined)))
        for sort, column in enumerate(columns)
        for node, key, refined in zip(column.node, column.keys, column.refined, strict=True)
    ]
    assert groups((node, key) for node, key, _ in bulk) == groups((node, key[0]) for node, key in keys)
    assert groups((node, refined) for node, _, refined in bulk if refined[1]) == groups(
        (node, key) for node, key in keys if key[1]
    )
    weighty = Counter(int(key) for column in columns if column.weighty for key in column.keys)
    assert weighty == Counter(hash(key[0]) for _, key in keys if is_identifier(key[0]))


@LAW
@given(RECORDS)
def test_the_same_nodes_meet(records: list[IdentityRecord]) -> None:
    limits = TIGHT.limits
    table = FeatureTable(default_model())
    found = [features(one) for one in records]
    rows = np.array([table.row(one) for one in found], dtype=np.int32)
    index = KeyIndex(limits.key_records, limits.identifier_records, lambda node: blocking_keys(found[node]))
    for node in range(len(found)):
        index.add(node)
    index.settle()
    singly = {(one, two) for one in range(len(found)) for two in index.candidates(one) if one < two}
    candidates = find_candidates(key_columns(table, rows), limits)
    assert pairs(candidates.runs) == sorted(singly)
    assert candidates.crowded == len(index.hubs)


RUNS = st.lists(st.sets(st.integers(0, 12), min_size=2, max_size=6), max_size=8)


def runs_of(sets: list[set[int]]) -> Runs:
    node = [one for run in sets for one in sorted(run)]
    after = [len(run) - 1 - at for run in sets for at in range(len(run))]
    return Runs(np.array(node, dtype=np.int32), np.array(after, dtype=np.int32))


def pairs(runs: Runs, room: int = 1_000) -> list[tuple[int, int]]:
    return [pair for one, two in runs.slices(room) for pair in zip(one.tolist(), two.tolist(), strict=True)]


@LAW
@given(RUNS, st.integers(1, 9), st.sets(st.integers(0, 12)))
def test_pairs_made_a_slice_at_a_time_are_those_of_all_runs(
    sets: list[set[int]], room: int, chosen: set[int]
) -> None:
    wanted = sorted({(one, two) for run in sets for one in run for two in run if one < two})
    runs = runs_of(sets)
    assert pairs(runs) == wanted
    flags = np.isin(np.arange(13), list(chosen))
    assert pairs(runs.among(flags)) == [pair for pair in wanted if chosen.issuperset(pair)]
    near = pairs(runs.with_any(flags))
    assert [pair for pair in near if not chosen.isdisjoint(pair)] == [
        pair for pair in wanted if not chosen.isdisjoint(pair)
    ]
    assert pairs(runs, room) == wanted
