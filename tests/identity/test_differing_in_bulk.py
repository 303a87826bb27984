"""Whoever plainly differs, seen among very many pairs at once, differs when the two are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.identity.differ_in_bulk import UNCLEAR, find_plain
from regard.identity.evidence_fields import EVIDENCE_FIELDS, generic_field
from regard.identity.hold_features import FeatureTable
from regard.identity.match_model import default_model
from regard.identity.normalise_addresses import Address
from regard.identity.normalise_fields import features
from regard.identity.pack_features import PackedTable
from regard.identity.pack_values import PackedValues, pack, shape_of
from tests.identity.make_records import firm, person

LAW = settings(max_examples=60, deadline=None)
_WORD = st.text(alphabet="abcen", min_size=1, max_size=7) | st.sampled_from(
    ("anna", "ana", "liz", "elizabeth", "bob", "robert", "maximiliane", "x" * 40)
)
_DIGITS = st.text(alphabet="0129", min_size=3, max_size=12)
_DATE = st.sampled_from(
    ("19800203", "19800302", "19810203", "19800000", "19800101", "19990203", "20021231", "19810204")
)
_CODE = _DIGITS | st.sampled_from(("", "1012", "1012ab"))
_HOST = st.sampled_from(("gmail.com", "gmial.com", "wolf.example", "wolff.example", "web.de"))
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "given_name": _WORD,
    "family_name": st.tuples(_WORD, st.just(()) | st.tuples(_WORD, _WORD)),
    "birth_date": st.tuples(_DATE, st.just("") | _DATE),
    "email": st.tuples(
        st.lists(st.builds("e:{}@{}".format, _WORD, _HOST), min_size=1, max_size=2).map(tuple), st.booleans()
    ),
    "phone": st.lists(
        st.builds("p:{}{}".format, st.sampled_from(("+", "~")), _DIGITS), min_size=1, max_size=2
    ).map(lambda keys: (tuple(keys), ("mobile",) * len(keys))),
    "address": st.builds(Address, _WORD | st.just(""), _DIGITS, _WORD | st.just(""), _CODE),
    "account_id": st.lists(
        st.builds("a:{}:{}".format, st.sampled_from(("shop", "club", "")), _DIGITS), min_size=1, max_size=2
    ).map(tuple),
}


@LAW
@pytest.mark.parametrize("name", _VALUES)
@given(st.data())
def test_who_plainly_differs_is_told_so_one_by_one(name: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(_VALUES[name], min_size=2, max_size=8, unique=True))
    left, right = np.triu_indices(len(values), 1)
    field = next(field for field in EVIDENCE_FIELDS if field.name == name)
    for one, two, level in zip(left, right, find_plain(name, values, left, right), strict=True):
        if level != UNCLEAR:
            assert field.number[field.compare(values[one], values[two], ())[0]] == level


def test_strangers_are_seen_to_differ_without_being_compared() -> None:
    strangers: dict[str, list[Any]] = {
        "given_name": ["anna", "thorsten"],
        "family_name": [("wolf", ()), ("krzyzanowski", ())],
        "birth_date": [("19800203", ""), ("20021231", "")],
        "email": [(("e:anna@gmail.com",), True), (("e:thorsten@web.de",), True)],
        "phone": [(("p:+491701234567",), ("mobile",)), (("p:+4930998877",), ("landline",))],
        "address": [Address("haupt st", "1", "berlin", "10115"), Address("ring", "7", "ulm", "89073")],
        "account_id": [("a:shop:1",), ("a:shop:222222",)],
    }
    for name, values in strangers.items():
        assert find_plain(name, values, np.array([0]), np.array([1])) != UNCLEAR, name


_FIELDS: dict[str, Any] = {
    "full_name": "Dr. Anna-Maria von Wolf-Meyer (Anni) Jr.",
    "middle_name": "Eva",
    "birth_date": "03/02/1980",
    "sex": "f",
    "email": ["anna@wolf.example", "a.wolf@gmail.com"],
    "phone": ["+49 170 1234567", "030 998877"],
    "street": "Hauptstraße 5 Flat 3",
    "city": "Köln",
    "postcode": "50667",
    "government_id": [{"issuer": "DE", "value": "12345678903"}],
    "account_id": ["K-17"],
    "handle": "@anna",
    "user_id": "u1",
    "device_id": ["d1", "d2"],
    "organisation": "Wolf & Söhne GmbH",
    "apart": "shop",
    "text:note": "left-handed",
}
_NAMES = st.sampled_from(("Anna Wolf", "Karl von Meyer-Wolf Jr.", "Wolf, Anna Eva", ""))
_SAID = st.fixed_dictionaries(
    {"full_name": _NAMES},
    optional={name: st.just(value) for name, value in _FIELDS.items() if name != "full_name"},
)


def test_a_packed_value_is_the_same_when_it_is_unpacked() -> None:
    table = FeatureTable(default_model())
    row = table.row(features(person("1", **_FIELDS)))
    assert sum(code > 0 for code in row) >= len(_FIELDS) - 3
    for column in table.columns:
        packed = PackedValues(shape_of(column.field))
        for value in column.values[1:]:
            packed.put(pack(value))
        assert list(packed) == list(column.values), column.field.name
        assert [packed[code] for code in range(len(packed))] == list(column.values)
    assert shape_of(generic_field("category:trade")) is str


@LAW
@given(st.lists(_SAID, max_size=8))
def test_rows_of_packed_values_are_the_rows_of_the_others(said: list[dict[str, Any]]) -> None:
    plain, packed = FeatureTable(default_model()), PackedTable(default_model())
    for at, fields in enumerate(said):
        made = firm if at % 4 == 3 else person
        found = features(made(str(at), **fields))
        assert packed.row(found) == plain.row(found)
