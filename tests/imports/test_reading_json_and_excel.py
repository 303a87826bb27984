"""JSON Lines, JSON arrays and Excel workbooks."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from regard.connectors.files.describe_table import Limits, UnreadableFileError
from tests.imports.helpers import columns, read, write


def test_json_lines_are_rows_and_nested_names_are_joined(tmp_path: Path) -> None:
    lines = [
        {
            "id": 1,
            "address": {"city": "Köln", "geo": {"lat": 50.94}},
            "tags": ["a", "b"],
            "x": None,
            "ok": True,
        }
    ]
    good, bad = read(write(tmp_path, "a.jsonl", "\n".join(json.dumps(line) for line in lines)))
    assert good == [
        {
            "id": "1",
            "address.city": "Köln",
            "address.geo.lat": "50.94",
            "tags": ["a", "b"],
            "x": "",
            "ok": "true",
        }
    ]
    assert bad == []


def test_numbers_of_any_size_are_kept_digit_by_digit(tmp_path: Path) -> None:
    raw = '{"id": 9007199254740993, "big": 123456789012345678901234567890, "price": 1.10, "e": 1e400}\n'
    good, _ = read(write(tmp_path, "n.jsonl", raw))
    assert good == [
        {"id": "9007199254740993", "big": "123456789012345678901234567890", "price": "1.10", "e": "1e400"}
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"id": NaN}', "not_json"), ('{"id": Infinity}', "not_json"), ('{"id": 2', "not_json"),
        ("[" * 10_000 + "]" * 10_000, "too_deep"), ('{"a":' * 100 + "1" + "}" * 100, "too_deep"),
        ('{"id": 1, "id": 2}', "repeated_key"), ('{"id": "a\\u0000b"}', "nul"),
        ('{"id": "\\ud800"}', "not_json"),
        ("[1, 2]", "not_an_object"), ("7", "not_an_object"), ('{"n": ' + "9" * 5000 + "}", "not_json"),
    ],
)  # fmt: skip
def test_one_bad_line_is_set_aside_and_the_rest_goes_on(tmp_path: Path, line: str, code: str) -> None:
    good, bad = read(write(tmp_path, "b.jsonl", f'{{"id": 1}}\n{line}\n{{"id": 3}}\n'))
    assert [row["id"] for row in good] == ["1", "3"]
    assert [(row.number, row.code) for row in bad] == [(2, code)]


def test_broken_bytes_in_json_lines_cost_one_line(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "b.jsonl", b'{"id": "\xc3\xbc\xc3\xa4"}\n{"id": "\xff"}\n{"id": "3"}\n'))
    assert [row["id"] for row in good] == ["üä", "3"]
    assert [(row.number, row.code) for row in bad] == [(2, "broken_bytes")]


def test_a_key_that_only_later_lines_have_is_kept(tmp_path: Path) -> None:
    lines = [f'{{"id": {n}}}' for n in range(1500)] + ['{"id": 1500, "late": "x"}']
    good, _ = read(write(tmp_path, "late.jsonl", "\n".join(lines)))
    assert good[-1] == {"id": "1500", "late": "x"}


@pytest.mark.parametrize(
    "text", ['[{"id": 1}, {"id": 2}]', '{"customers": [{"id": 1},\n {"id": 2}], "page": 1}']
)
def test_a_json_document_with_one_list_is_a_table(tmp_path: Path, text: str) -> None:
    good, _ = read(write(tmp_path, "doc.json", text))
    assert [row["id"] for row in good] == ["1", "2"]


def test_a_json_document_that_does_not_fit_into_memory_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = write(tmp_path, "big.json", "[" + ",".join(['{"id": 1}'] * 1000) + "]")
    with pytest.raises(UnreadableFileError, match="JSON Lines"):
        read(path, Limits(whole_json_bytes=1000))


def workbook(rows: list[list[object]], **sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, others in sheets.items():
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def test_an_excel_sheet_gives_typed_values_as_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [], ["Id", "Name", "Born", "Seen", "Amount", "Ok"],
        [17850, "Zoë 😀", date(1980, 4, 13), datetime.fromisoformat("2026-03-04 15:06"), 12.5, True],
        [], [2, "=HYPERLINK(\"x\")", None, None, 3.0, False],
    ]  # fmt: skip
    path = write(tmp_path, "a.xlsx", workbook(rows, Other=[["x"]]))
    good, bad = read(path)
    assert good[0] == {
        "Id": "17850", "Name": "Zoë 😀", "Born": "1980-04-13", "Seen": "2026-03-04 15:06:00",
        "Amount": "12.5", "Ok": "true",
    }  # fmt: skip
    assert good[1]["Amount"] == "3"
    # A formula that was never computed has no value.
    assert good[1]["Name"] == ""
    assert bad == []


def test_a_cell_beyond_the_header_makes_its_row_ragged(tmp_path: Path) -> None:
    good, bad = read(write(tmp_path, "r.xlsx", workbook([["a", "b"], [1, 2], [1, 2, 3], [4]])))
    assert good == [{"a": "1", "b": "2"}, {"a": "4", "b": ""}]
    assert [(row.number, row.code) for row in bad] == [(3, "ragged")]


def test_a_zip_bomb_in_a_workbook_is_refused(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    path = write(tmp_path, "bomb.xlsx", raw.getvalue())
    with pytest.raises(UnreadableFileError, match="unpacks to"):
        read(path, Limits(inflate_free_bytes=1_000_000))


@pytest.mark.parametrize("raw", [b"PK\x03\x04 not a zip", workbook([])])
def test_a_broken_or_empty_workbook_is_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(UnreadableFileError, match=r"x\.xlsx"):
        read(write(tmp_path, "x.xlsx", raw))


def test_columns_of_a_workbook_can_be_sampled(tmp_path: Path) -> None:
    assert columns(write(tmp_path, "s.xlsx", workbook([["a", "a"], [1, 2]]))) == ["a", "a (2)"]
