"""CSV as it comes: any encoding, any delimiter, broken rows beside good ones."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.files.describe_table import Limits, UnreadableFileError
from regard.connectors.files.open_table import open_table
from regard.connectors.files.read_csv import CsvTable
from regard.connectors.files.survey_file import survey_file
from tests.imports.helpers import columns, read, write

GERMAN = "Name;Straße;Ort\nMüller;Hauptstraße 3;Köln\nJörg Öztürk;Große Gasse 7;Düsseldorf\n"
POLISH = "Imię;Nazwisko;Miasto\nŻaneta;Świętosławska;Łódź\nPaweł;Dąbrowski;Kraków\nMałgorzata;Wójcik;Gdańsk\n"
RUSSIAN = "Имя;Город\nИван Петров;Москва\nАнна Сидорова;Казань\n"
JAPANESE = "名前;都市\n山田太郎;東京都千代田区\n佐藤花子;大阪市北区\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"), (GERMAN, "utf-8-sig"), (GERMAN, "utf-16"), (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "cp1252"), (GERMAN, "latin-1"), (GERMAN, "utf-32"), (GERMAN, "cp850"), (GERMAN, "mac_roman"),
        (POLISH, "cp1250"), (POLISH, "iso8859-2"), (POLISH, "utf-8"), (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"), (JAPANESE, "utf-8"),
    ],
)  # fmt: skip
def test_the_encoding_of_a_file_is_found_out(tmp_path: Path, text: str, encoding: str) -> None:
    path = write(tmp_path, "people.csv", text.encode(encoding))
    good, bad = read(path)
    header, *rows = [line.split(";") for line in text.splitlines()]
    assert columns(path) == header
    assert [list(row.values()) for row in good] == rows
    assert bad == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_a_file_is_found_out(tmp_path: Path, delimiter: str) -> None:
    lines = [["id", "name", "note"], ["1", "Anna", "x y"], ["2", "Ben", "1.5"]]
    path = write(tmp_path, "a.csv", "\n".join(delimiter.join(line) for line in lines))
    good, bad = read(path)
    assert [list(row.values()) for row in good] == lines[1:]
    assert bad == []


def test_commas_within_names_do_not_hide_a_semicolon(tmp_path: Path) -> None:
    good, _ = read(write(tmp_path, "crm.csv", "id;name\n1;Müller, Anna\n2;Schmidt, Hans\n"))
    assert good == [{"id": "1", "name": "Müller, Anna"}, {"id": "2", "name": "Schmidt, Hans"}]


def test_a_line_that_announces_the_delimiter_is_no_header(tmp_path: Path) -> None:
    good, _ = read(write(tmp_path, "excel.csv", "sep=;\r\nid;name\r\n1;a,b\r\n"))
    assert good == [{"id": "1", "name": "a,b"}]


def test_quoted_cells_keep_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "q.csv", 'id,text\n1,"one, ""two""\nthree"\n2,plain\n'))
    assert good == [{"id": "1", "text": 'one, "two"\nthree'}, {"id": "2", "text": "plain"}]
    assert bad == []


def test_ragged_rows_are_named_with_what_was_expected_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "ragged.csv",
        "id,name,city\n1,Anna,Bern\n2,Ben\n3,Cleo,Köln,extra\n4,Dora,Wien\n5,Eva,Graz,,\n",
    )
    good, bad = read(path)
    assert [row["id"] for row in good] == ["1", "4", "5"]
    assert [(row.number, row.code) for row in bad] == [(3, "ragged"), (4, "ragged")]
    assert "2 cells where the header has 3" in bad[0].problem
    assert "4 cells where the header has 3" in bad[1].problem


def test_broken_bytes_cost_their_row_only_and_name_its_column(tmp_path: Path) -> None:
    rows = [f"{n},Jürgen {n},Köln" for n in range(50)]
    raw = ("id,name,city\n" + "\n".join(rows)).encode().replace(b"J\xc3\xbcrgen 7,", b"J\xff\xfergen 7,")
    good, bad = read(write(tmp_path, "broken.csv", raw))
    assert len(good) == 49
    assert [(row.number, row.column, row.code) for row in bad] == [(9, "name", "broken_bytes")]
    assert "utf-8" in bad[0].problem


def test_a_nul_character_costs_its_row_only(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "nul.csv", b"id,name\n1,Anna\n2,B\0en\n3,Cleo\n"))
    assert [row["id"] for row in good] == ["1", "3"]
    assert [(row.number, row.column, row.code) for row in bad] == [(3, "name", "nul")]
    assert "\0" not in bad[0].raw


def test_a_quote_that_never_closes_costs_its_own_row_and_no_other(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "open.csv", 'id,name\n1,Anna\n2,"Ben\n3,Cleo\n4,Dora\n'))
    assert [row["id"] for row in good] == ["1", "3", "4"]
    assert [(row.number, row.code) for row in bad] == [(3, "open_quote")]


def test_a_quote_left_open_in_a_large_file_is_given_up_after_a_bounded_look_ahead(tmp_path: Path) -> None:
    lines = [f"{n},name {n}" for n in range(20_000)]
    lines[5] = '5,"name 5'
    good, bad = read(write(tmp_path, "open.csv", "id,name\n" + "\n".join(lines)), Limits(record_bytes=50_000))
    assert len(good) == 19_999
    assert [row.number for row in bad] == [7]


def test_a_table_may_have_hundreds_of_columns(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(400)]
    path = write(tmp_path, "wide.csv", ",".join(names) + "\n" + ",".join(str(n) for n in range(400)) + "\n")
    good, bad = read(path)
    assert good == [{f"c{n}": str(n) for n in range(400)}]
    assert bad == []


def test_a_huge_cell_is_refused_with_its_column_and_the_rest_goes_on(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "huge.csv", f"id,note\n1,{'x' * 200_000}\n2,y\n"))
    assert [row["id"] for row in good] == ["2"]
    assert [(row.number, row.column, row.code) for row in bad] == [(2, "note", "cell_too_large")]
    assert len(bad[0].raw) <= 10_000


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    raw = b"id,note\n1," + b"x" * 9_000_000 + b"\n2,y\n"
    good, bad = read(write(tmp_path, "endless.csv", raw))
    assert [row["id"] for row in good] == ["2"]
    assert [row.code for row in bad] == ["row_too_long"]


def test_old_macintosh_line_endings_are_understood(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "mac.csv", "id,name\r1,Anna\r2,Ben\r"))
    assert [row["name"] for row in good] == ["Anna", "Ben"]
    assert bad == []


def test_every_column_gets_a_name_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, "h.csv", "id,name,name,,name\n1,a,b,c,d\n")
    assert columns(path) == ["id", "name", "name (2)", "Column 4", "name (3)"]


def test_a_file_without_a_header_loses_no_row(tmp_path: Path) -> None:
    path = write(tmp_path, "bare.csv", "1001,Anna,anna@example.com\n1002,Ben,ben@example.com\n")
    good, _ = read(path)
    assert columns(path) == ["Column 1", "Column 2", "Column 3"]
    assert [row["Column 2"] for row in good] == ["Anna", "Ben"]


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "head.csv", "id,name\n")
    assert read(path) == ([], [])
    assert columns(path) == ["id", "name"]


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnreadableFileError, match=r"empty\.csv is empty"):
        read(write(tmp_path, "empty.csv", content))


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"%PDF-1.7 ...", "PDF"), (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"), (b"<html><body>", "web page"),
     (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old Excel"),
     (bytes(range(1, 32)) * 9, "not a table")],
)  # fmt: skip
def test_what_is_no_table_is_refused_by_its_right_name(tmp_path: Path, content: bytes, word: str) -> None:
    with pytest.raises(UnreadableFileError, match=word):
        read(write(tmp_path, "x.csv", content))


def test_missing_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        survey_file(tmp_path / "no.csv", "no.csv")
    with pytest.raises(UnreadableFileError, match="is a folder"):
        survey_file(tmp_path, "folder")


def test_packed_files_are_read_through(tmp_path: Path) -> None:
    path = write(tmp_path, "p.csv.gz", gzip.compress(GERMAN.encode("cp1252")))
    good, _ = read(path)
    assert [row["Ort"] for row in good] == ["Köln", "Düsseldorf"]


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "bomb.csv.gz", gzip.compress(b"id,name\n" + b"0" * 30_000_000))
    limits = Limits(inflate_free_bytes=1_000_000)
    with pytest.raises(UnreadableFileError, match="when it is unpacked"):
        survey_file(path, "bomb.csv.gz", limits)


def test_a_truncated_gzip_file_says_where_it_breaks(tmp_path: Path) -> None:
    packed = gzip.compress("".join(f"{n},name {n * 7919 % 10007}\n" for n in range(50_000)).encode())
    path = write(tmp_path, "cut.csv.gz", packed[: len(packed) // 2])
    with pytest.raises(UnreadableFileError, match="broken after"):
        read(path)


@given(
    st.lists(
        st.text(st.sampled_from(list('a,"\n\rä\0;')), max_size=12) | st.sampled_from(["a,b", '"a",b', "ä,b"]),
        max_size=12,
    )
)
def test_rows_read_many_at_once_are_those_read_with_care(lines: list[str]) -> None:
    text = "first,second\n" + "\n".join(lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.encode())
        survey = survey_file(path, path.name)
        quick = list(open_table(path, path.name, survey).rows())
        with patch.object(CsvTable, "_sound_block", return_value=None):
            careful = list(open_table(path, path.name, survey).rows())
    assert quick == careful
