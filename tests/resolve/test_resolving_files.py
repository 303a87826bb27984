"""Files go in, and out comes who is who: the same whatever the order, the mode and the format."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import arro3.core
import arro3.io
import pytest

from regard.processes.command_line import run_command
from regard.processes.resolve.name_clusters import customer_name
from tests.resolve.files import ANNA, ANNA_AGAIN, HEADER, MAP, PEOPLE, PETER, people, resolve, write


def test_two_rows_of_one_person_get_one_customer_and_each_row_one_line(tmp_path: Path, capsys: Any) -> None:
    done = resolve(tmp_path, capsys, [write(tmp_path / "crm.csv", PEOPLE)])
    assert done.code == 0
    assert done.text == "source,record,customer\ncrm,1,crm:1\ncrm,2,crm:1\ncrm,3,crm:3\n"
    assert "3 rows are 2 customers" in done.said


@pytest.mark.parametrize(
    "options", [(), ("--mode", "stream"), ("--shuffle", "7"), ("--mode", "stream", "--shuffle", "8")]
)
def test_mode_and_order_of_arrival_change_nothing(
    tmp_path: Path, capsys: Any, options: tuple[str, ...]
) -> None:
    rows = people(60) + [row.replace("p", "q", 1) for row in people(60)[::2]]
    plain = resolve(tmp_path, capsys, [write(tmp_path / "crm.csv", HEADER + "".join(rows))])
    other = resolve(tmp_path, capsys, [tmp_path / "crm.csv"], *options)
    assert other.text == plain.text
    assert frozenset({"p0", "q0"}) in other.groups
    turned = resolve(tmp_path, capsys, [write(tmp_path / "crm.csv", HEADER + "".join(rows[::-1]))], *options)
    assert turned.lines == plain.lines[::-1]


def test_people_are_found_across_files_that_are_sources_of_their_own(tmp_path: Path, capsys: Any) -> None:
    files = [
        write(tmp_path / "shop.csv", HEADER + ANNA),
        write(tmp_path / "crm.csv.gz", HEADER + ANNA + PETER),
    ]
    done = resolve(tmp_path, capsys, files)
    assert done.text == "source,record,customer\nshop,1,crm:1\ncrm,1,crm:1\ncrm,3,crm:3\n"


def test_a_file_can_be_given_the_name_of_its_source(tmp_path: Path, capsys: Any) -> None:
    named = 'id = "id"\n[sources]\n"x.csv" = "till"\n[fields]\nfirst = "given_name"\nmail = "email"\n'
    done = resolve(tmp_path, capsys, [write(tmp_path / "x.csv", PEOPLE)], field_map=named)
    assert {line["source"] for line in done.lines} == {"till"}


def test_a_column_can_say_the_source_of_each_row(tmp_path: Path, capsys: Any) -> None:
    text = "id,src,first,last,mail\n1,a,Anna,Kowalska,anna@example.org\n1,b,Anna,Kowalska,anna@example.org\n"
    mapped = (
        'id = "id"\nsource = "src"\n[fields]\nfirst = "given_name"\nlast = "family_name"\nmail = "email"\n'
    )
    done = resolve(tmp_path, capsys, [write(tmp_path / "x.csv", text)], field_map=mapped)
    assert [(line["source"], line["customer"]) for line in done.lines] == [("a", "a:1"), ("b", "a:1")]


def test_link_only_keeps_the_rows_of_one_source_apart(tmp_path: Path, capsys: Any) -> None:
    files = [write(tmp_path / "a.csv", HEADER + ANNA + ANNA_AGAIN), write(tmp_path / "b.csv", HEADER + ANNA)]
    free = resolve(tmp_path, capsys, files)
    assert len(free.groups) == 1
    assert len({line["customer"] for line in free.lines}) == 1
    apart = resolve(tmp_path, capsys, files, field_map="link_only = true\n" + MAP)
    assert apart.lines[0]["customer"] != apart.lines[1]["customer"]


def test_parquet_gives_what_the_same_csv_gives(tmp_path: Path, capsys: Any) -> None:
    born = [dt.date(1984, 3, 5), dt.date(1984, 3, 5), dt.date(1971, 11, 30)]
    rows = [line.split(",") for line in PEOPLE.splitlines()[1:]]
    table = arro3.core.Table.from_pydict(
        {
            "id": arro3.core.Array([1, 2, 3], arro3.core.DataType.int64()),
            "first": arro3.core.Array([row[1] for row in rows], arro3.core.DataType.utf8()),
            "last": arro3.core.Array([row[2] for row in rows], arro3.core.DataType.utf8()),
            "born": arro3.core.Array(
                [(day - dt.date(1970, 1, 1)).days for day in born], arro3.core.DataType.int32()
            ).cast(arro3.core.DataType.date32()),
            "mail": arro3.core.Array([row[4] for row in rows], arro3.core.DataType.utf8()),
        }
    )
    arro3.io.write_parquet(table, tmp_path / "crm.parquet")
    from_parquet = resolve(tmp_path, capsys, [tmp_path / "crm.parquet"])
    from_csv = resolve(tmp_path, capsys, [write(tmp_path / "crm.csv", PEOPLE)])
    assert from_parquet.text == from_csv.text


def test_a_parquet_file_that_was_cut_off_is_told_from_a_good_one(tmp_path: Path, capsys: Any) -> None:
    table = arro3.core.Table.from_pydict({"id": arro3.core.Array(["1"] * 500, arro3.core.DataType.utf8())})
    arro3.io.write_parquet(table, tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    done = resolve(tmp_path, capsys, [write(tmp_path / "cut.parquet", whole[:-40])])
    assert done.code == 78
    assert "cut.parquet: the Parquet file is not complete" in done.said
    broken = whole[:30] + b"\xff" * (len(whole) - 60) + whole[-30:]
    done = resolve(tmp_path, capsys, [write(tmp_path / "broken.parquet", broken)])
    assert done.code == 78
    assert "broken.parquet: the Parquet file is broken" in done.said


def test_firms_are_recognised_row_by_row(tmp_path: Path, capsys: Any) -> None:
    text = "id,last,firm,web\n1,,Weaver & Sons Ltd,weaver.example\n"
    text += "2,,Weaver and Sons Limited,www.weaver.example\n"
    mapped = 'id = "id"\n[fields]\nlast = "family_name"\nfirm = "organisation"\nweb = "domain"\n'
    done = resolve(
        tmp_path, capsys, [write(tmp_path / "x.csv", text + "3,Weaver,Weaver Ltd,\n")], field_map=mapped
    )
    assert done.groups == {frozenset("12"), frozenset("3")}


def test_the_report_says_how_long_how_much_and_with_which_weights(tmp_path: Path, capsys: Any) -> None:
    report = resolve(tmp_path, capsys, [write(tmp_path / "crm.csv", PEOPLE)]).report
    assert {"read", "normalise", "write", "total"} <= set(report["seconds"])
    assert all({"cpu", "wall"} == set(spent) for spent in report["seconds"].values())
    assert report["peak_memory_bytes"] > 10_000_000
    assert report["counts"]["rows"] == 3
    assert report["counts"]["customers"] == 2
    assert report["counts"]["merged"] == 1
    assert report["cluster_sizes"] == {"1": 1, "2": 1}
    assert report["model"]["version"]
    assert report["model"]["weights"]["person"]


def test_a_map_can_be_proposed_and_used_as_it_is(tmp_path: Path, capsys: Any) -> None:
    header = "id,first name,surname,date of birth,e-mail,notes\n"
    rows = "".join(row.rstrip("\n") + ",some note\n" for row in [ANNA, ANNA_AGAIN, PETER, *people(30)])
    path = write(tmp_path / "crm.csv", header + rows)
    assert run_command(["resolve", str(path), "--propose"]) == 0
    proposed = capsys.readouterr().out
    for line in ('id = "id"', '"first name" = "given_name"', 'surname = "family_name"', 'e-mail = "email"',
                 'notes = "ignore"'):  # fmt: skip
        assert line in proposed
    done = resolve(tmp_path, capsys, [path], field_map=proposed)
    assert done.code == 0
    assert frozenset("12") in done.groups


def proposal(paths: list[Path], capsys: Any) -> list[str]:
    assert run_command(["resolve", *map(str, paths), "--propose"]) == 0
    return [line.split("  #")[0] for line in capsys.readouterr().out.splitlines()]


def test_columns_without_a_header_are_guessed_by_their_values(tmp_path: Path, capsys: Any) -> None:
    rows = ("Anna,Kowalska,1984-03-05,anna@b.example,f\n", "Peter,Lind,1971-11-30,peter@b.example,m\n")
    path = write(tmp_path / "crm.csv", "".join(f"{n},{rows[n % 2]}" for n in range(100, 110)))
    lines = proposal([path], capsys)
    guessed = ("given_name", "family_name", "birth_date", "email", "sex")
    assert [f'"Column {at}" = "{type_}"' for at, type_ in enumerate(guessed, start=2)] == lines[-5:]
    assert 'id = "Column 1"' in lines
    assert any("There is no header" in line for line in lines)


def test_ids_that_repeat_are_told_and_ids_of_several_files_do_not_repeat(tmp_path: Path, capsys: Any) -> None:
    one, other = write(tmp_path / "a.csv", PEOPLE), write(tmp_path / "b.csv", PEOPLE.replace("Anna", "Ana"))
    assert 'id = "id"' in proposal([one, other], capsys)
    other_anna = ANNA.replace("Anna", "Anne")
    twice = write(tmp_path / "c.csv", PEOPLE + ANNA + other_anna + other_anna.replace("1984", "1985"))
    lines = proposal([twice], capsys)
    assert '# id = "id"' in lines
    assert 'id = "account_id"' in lines
    done = resolve(tmp_path, capsys, [twice], field_map="\n".join(lines))
    assert done.code == 0


def test_headers_that_put_what_they_are_about_first_are_understood(tmp_path: Path, capsys: Any) -> None:
    header = "unique_id,name_last,full name,name_full,addr_city,dob\n"
    rows = "".join(f"{n},Berg,Anne Berg,Anne Berg,Ulm,1709-12-1{n}\n" for n in range(9))
    lines = proposal([write(tmp_path / "crm.csv", header + rows)], capsys)
    for line in ('name_last = "family_name"', '"full name" = "full_name"', 'name_full = "ignore"',
                 'addr_city = "city"', 'dob = "birth_date"'):  # fmt: skip
        assert line in lines


def test_names_of_customers_never_look_alike() -> None:
    assert customer_name("a:b", "c") != customer_name("a", "b:c")
    assert customer_name("a%3Ab", "c") != customer_name("a:b", "c")
    assert customer_name("crm", "x:1") == "crm:x:1"


def test_resolving_files_starts_without_the_server_and_its_libraries() -> None:
    code = (
        "import sys; sys.argv = ['regard', 'resolve', 'nowhere.csv']\n"
        "from regard.processes.choose_program import main\n"
        "try: main()\n"
        "except SystemExit as end: print(end.code, 'regard.processes.command_line' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.stdout.split() == ["78", "False"]
    assert "nowhere.csv" in told.stderr


def test_a_name_beside_a_given_name_is_the_family_name(tmp_path: Path, capsys: Any) -> None:
    rows = "".join(f"V{n:04d},{given},{family},Norden\n" for n, (given, family) in enumerate(_CLUB))
    lines = proposal([write(tmp_path / "club.csv", "Mitglied,VORNAME,NAME,ORT\n" + rows)], capsys)
    assert {'id = "Mitglied"', 'VORNAME = "given_name"', 'NAME = "family_name"'} <= set(lines)
    whole = "".join(f"{n},{given},{given} {family}\n" for n, (given, family) in enumerate(_CLUB))
    assert 'NAME = "full_name"' in proposal(
        [write(tmp_path / "x.csv", "id,VORNAME,NAME\n" + whole)], capsys
    )


@pytest.mark.parametrize("header", ["Mitglied", "Mitgliedsnr", "Kennz", "Ausweis"])
def test_a_column_that_numbers_the_rows_is_their_id_whatever_its_header(
    tmp_path: Path, capsys: Any, header: str
) -> None:
    rows = "".join(f"{given},{family},V{n:04d},26506\n" for n, (given, family) in enumerate(_CLUB))
    lines = proposal([write(tmp_path / "club.csv", f"Vorname,Nachname,{header},PLZ\n" + rows)], capsys)
    assert f'id = "{header}"' in lines


_CLUB = [("Anna", "Harms"), ("Peter", "Ehlers"), ("Maria", "Nissen"), ("Jan", "Harms"), ("Lea", "Rohde")]
