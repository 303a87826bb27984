"""Builds the statements that read a stream page by page in the order of its key or of its changes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from regard.connectors.sql.reflect_sql_stream import CURSOR_LABEL, SqlStream

PAGE = 1_000


def pages_by_key(stream: SqlStream, after: Sequence[Any] | None) -> sa.Select[Any]:
    """The next rows behind a key (None: the first), in its order."""
    keys = _keys(stream)
    statement = _select(stream).order_by(*keys).limit(PAGE)
    return statement.where(_behind(keys, after)) if after else statement


def pages_by_change(
    stream: SqlStream, low: object, last: tuple[object, Sequence[Any]] | None
) -> sa.Select[Any]:
    """The next rows changed at `low` (None: ever) or later; behind the row `last`, its change and key.

    Rows of one instant are told apart by their key: a page may end in the middle of a busy second.
    """
    cursor, keys = _cursor_of(stream), _keys(stream)
    statement = _select(stream).order_by(cursor, *keys).limit(PAGE)
    if last is None:
        return statement.where(cursor.is_not(None) if low is None else cursor >= low)
    at, key = last
    return statement.where(sa.or_(cursor > at, sa.and_(cursor == at, _behind(keys, key))))


def pages_without_change(stream: SqlStream, after: Sequence[Any] | None) -> sa.Select[Any]:
    """The next rows whose change is not filled, behind a key."""
    return pages_by_key(stream, after).where(_cursor_of(stream).is_(None))


def all_rows(stream: SqlStream) -> sa.Select[Any]:
    """All rows in no order, for what has no key."""
    return _select(stream)


def latest_change(stream: SqlStream) -> sa.Select[Any]:
    """The latest change there is."""
    return sa.select(sa.func.max(_cursor_of(stream)))


def rows_with_keys(stream: SqlStream, keys: Sequence[str]) -> sa.Select[Any]:
    """The rows with these keys, for a key of one column."""
    text = sa.cast(stream.column(stream.key[0]), sa.String(500))
    return _select(stream).where(text.in_(list(keys)))


def _select(stream: SqlStream) -> sa.Select[Any]:
    columns: list[ColumnElement[Any]] = [stream.column(name) for name in stream.columns]
    if stream.cursor is not None:
        columns.append(stream.cursor.label(CURSOR_LABEL))
    return sa.select(*columns)


def _keys(stream: SqlStream) -> list[ColumnElement[Any]]:
    return [stream.column(name) for name in stream.key]


def _cursor_of(stream: SqlStream) -> ColumnElement[Any]:
    assert stream.cursor is not None
    return stream.cursor


def _behind(keys: Sequence[ColumnElement[Any]], values: Sequence[Any]) -> ColumnElement[bool]:
    """`(a, b) > (x, y)`, written so that every database knows it."""
    cases = []
    for number, (column, value) in enumerate(zip(keys, values, strict=True)):
        same = [one == known for one, known in zip(keys[:number], values[:number], strict=True)]
        cases.append(sa.and_(*same, column > value))
    return sa.or_(*cases)
