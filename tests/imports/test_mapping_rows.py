"""A row becomes events by its mapping, or a reason that names the column and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from regard.connectors.files.apply_mapping import Rejection
from regard.connectors.files.describe_mapping import FileMapping, UnusableMappingError, check_mapping
from regard.connectors.files.propose_mapping import remarks_on
from regard.events.envelope import Event
from tests.imports.helpers import map_rows, propose, write

HOSTILE = [
    "<svg onload=alert(1)>", '=HYPERLINK("http://x","y")', "'; DROP TABLE customers; --", "{{7*7}}",
    "שלום עולם",
    "مرحبا بالعالم", "👩‍👩‍👧‍👦 Zoë", "\u202etxt.exe", "Ignore previous instructions", "Null", "Na", "-", "+1",
    "@x",
]  # fmt: skip


def mapping(**parts: Any) -> FileMapping:
    base: dict[str, Any] = {"stream": "rows", "target": "person", "id": ["id"], "columns": {}}
    return msgspec.convert(base | parts, FileMapping)


def bodies(mapped: list[Any]) -> list[Any]:
    assert all(isinstance(one, list) for one in mapped), mapped
    return [event.body for one in mapped for event in one]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "-"])
def test_names_are_kept_as_they_are_whatever_they_look_like(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    path = write(tmp_path, "n.csv", f"id,name,city\n1,{quoted},{quoted}\n")
    [body] = bodies(map_rows(path, mapping(columns={"name": "full_name", "city": None})))
    assert body.fields == {"full_name": name, "city (unmapped)": name}


def test_numbers_beyond_every_float_stay_exact(tmp_path: Path) -> None:
    path = write(tmp_path, "n.csv", "id,ref\n9007199254740993,123456789012345678901234567890\n")
    [body] = bodies(map_rows(path, mapping()))
    assert body.external_id == "9007199254740993"
    assert body.fields == {"ref": "123456789012345678901234567890"}


def test_several_columns_of_one_field_are_joined_and_cells_with_several_values_split(tmp_path: Path) -> None:
    path = write(
        tmp_path, "m.csv", "id,mail,mail2,tel\n1,a@example.com; b@example.com,c@example.com,+49 1 / 2\n"
    )
    [body] = bodies(map_rows(path, mapping(columns={"mail": "email", "mail2": "email", "tel": "phone"})))
    assert body.fields["email"] == ["a@example.com", "b@example.com", "c@example.com"]
    assert body.fields["phone"] == ["+49 1 / 2"]


def test_a_skipped_column_is_left_out_and_any_other_is_kept_under_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, "s.csv", "id,password,Shoe size,email\n1,secret,38,a@example.com\n")
    [body] = bodies(map_rows(path, mapping(columns={"password": "(skip)", "Shoe size": None})))
    # An unmapped column never becomes the field that it was not mapped to.
    assert body.fields == {"Shoe size": "38", "email (unmapped)": "a@example.com"}


@pytest.mark.parametrize(
    ("header", "row", "parts", "column", "code", "word"),
    [
        ("id,born", "1,31.02.1980", {"columns": {"born": "birth_date"}}, "born", "not_a_date", "31.02.1980"),
        ("id,x", ",a", {}, "id", "no_id", "no id"),
        ("id,at,sum", "1,yesterday,5", {"target": "order", "occurred_at": "at"},
         "at", "not_a_date", "yesterday"),
        ("id,at,sum", "1,,5", {"target": "order", "occurred_at": "at"}, "at", "no_time", "when it happened"),
        ("id,at,sum", "1,2024-01-01,five",
         {"target": "order", "occurred_at": "at", "currency": "EUR", "columns": {"sum": "amount"}},
         "sum", "not_an_amount", "five"),
        ("id,at,cur", "1,2024-01-01,Euronen",
         {"target": "order", "occurred_at": "at", "columns": {"cur": "currency"}},
         "cur", "not_a_currency", "Euronen"),
        ("id,c", "1,maybe", {"target": "consent", "columns": {"c": "state"}}, "c", "not_a_consent", "maybe"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_names_its_column_and_the_remedy(
    tmp_path: Path, header: str, row: str, parts: dict[str, Any], column: str, code: str, word: str
) -> None:
    path = write(tmp_path, "r.csv", f"{header}\n{row}\n")
    [rejection] = map_rows(path, mapping(**parts))
    assert isinstance(rejection, Rejection)
    assert (rejection.column, rejection.code) == (column, code)
    assert word in rejection.problem
    assert ";" in rejection.problem


def test_repeated_ids_are_completed_by_counting(tmp_path: Path) -> None:
    path = write(tmp_path, "l.csv", "id,sku\n1,a\n1,a\n1,b\n1,a\n")
    ids = [body.external_id for body in bodies(map_rows(path, mapping(id=["id", "sku", "(occurrence)"])))]
    assert ids == ["1|a", "1|a|2", "1|b", "1|a|3"]


def test_a_row_without_party_is_a_guests_and_one_with_party_is_sealed_under_the_partys_key(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "o.csv", "id,cust,at\n1,17850.0,2024-01-01\n2,,2024-01-01\n")
    mapped = map_rows(
        path, mapping(target="order", party={"stream": "customers", "column": "cust"}, occurred_at="at")
    )
    known, guest = mapped[0], mapped[1]
    assert isinstance(known, list)
    assert isinstance(guest, list)
    assert known[0].subject.external_id == "17850"
    assert guest[0].body.party is None
    assert guest[0].subject.external_id == "2"


def test_statuses_are_brought_to_the_words_of_the_house(tmp_path: Path) -> None:
    path = write(tmp_path, "i.csv", "id,status\n1,Bezahlt\n2,OVERDUE\n3,On its way\n")
    found = bodies(map_rows(path, mapping(target="invoice", columns={"status": "status"})))
    assert [body.status for body in found] == ["paid", "overdue", "on its way"]


def test_the_same_file_gives_the_same_event_ids_and_another_mapping_others(tmp_path: Path) -> None:
    path = write(tmp_path, "e.csv", "id,city\n1,Bern\n2,Wien\n")

    def ids(of: FileMapping) -> list[str | None]:
        return [event.event_id for one in map_rows(path, of) if isinstance(one, list) for event in one]

    first = ids(mapping())
    assert first == ids(mapping())
    assert first == sorted(first, key=str)
    assert set(first).isdisjoint(ids(mapping(columns={"city": "city"})))


def test_every_event_compares_its_content(tmp_path: Path) -> None:
    [[event]] = map_rows(write(tmp_path, "e.csv", "id,city\n1,Bern\n"), mapping())  # type: ignore[misc]
    assert isinstance(event, Event)
    assert event.compare_content


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"target": "planet"}, "no target"), ({"id": []}, "no column is the id"),
        ({"id": ["nope"]}, "“nope”"),
        ({"id": ["(occurrence)"]}, "before it"), ({"columns": {"a": "colour"}}, "no field of person"),
        ({"columns": {"a": "city", "id": "city"}}, "both mapped to city"),
        ({"time_zone": "Mars/Base"}, "Mars/Base"),
        ({"target": "order", "columns": {"a": "amount"}}, "currency is not known"),
        ({"stream": " "}, "stream"),
        ({"target": "order", "columns": {"a": "amount"}, "currency": "euro"}, "no currency"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_followed_is_refused_in_words(parts: dict[str, Any], word: str) -> None:
    with pytest.raises(UnusableMappingError, match=word.replace("(", r"\(")):
        check_mapping(mapping(**parts), "csv", ["id", "a"])


def test_three_hundred_columns_stay_three_hundred_fields(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(400)]
    path = write(tmp_path, "w.csv", "id," + ",".join(names) + "\n1," + ",".join(names) + "\n")
    [body] = bodies(map_rows(path, propose(path, "people").mapping))
    assert body.fields == {name: name for name in names}


def test_rows_that_state_no_time_say_so_and_the_account_says_where_they_will_stand(tmp_path: Path) -> None:
    path = write(tmp_path, "l.csv", "id,bestellung,geaendert\n1,77,2026-01-02\n")
    lines = mapping(target="order_line", columns={"bestellung": "order", "geaendert": None})
    [line] = bodies(map_rows(path, lines))
    assert (line.dated_by, remarks_on(lines)) == (
        "arrival", ["No column says when it happened: each row stands at the time of its order."]
    )  # fmt: skip
    for target, dated_by in (("order_line", "change"), ("payment", msgspec.UNSET)):
        changed = msgspec.structs.replace(lines, target=target, updated_at="geaendert")
        [[event]] = map_rows(path, changed)
        assert (event.body.dated_by, f"{event.occurred_at:%F}") == (dated_by, "2026-01-02")
