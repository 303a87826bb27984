"""Cells become the fields that identity compares, as the map says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.processes.resolve.keep_row_ids import RowIds, record_number
from regard.processes.resolve.name_clusters import choose_names, join_rows
from regard.processes.resolve.read_field_map import FIELD_TYPES, FieldMap, MappedColumn, read_field_map
from regard.processes.resolve.shape_records import RecordShaper
from regard.processes.resolve.split_address import split_address
from tests.resolve.files import write


def shape(cells: list[str], *columns: tuple[str, ...], **more: object) -> dict[str, object]:
    """The fields of one row whose columns have these types, each perhaps with an issuer."""
    mapped = tuple(MappedColumn(f"c{at}", *column) for at, column in enumerate(columns))
    shaper = RecordShaper(FieldMap("map.toml", None, mapped, **more), [column.name for column in mapped])
    [fields] = shaper.shape([[cell] for cell in cells])
    shaper.complete(fields)
    return fields


@pytest.mark.parametrize(
    ("cells", "types", "fields"),
    [
        (
            ["Anna Maria", "Nowak"],
            ["given_name", "family_name"],
            {"given_name": "Anna Maria", "family_name": "Nowak"},
        ),
        (["Anna", "Maria"], ["given_name", "given_name"], {"given_name": "Anna Maria"}),
        (["1984", "3", "5"], ["birth_date"] * 3, {"birth_date": "1984-3-5"}),
        (["1984-03-05", ""], ["birth_date"] * 2, {"birth_date": "1984-03-05"}),
        (["a@x.example", "b@x.example"], ["email"] * 2, {"email": ["a@x.example", "b@x.example"]}),
        (["a@x.example; b@x.example"], ["email"], {"email": ["a@x.example", "b@x.example"]}),
        (["NULL", "Berlin"], ["given_name", "city"], {"city": "Berlin"}),
        (["10115.0", "12.0"], ["postcode", "house_number"], {"postcode": "10115", "house_number": "12"}),
        (["High Street 1", "c/o Jones"], ["street", "street"], {"street": "High Street 1\nc/o Jones"}),
        (["weaver", "York"], ["category", "text"], {"category:c0": "weaver", "text:c1": "York"}),
        (
            ["Acme Ltd", "12 345"],
            ["organisation", "government_id"],
            {"organisation": "Acme Ltd", "tax_id": "12 345"},
        ),
        (["Null"], ["family_name"], {"family_name": "Null"}),
    ],
)
def test_cells_become_fields(cells: list[str], types: list[str], fields: dict[str, object]) -> None:
    assert shape(cells, *((one,) for one in types)) == fields


def test_numbers_carry_who_issued_them() -> None:
    found = shape(["123-45-6789", "44"], ("government_id", "US"), ("government_id",))
    assert found == {
        "government_id": [{"issuer": "US", "value": "123-45-6789"}, {"issuer": "", "value": "44"}]
    }


def test_the_country_of_the_map_fills_where_a_row_says_none() -> None:
    assert shape(["030 123456"], ("phone",), country="DE")["country"] == "DE"
    assert shape(["030 123456", "PL"], ("phone",), ("country",), country="DE")["country"] == "PL"


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("Hauptstraße 3, 10115 Berlin", {"street": "Hauptstraße 3", "postcode": "10115", "city": "Berlin"}),
        ("Hauptstraße 3\n10115 Berlin\nGermany",
         {"street": "Hauptstraße 3", "postcode": "10115", "city": "Berlin", "country": "DE"}),
        ("Hauptstr. 3 10115 Berlin", {"street": "Hauptstr. 3", "postcode": "10115", "city": "Berlin"}),
        ("742 Evergreen Terrace, Springfield, IL 62704",
         {"street": "742 Evergreen Terrace", "city": "Springfield", "state": "IL", "postcode": "62704"}),
        ("742 Evergreen Terrace, Apt 4, Springfield, IL 62704-1234, USA",
         {"street": "742 Evergreen Terrace", "unit": "Apt 4", "city": "Springfield", "state": "IL",
          "postcode": "62704-1234", "country": "US"}),
        ("10 Downing Street, London SW1A 2AA",
         {"street": "10 Downing Street", "city": "London", "postcode": "SW1A 2AA"}),
        ("10 Downing Street, London, SW1A 2AA, UK",
         {"street": "10 Downing Street", "city": "London", "postcode": "SW1A 2AA", "country": "GB"}),
        ("ul. Długa 5/7, 00-950 Warszawa",
         {"street": "ul. Długa 5/7", "postcode": "00-950", "city": "Warszawa"}),
        ("Dorpsstraat 1, 1012 AB Amsterdam",
         {"street": "Dorpsstraat 1", "postcode": "1012 AB", "city": "Amsterdam"}),
        ("12, Rue de la Paix, 75002 Paris",
         {"street": "12 Rue de la Paix", "postcode": "75002", "city": "Paris"}),
        ("Long Barn, 4 Mill Lane, York", {"street": "4 Mill Lane", "city": "York"}),
        ("Somewhere behind the mill", {"street": "Somewhere behind the mill"}),
        ("", {}),
    ],
)  # fmt: skip
def test_an_address_in_one_cell_is_split_as_far_as_that_is_sure(address: str, parts: dict[str, str]) -> None:
    assert dict(split_address(address)) == parts


@given(st.text(max_size=80))
def test_no_address_is_too_odd_to_be_split(text: str) -> None:
    assert all(value.strip() for _, value in split_address(text))


def test_parts_with_a_column_of_their_own_win_over_the_whole_address() -> None:
    found = shape(["Hauptstraße 3, 10115 Berlin", "Potsdam"], ("address",), ("city",))
    assert found == {"street": "Hauptstraße 3", "postcode": "10115", "city": "Potsdam"}


def test_every_type_of_the_map_can_be_read(tmp_path: Path) -> None:
    lines = "".join(f'c_{name} = "{name}"\n' for name in FIELD_TYPES)
    found = read_field_map(write(tmp_path / "map.toml", "[fields]\n" + lines + 'other = "ignore"\n'))
    assert [column.type for column in found.columns] == list(FIELD_TYPES)
    fields = shape(["x@y.example"] * len(FIELD_TYPES), *((name,) for name in FIELD_TYPES))
    assert {key.partition(":")[0] for key in fields} >= set(FIELD_TYPES) - {"address"}


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.text(st.characters(codec="utf-8"), max_size=3)), max_size=30)
)
def test_ids_come_back_as_they_were_and_repeats_are_found(rows: list[tuple[str, str]]) -> None:
    ids = RowIds()
    half = len(rows) // 2
    for part in (rows[:half], rows[half:]):
        ids.extend([source for source, _ in part], [name for _, name in part], [1] * len(part))
    assert [ids.name(row) for row in range(len(rows))] == rows
    repeats = ids.find_repeats()
    assert {ids.name(group[0]): len(group) for group in repeats.equal} == {
        row: rows.count(row) for row in rows if rows.count(row) > 1
    }
    assert repeats.different == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
       st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))  # fmt: skip
def test_records_have_one_number_each(one: str, two: str) -> None:
    assert (record_number("s", one) == record_number("s", two)) == (one == two)
    assert record_number("s", one) != record_number("t", one)
    assert 0 <= record_number("s", one) < 2**128


def test_a_cluster_is_named_by_its_smallest_row_and_groups_join() -> None:
    ids = RowIds()
    ids.extend(["b", "b", "a", "b"], ["1", "2", "9", "3"], range(4))
    customer = choose_names([0, 0, 0, 3], ids)
    assert list(customer) == [2, 2, 2, 3]
    join_rows(customer, [[1, 3]])
    assert len(set(customer)) == 1
    assert np.asarray(choose_names(customer, ids)).tolist() == [2, 2, 2, 2]
