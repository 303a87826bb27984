"""Whatever is wrong with files, map or places: a clear message or a right result, and never half a file."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from regard.identity.resolve_records import RecordResolver
from regard.processes.command_line import run_command
from tests.resolve.files import ANNA, ANNA_AGAIN, HEADER, MAP, PEOPLE, PETER, people, resolve, write

CANNOT = 78


@pytest.mark.parametrize(
    ("field_map", "said"),
    [
        (
            MAP.replace("born =", "bron ="),
            "names the column “bron”, which {file} does not have: did you mean “born”?",
        ),
        (MAP.replace('id = "id"', 'id = "ID"'), "id names the column “ID”"),
        ('source = "crm"\n' + MAP, "source names the column “crm”"),
        ('source = "crm"\n' + MAP, 'write [sources] and below it "people.csv" = "crm"'),
        (MAP.replace("family_name", "last_name"), "no type “last_name”: did you mean “family_name”?"),
        (MAP.replace("family_name", "familyname"), "no type “familyname”: did you mean “family_name”?"),
        ("link_onyl = true\n" + MAP, "no key “link_onyl”: did you mean “link_only”?"),
        ('link_only = "yes"\n' + MAP, "`link_only` must be true or false"),
        ('kind = "persons"\n' + MAP, "`kind` cannot be “persons”: did you mean “person”?"),
        ('country = "Narnia"\n' + MAP, "write the two letters of a country"),
        (
            MAP + 'id2 = { type = "email", issuer = "US" }\n',
            "only government_id and account_id have an issuer",
        ),
        (MAP + 'id2 = { tpye = "email" }\n', "[fields] id2 must be a type"),
        (MAP + "id2 = 3\n", "[fields] id2 must be a type"),
        ('id = "id"\n', "[fields] names no column"),
        ('source = "a"\n[sources]\n"people.csv" = "b"\n', "keep one of the two"),
        ("id = id\n", "this is no TOML"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused_with_place_and_remedy(
    tmp_path: Path, capsys: Any, field_map: str, said: str
) -> None:
    path = write(tmp_path / "people.csv", PEOPLE)
    done = resolve(tmp_path, capsys, [path], field_map=field_map)
    assert done.code == CANNOT
    assert str(tmp_path / "map.toml") in done.said
    assert said.format(file=path) in done.said
    assert done.text is None


def test_a_column_that_only_one_of_the_files_lacks_counts_as_empty_there(tmp_path: Path, capsys: Any) -> None:
    files = [
        write(tmp_path / "a.csv", PEOPLE),
        write(tmp_path / "b.csv", "id,first,last,mail\n" + "9,Jo,Doe,jo@doe.example\n"),
    ]
    done = resolve(tmp_path, capsys, files)
    assert done.code == 0
    assert len(done.lines) == 4
    assert "b.csv has no column “born”" in done.said


def test_different_rows_with_one_id_are_refused_and_named(tmp_path: Path, capsys: Any) -> None:
    twice = "".join(row.replace(f"p{number},", f"q{number},") for number, row in enumerate(people(8)))
    rows = "".join(
        row.replace(f"p{number},", f"q{number - 50},") for number, row in enumerate(people(8, 50), 50)
    )
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", HEADER + twice + rows)])
    assert done.code == CANNOT
    assert "8 ids stand on 16 rows that differ: “q0” (2 rows), “q1” (2 rows)" in done.said
    assert 'repeated_ids = "join"' in done.said
    assert done.text is None


def test_different_rows_with_one_id_are_one_customer_where_the_map_says_so(
    tmp_path: Path, capsys: Any
) -> None:
    text = HEADER + ANNA + PETER.replace("3,", "1,", 1) + people(1)[0]
    done = resolve(
        tmp_path, capsys, [write(tmp_path / "people.csv", text)], field_map='repeated_ids = "join"\n' + MAP
    )
    assert done.text == "source,record,customer\npeople,1,people:1\npeople,1,people:1\npeople,p0,people:p0\n"
    assert "1 ids stand on rows that differ; they were joined" in done.said


def test_a_row_that_is_there_twice_is_one_record(tmp_path: Path, capsys: Any) -> None:
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", PEOPLE + ANNA + PETER)])
    assert done.code == 0
    assert [line["customer"] for line in done.lines] == [f"people:{n}" for n in (1, 1, 3, 1, 3)]
    assert "2 rows repeat another row, id and all" in done.said


def test_one_id_in_two_sources_is_two_records(tmp_path: Path, capsys: Any) -> None:
    files = [
        write(tmp_path / "a.csv", HEADER + ANNA),
        write(tmp_path / "b.csv", HEADER + PETER.replace("3,", "1,", 1)),
    ]
    assert [line["customer"] for line in resolve(tmp_path, capsys, files).lines] == ["a:1", "b:1"]


def test_garbage_rows_are_left_out_counted_and_listed_and_cost_no_other_row(
    tmp_path: Path, capsys: Any
) -> None:
    draw = random.Random(3)
    good = people(900)
    garbage = [
        draw.choice([b"too,few\n", b"far,too,many,cells,in,this,row\n", b"\xff\xfe\x80,\x81,\x82,\x83,\x84\n",
                     b"\x00\x01,a,b,c,d\n", b",Nobody,Noone,1980-01-01,nobody@example.org\n"])
        for _ in range(100)
    ]  # fmt: skip
    rows = [row.encode() for row in good] + garbage
    draw.shuffle(rows)
    clean = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", HEADER + "".join(good))])
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", HEADER.encode() + b"".join(rows))])
    assert done.code == 0
    assert done.groups == clean.groups
    assert done.report["counts"]["rows"] == 1000
    assert done.report["counts"]["rows_left_out"] == 100
    listed = [one["row"] for one in done.report["left_out"]["first"]]
    assert listed == [number for number, row in enumerate(rows, start=2) if row in garbage]
    assert "100 rows were left out" in done.said
    assert "nobody" not in str(done.report).lower()


@pytest.mark.parametrize("column", ["mail", "last", "born"])
def test_a_value_that_a_third_of_the_records_share_makes_no_giant_customer(
    tmp_path: Path, capsys: Any, column: str
) -> None:
    at = HEADER.strip().split(",").index(column)
    shared = {"mail": "office@example.org", "last": "Smith", "born": "1990-01-01"}[column]
    rows = [row.strip().split(",") for row in people(600)]
    for row in rows[::3]:
        row[at] = shared
    done = resolve(
        tmp_path, capsys, [write(tmp_path / "people.csv", HEADER + "".join(",".join(r) + "\n" for r in rows))]
    )
    assert done.code == 0
    assert max(map(len, done.groups)) == 1


def test_rows_without_any_value_are_customers_of_their_own(tmp_path: Path, capsys: Any) -> None:
    rows = "".join(
        f"e{number},{empty}\n" for number, empty in enumerate([",,,", " , ,,", "NULL,N/A,-,", "nan,,,NaN"])
    )
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", PEOPLE + rows)])
    assert done.code == 0
    assert len(done.lines) == 7
    assert done.groups == {frozenset("12"), frozenset("3"), *(frozenset({f"e{n}"}) for n in range(4))}
    assert done.report["counts"]["rows_without_values"] == 4


def test_a_column_that_is_empty_all_over_is_named(tmp_path: Path, capsys: Any) -> None:
    done = resolve(
        tmp_path,
        capsys,
        [write(tmp_path / "people.csv", HEADER + "1,Ada,Love,,a@example.org\n2,Bo,Peep,,b@example.org\n")],
    )
    assert "“born” is empty in every row" in done.said


def test_one_record_is_one_customer(tmp_path: Path, capsys: Any) -> None:
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", HEADER + ANNA)])
    assert done.text == "source,record,customer\npeople,1,people:1\n"
    assert "1 row is 1 customer;" in done.said


def test_a_header_alone_gives_a_header_alone(tmp_path: Path, capsys: Any) -> None:
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", HEADER)])
    assert (done.code, done.text) == (0, "source,record,customer\n")
    assert "people.csv has a header and no rows." in done.said
    assert "is empty in every row" not in done.said


def test_a_column_that_is_not_what_the_map_says_is_named_with_counts(tmp_path: Path, capsys: Any) -> None:
    path = write(tmp_path / "people.csv", HEADER + "".join(people(30)))
    wrong = MAP.replace('"birth_date"', '"email"').replace('last = "family_name"', 'last = "birth_date"')
    done = resolve(tmp_path, capsys, [path], field_map=wrong)
    assert "the column “last”: 0 of 30 values can be read as a birth date" in done.said
    assert "the column “born”: 0 of 30 values can be read as an e-mail address" in done.said
    assert len([line for line in done.report["warnings"] if "can be read as" in line]) == 2
    assert "can be read as" not in resolve(tmp_path, capsys, [path]).said


def test_an_address_that_many_rows_share_is_told_in_small_files_too(tmp_path: Path, capsys: Any) -> None:
    rows = [row.rsplit(",", 1)[0] + ",office@example.org\n" for row in people(20)]
    path = write(tmp_path / "people.csv", HEADER + "".join([*rows, *people(40, 20)]))
    done = resolve(tmp_path, capsys, [path])
    assert any("“mail”: 20 of 60 values are the same address" in line for line in done.report["warnings"])
    assert "office" not in str(done.report["warnings"])


def test_a_country_can_be_written_as_a_word(tmp_path: Path, capsys: Any) -> None:
    path = write(tmp_path / "people.csv", HEADER + ANNA)
    assert resolve(tmp_path, capsys, [path], field_map=f'country = "Germany"\n{MAP}').code == 0
    wrong = resolve(tmp_path, capsys, [path], field_map=f'country = "Germny"\n{MAP}')
    assert wrong.code == CANNOT
    assert "`country` is “Germny”; write the two letters" in wrong.said


def test_an_empty_file_is_named(tmp_path: Path, capsys: Any) -> None:
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", "")])
    assert done.code == CANNOT
    assert "people.csv is empty" in done.said


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_other_encodings_than_utf_8_are_read(tmp_path: Path, capsys: Any, encoding: str) -> None:
    text = HEADER + "ä1,Jörg,Müller,1980-02-03,j@müller.example\nä2,Jörg,Müller,1980-02-03,j@müller.example\n"
    done = resolve(tmp_path, capsys, [write(tmp_path / "people.csv", text.encode(encoding))])
    assert done.groups == {frozenset({"ä1", "ä2"})}


def test_places_that_cannot_be_read_are_named(tmp_path: Path, capsys: Any) -> None:
    path = write(tmp_path / "people.csv", PEOPLE)
    (tmp_path / "folder").mkdir()
    for files, said in (
        ([tmp_path / "folder"], "is a folder; name the files in it"),
        ([tmp_path / "none.csv"], "there is no such file"),
        ([path, tmp_path / "folder" / ".." / "people.csv"], "is given twice"),
    ):
        done = resolve(tmp_path, capsys, files)
        assert done.code == CANNOT
        assert said in done.said


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "people.csv", PEOPLE)
    may_open = Path.open

    def forbid(self: Path, *args: Any, **more: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return may_open(self, *args, **more)

    monkeypatch.setattr(Path, "open", forbid)
    done = resolve(tmp_path, capsys, [path])
    assert done.code == CANNOT
    assert "people.csv may not be read" in done.said


def test_a_place_that_cannot_be_written_is_named_before_anything_is_read(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, field_map = write(tmp_path / "people.csv", PEOPLE), write(tmp_path / "map.toml", MAP)
    monkeypatch.setattr("regard.processes.resolve.resolve_files.open_rows", None)
    for out, said in (
        (tmp_path / "no" / "out.csv", "No such file or directory"),
        (tmp_path, "is a folder"),
        (path, "is one of the files to read"),
        (field_map, "is one of the files to read"),
    ):
        assert run_command(["resolve", str(path), "--fields", str(field_map), "--out", str(out)]) == CANNOT
        assert said in capsys.readouterr().err
    assert path.read_text() == PEOPLE


def test_an_interrupt_leaves_the_old_result_and_nothing_else(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "people.csv", PEOPLE)
    write(tmp_path / "out.csv", "what was there before\n")

    def interrupted(_resolver: RecordResolver) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(RecordResolver, "resolve", interrupted)
    done = resolve(tmp_path, capsys, [path])
    assert done.code == 130
    assert done.text == "what was there before\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["map.toml", "out.csv", "people.csv"]


def test_a_command_without_map_or_place_says_what_is_missing(tmp_path: Path, capsys: Any) -> None:
    path = write(tmp_path / "people.csv", HEADER + ANNA + ANNA_AGAIN)
    assert run_command(["resolve", str(path)]) == CANNOT
    assert "--fields MAP.toml is missing" in capsys.readouterr().err
    assert run_command(["resolve", str(path), "--fields", "map.toml"]) == CANNOT
    assert "--out OUT.csv is missing" in capsys.readouterr().err
