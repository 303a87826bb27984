"""Whatever the bytes of a file are: it is refused in words or every row is accounted for, in flat memory."""

from __future__ import annotations

import gzip
import tempfile
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regard.connectors.files.describe_table import Limits, UnreadableFileError
from regard.connectors.files.survey_file import FileSurvey, survey_file
from regard.intake.account_rows import Account, outcome_of_row
from regard.intake.map_file_rows import RowBatches
from regard.intake.propose_import import PastImports, propose_import
from regard.kit.clock import SetClock
from regard.sources.manage_sources import Source

SHOP = Source("shop", "Shop", "file", currency="EUR")
CLOCK = SetClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
PIECES = st.sampled_from([
    b"id,name,email\n", b"id;name\r\n", b"1,Anna,a@example.com\n", b'2,"B\nen",b\n', b'3,"open\n',
    b"\xff\xfe", b"\0", b",,,\n",
    b'{"id": 1}\n', b'{"id": ', b"[", b"]", b"\n", b"\r", b"\t", b"|", b"x" * 300, "ü;ß;😀\n".encode(),
    b"\x1f\x8b", b"PK\x03\x04",
    b"sep=;\n", b"\xef\xbb\xbf", b'"', b"a,b,c\n1,2\n1,2,3,4\n", b"NaN", b"9" * 400,
    b"2024-01-01,31.02.2024,5,50\n",
])  # fmt: skip
CONTENTS = st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=25).map(b"".join))


def account_of(path: Path) -> Account:
    """Propose, read and map every row; the log is not needed to see that all are there."""
    survey = survey_file(path, path.name)
    file = propose_import(
        path, path.name, survey, SHOP, "rows", PastImports(), CLOCK, by="test", runner="server"
    )
    rows = RowBatches(path, path.name, survey, file.mapping, "shop", CLOCK)
    account = Account()
    numbers = []
    try:
        while (batch := rows.next_batch()) is not None:
            for row in batch.rows:
                numbers.append(row.number)
                if row.rejected is not None:
                    msgspec.json.encode(row.rejected)
                    account.count_rejection(row.rejected.code, row.rejected.sentence)
                else:
                    assert row.events
                    account.count_row(outcome_of_row(["stored"]))
    finally:
        rows.close()
    assert numbers == sorted(set(numbers))
    assert len(numbers) == account.read
    return account


@settings(max_examples=60, deadline=None)
@given(CONTENTS)
@example(b'id,name\n1,"a\n2,"b\n3,"c\n')
@example(b"id\n\0\n")
@example(gzip.compress(b"id,name\n1,Anna\n"))
def test_every_row_of_any_file_is_stored_unchanged_or_quarantined(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(content)
        try:
            account = account_of(path)
        except UnreadableFileError as problem:
            refused = str(problem)
            account = Account()
        else:
            refused = "any.csv"
    assert "any.csv" in refused
    assert account.balanced
    assert sum(reason.count for reason in account.reasons) == account.quarantined


@given(CONTENTS, st.integers(1, 50))
@settings(max_examples=60, deadline=None)
def test_a_file_looks_the_same_in_whatever_pieces_it_arrives(content: bytes, size: int) -> None:
    whole, pieces = FileSurvey("x"), FileSurvey("x")
    whole.feed(content)
    for start in range(0, len(content), size):
        pieces.feed(content[start : start + size])
    assert pieces.finish() == whole.finish()


@pytest.mark.parametrize("ending", ["csv", "jsonl", "csv.gz"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, ending: str) -> None:
    def peak_of(rows: int) -> int:
        path = tmp_path / f"people-{rows}.{ending}"
        text = (
            (f'{{"order id": "{n}", "sku": "A{n % 97}", "note": "{"x" * 180}"}}\n' for n in range(rows))
            if ending == "jsonl"
            else ("order id,sku,note\n" if n < 0 else f"{n},A{n % 97},{'x' * 180}\n" for n in range(-1, rows))
        )
        raw = "".join(text).encode()
        path.write_bytes(gzip.compress(raw, 1) if ending.endswith("gz") else raw)
        del raw
        tracemalloc.start()
        try:
            assert account_of_quietly(path) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak_of(3_000), peak_of(12_000)
    assert large < small * 1.5 + 1_000_000


def account_of_quietly(path: Path) -> int:
    """Count rows without keeping anything of them."""
    survey = survey_file(path, path.name)
    file = propose_import(
        path, path.name, survey, SHOP, "order_lines", PastImports(), CLOCK, by="test", runner="server"
    )
    rows = RowBatches(path, path.name, survey, file.mapping, "shop", CLOCK, limits=Limits())
    count = 0
    while (batch := rows.next_batch()) is not None:
        count += len(batch.rows)
    rows.close()
    return count
