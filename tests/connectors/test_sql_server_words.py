"""What SQL Server is asked, and what its values become; without a server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from regard.connectors.sql.page_sql_rows import (
    pages_by_change,
    pages_by_key,
    pages_without_change,
    rows_with_keys,
)
from regard.connectors.sql.poll_sql_stream import record_of
from regard.connectors.sql.reflect_sql_stream import CURSOR_LABEL, SqlStream, reflect_sql_stream
from regard.connectors.sql.sql_settings import StreamSettings

DIALECT = mssql.dialect()
CUSTOMER = sa.Table(
    "customer", sa.MetaData(schema="dbo"),
    sa.Column("id", mssql.UNIQUEIDENTIFIER, primary_key=True), sa.Column("name", sa.Unicode(50)),
    sa.Column("changed", mssql.DATETIME2), sa.Column("at", mssql.DATETIMEOFFSET),
    sa.Column("version", mssql.ROWVERSION), sa.Column("no", sa.String(20)),
    sa.Column("total", mssql.MONEY), sa.Column("photo", mssql.VARBINARY(9)),
)  # fmt: skip


def reflected(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> SqlStream:
    monkeypatch.setattr("regard.connectors.sql.reflect_sql_stream._table", lambda *_: CUSTOMER)
    wanted = StreamSettings("dbo.customer", "dbo.customer", None, **settings)
    return reflect_sql_stream(SimpleNamespace(dialect=DIALECT), wanted)  # type: ignore[arg-type]


def words(statement: sa.Select[Any]) -> str:
    text = str(statement.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    return " ".join(text.split()).partition(" FROM ")[2]


def test_pages_are_cut_as_sql_server_cuts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = reflected(monkeypatch, key=("no",), cursor="changed")
    first = str(pages_by_key(stream, None).compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
    assert first.startswith("SELECT TOP 1000 ")
    assert "LIMIT" not in first
    assert words(pages_by_key(stream, ["A'7"])) == (
        "dbo.customer WHERE dbo.customer.no > 'A''7' ORDER BY dbo.customer.no"
    )
    assert words(pages_without_change(stream, None)) == (
        "dbo.customer WHERE dbo.customer.changed IS NULL ORDER BY dbo.customer.no"
    )


def test_a_page_goes_on_in_the_middle_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = reflected(monkeypatch, key=("no",), cursor="changed")
    at = datetime(2026, 6, 1, 10, 0, 0, 123000)  # noqa: DTZ001 - SQL Server's datetime2 has no zone
    assert words(pages_by_change(stream, at, (at, ["7"]))) == (
        "dbo.customer WHERE dbo.customer.changed > '2026-06-01 10:00:00.123000' OR dbo.customer.changed ="
        " '2026-06-01 10:00:00.123000' AND dbo.customer.no > '7' ORDER BY dbo.customer.changed,"
        " dbo.customer.no"
    )


@pytest.mark.parametrize(
    ("settings", "expression"),
    [
        ({"cursor": "version"}, "CAST(dbo.customer.version AS BIGINT)"),
        ({"cursor": "no", "cursor_type": "number"}, "CAST(dbo.customer.no AS BIGINT)"),
        ({"cursor": "no", "cursor_type": "time"}, "CAST(dbo.customer.no AS DATETIME)"),
        ({"cursor": "at"}, "dbo.customer.at"),
    ],
)
def test_what_tells_changes_is_compared_as_what_it_holds(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], expression: str
) -> None:
    stream = reflected(monkeypatch, **settings)
    assert f"ORDER BY {expression}, dbo.customer.id" in words(pages_by_change(stream, None, None))


def test_single_rows_are_asked_for_by_their_key_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = words(rows_with_keys(reflected(monkeypatch), ["6b1c8f5e-0000-4000-8000-000000000001"]))
    assert "CAST(dbo.customer.id AS VARCHAR(500)) IN ('6b1c8f5e" in asked


@pytest.mark.parametrize(
    ("cursor", "value", "at"),
    [
        ("changed", datetime(2026, 1, 15, 10), datetime(2026, 1, 15, 9, tzinfo=UTC)),  # noqa: DTZ001 - as above
        (
            "at",
            datetime(2026, 1, 15, 10, tzinfo=timezone(timedelta(hours=5))),
            datetime(2026, 1, 15, 5, tzinfo=UTC),
        ),
        ("version", 9007199254740993, None),
    ],
)
def test_values_of_sql_server_become_json(
    monkeypatch: pytest.MonkeyPatch, cursor: str, value: object, at: datetime | None
) -> None:
    stream = reflected(monkeypatch, cursor=cursor)
    row: dict[str, Any] = dict.fromkeys(stream.columns)
    row |= {"id": UUID("6b1c8f5e-0000-4000-8000-000000000001"), "total": Decimal("12.5000")}
    row |= {"photo": b"\x00\xff", "version": b"\x00" * 7 + b"\x01", CURSOR_LABEL: value}
    record = record_of(stream, row, ZoneInfo("Europe/Berlin"))
    assert record.external_id == "6b1c8f5e-0000-4000-8000-000000000001"
    assert record.updated_at == at
    body = record.body or {}
    assert _some(body, ("total", "photo", "version")) == ["12.5000", "AP8=", "AAAAAAAAAAE="]


def _some(body: Any, names: Sequence[str]) -> list[object]:
    return [body[name] for name in names]
