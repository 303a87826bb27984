"""The messages of PostgreSQL's log are read as they were written, and put together to whole transactions."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.connector_contract import SourceMisbehavesError
from regard.connectors.postgres.assemble_transactions import Piece, Position, TransactionAssembler
from regard.connectors.postgres.convert_pg_text import convert_text
from regard.connectors.postgres.decode_pgoutput import (
    UNCHANGED,
    Begin,
    Commit,
    Delete,
    Insert,
    LogicalMessage,
    Message,
    Origin,
    Relation,
    RelationColumn,
    Truncate,
    TypeName,
    Update,
    decode_message,
)
from regard.connectors.postgres.derive_row_changes import Relations
from regard.connectors.postgres.describe_source_table import SourceColumn, SourceTable, identify_row
from regard.connectors.postgres.replication_cursor import (
    Reading,
    ReadTable,
    ReplicationCursor,
    format_lsn,
    load_cursor,
    parse_lsn,
)
from tests.connectors.pgoutput_bytes import encode_message

_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

_texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
_names = st.text("abcäß_ ", min_size=1, max_size=8)
_oids = st.integers(1, 2**32 - 1)
_lsns = st.integers(0, 2**63 - 1)
_times = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_rows = st.lists(st.one_of(_texts, st.none(), st.just(UNCHANGED)), max_size=5).map(tuple)
_columns = st.lists(st.builds(RelationColumn, _names, _oids, st.booleans()), max_size=5).map(tuple)
_messages = st.one_of(
    st.builds(Begin, _lsns, _times, _oids),
    st.builds(Commit, _lsns, _lsns, _times),
    st.builds(Relation, _oids, _names, _names, st.sampled_from("dnfi"), _columns),
    st.builds(TypeName, _oids, _names, _names),
    st.builds(Insert, _oids, _rows),
    st.builds(Update, _oids, _rows),
    st.builds(Update, _oids, _rows, _rows, st.booleans()),
    st.builds(Delete, _oids, _rows, st.booleans()),
    st.builds(Truncate, st.lists(_oids, max_size=4).map(tuple)),
    st.builds(LogicalMessage, _names, st.binary(max_size=20), _lsns, st.booleans()),
    st.builds(Origin, _names, _lsns),
)


@given(_messages)
def test_every_message_is_read_as_it_was_written(message: Message) -> None:
    assert decode_message(encode_message(message)) == message


@given(st.one_of(st.binary(min_size=1, max_size=60), _messages.map(lambda one: encode_message(one)[:-1])))
def test_bytes_that_are_no_message_are_a_misbehaving_source_and_nothing_worse(payload: bytes) -> None:
    with contextlib.suppress(SourceMisbehavesError):
        decode_message(payload)


def test_the_bytes_of_a_recorded_update_mean_what_postgresql_wrote() -> None:
    recorded = bytes.fromhex(
        "55 0000 4001 4b 0003 74 00000001 37 6e 6e 4e 0003 74 00000001 38 75 74 00000003 c384 62"
    )
    assert decode_message(recorded) == Update(0x4001, ("8", UNCHANGED, "Äb"), ("7", None, None), False)


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("int8", "9223372036854775807", 9223372036854775807),
        ("numeric", "12345678901234567890.10", "12345678901234567890.10"),
        ("float8", "0.1", 0.1),
        ("float8", "NaN", "NaN"),
        ("bool", "t", True),
        ("bytea", "\\x00ff", "AP8="),
        ("timestamptz", "2026-01-02 03:04:05.678+00", "2026-01-02T03:04:05.678+00:00"),
        ("timestamptz", "infinity", "infinity"),
        ("timestamp", "2026-01-02 03:04:05", "2026-01-02T03:04:05"),
        ("timestamp", "0044-03-15 10:00:00 BC", "0044-03-15 10:00:00 BC"),
        ("date", "2026-01-02", "2026-01-02"),
        ("jsonb", '{"id": 9007199254740993, "p": 1.10, "q": 0.1234567890123456789}',
         {"id": 9007199254740993, "p": 1.1, "q": "0.1234567890123456789"}),
        ("bpchar", "ab  ", "ab"),
        ("_int4", "{1,NULL,3}", [1, None, 3]),
        ("_text", '{a,"b,\\"c\\\\",NULL,"NULL",""}', ["a", 'b,"c\\', None, "NULL", ""]),
        ("_int4", "{{1,2},{3,4}}", [[1, 2], [3, 4]]),
        ("_int4", "[0:1]={5,6}", [5, 6]),
        ("_timestamptz", '{"2026-01-02 03:04:05+00"}', ["2026-01-02T03:04:05+00:00"]),
        ("int4range", "[1,5)", "[1,5)"),
        ("uuid", "6b1c8f5e-0000-4000-8000-000000000001", "6b1c8f5e-0000-4000-8000-000000000001"),
        ("int4", "not a number", "not a number"),
    ],
)  # fmt: skip
def test_values_keep_what_they_say(type_name: str, text: str, value: object) -> None:
    assert convert_text(type_name, text) == value


@given(st.lists(st.one_of(st.none(), _texts), max_size=6))
def test_any_list_of_texts_comes_back_from_an_array(items: list[str | None]) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    literal = "{" + ",".join("NULL" if one is None else quoted(one) for one in items) + "}"
    assert convert_text("_text", literal) == items


@given(st.lists(_texts, min_size=2, max_size=3), st.lists(_texts, min_size=2, max_size=3))
def test_two_keys_have_the_same_id_only_when_they_are_the_same(one: list[str], other: list[str]) -> None:
    def identify(values: list[str]) -> str:
        names = [f"k{number}" for number in range(len(values))]
        return identify_row(names, dict(zip(names, values, strict=True)))

    if len(one) == len(other):
        assert (identify(one) == identify(other)) == (one == other)


def test_a_key_of_several_columns_is_joined_and_a_row_without_key_is_named_by_all_it_says() -> None:
    assert identify_row(("a", "b"), {"a": "4", "b": "x|y", "c": "z"}) == "4|x\\|y"
    assert identify_row(("a",), {"a": "x|y"}) == "x|y"
    whole = identify_row((), {"a": "1", "b": None})
    assert whole == identify_row((), {"a": "1"}) != identify_row((), {"a": "2"})
    assert len(identify_row(("a",), {"a": "x" * 900})) == 40


@given(_lsns)
def test_positions_are_written_as_postgresql_does(lsn: int) -> None:
    assert parse_lsn(format_lsn(lsn)) == lsn


def test_a_position_looks_like_postgresqls() -> None:
    assert parse_lsn("16/B374D848") == 0x16B374D848


@given(
    st.builds(
        ReplicationCursor,
        st.text("0123456789", min_size=1),
        _names,
        st.builds(Position, _lsns) | st.builds(Position, _lsns, st.integers(1, 2**60), st.integers(1, 99)),
        _times,
        st.dictionaries(_names, st.builds(ReadTable, _names, _lsns), max_size=3),
        st.none() | st.builds(Reading, _names, st.builds(ReadTable, _names, _lsns), st.tuples(_texts)),
    )
)  # fmt: skip
def test_a_cursor_is_the_same_after_it_was_kept(cursor: ReplicationCursor) -> None:
    assert load_cursor(cursor.to_json()) == cursor


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_times_only_grow_and_never_lie_in_the_future_of_both_clocks(offsets: list[int]) -> None:
    """Whatever the source's clock does: the order of its log decides."""
    cursor = ReplicationCursor("1", "s", Position(0), _NOON - timedelta(days=30))
    for offset in offsets:
        before = cursor.at
        at = cursor.stamp(_NOON + timedelta(seconds=offset), _NOON)
        assert before < at <= max(_NOON, before + timedelta(microseconds=1))
        cursor = cursor.moved(Position(0), at)


# A table of a law: id is the key, v a value; operations make transactions, restarts cut them anywhere.
_TABLE = SourceTable(
    7, "public", "t", "d", (SourceColumn("id", "integer", "int4"), SourceColumn("v", "text", "text")),
    ("id",),
    published=True,
)  # fmt: skip
_RELATION = Relation(7, "public", "t", "d", (RelationColumn("id", 23, True), RelationColumn("v", 25, False)))
_operations = st.one_of(
    st.tuples(st.just("put"), st.integers(1, 5), st.text("xyz", max_size=2)),
    st.tuples(st.just("move"), st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.just("drop"), st.integers(1, 5)),
    st.tuples(st.just("empty")),
)


def _write(operations: list[tuple[Any, ...]], rows: dict[int, str]) -> list[Message]:
    """The messages PostgreSQL would send for operations that are possible, and the rows after them."""
    messages: list[Message] = []
    for operation in operations:
        match operation:
            case ("put", key, value):
                new = (str(key), value)
                messages.append(Update(7, new) if key in rows else Insert(7, new))
                rows[key] = value
            case ("move", key, to) if key in rows and to not in rows:
                rows[to] = rows.pop(key)
                messages.append(Update(7, (str(to), rows[to]), (str(key), None)))
            case ("drop", key) if key in rows:
                del rows[key]
                messages.append(Delete(7, (str(key), None), False))
            case ("empty",):
                rows.clear()
                messages.append(Truncate((7,)))
    return messages


def _log(transactions: list[list[tuple[Any, ...]]]) -> tuple[list[Message], dict[int, str]]:
    rows: dict[int, str] = {}
    messages: list[Message] = []
    for number, operations in enumerate(transactions, 1):
        lsn = number * 100
        at = _NOON + timedelta(seconds=number)
        body = _write(operations, rows)
        messages += [Begin(lsn, at, number), _RELATION, *body, Commit(lsn, lsn + 50, at)]
    return messages, rows


class _Taker:
    """Commits pieces with their position; what was not committed when it dies comes again."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.position = Position(0)
        self.taken: list[tuple[Position, str]] = []

    def take(self, piece: Piece) -> None:
        if piece.emptied:
            self.rows.clear()
        for change in piece.changes:
            if change.row is None:
                self.rows.pop(change.external_id, None)
            else:
                self.rows[change.external_id] = change.row["v"]
        assert (piece.position.lsn, piece.position.inside, piece.position.done) > (
            self.position.lsn, self.position.inside, self.position.done
        )  # fmt: skip
        self.position = piece.position


@given(
    st.lists(st.lists(_operations, max_size=8), max_size=6),
    st.integers(1, 4),
    st.lists(st.integers(0, 30), max_size=6),
)
def test_whatever_is_cut_off_anywhere_nothing_is_lost_and_nothing_comes_twice(
    transactions: list[list[tuple[Any, ...]]], most: int, deaths: list[int]
) -> None:
    messages, rows = _log(transactions)
    taker = _Taker()
    for death in [*deaths, len(messages)]:
        relations = Relations([_TABLE])
        assembler = TransactionAssembler(taker.position, relations, most=most)
        for message in messages[:death]:
            for piece in assembler.feed(message):
                taker.take(piece)
    assert taker.rows == {str(key): value for key, value in rows.items()}


@given(st.lists(st.lists(_operations, max_size=8), max_size=6), st.integers(0, 6))
def test_changes_that_a_reading_has_seen_are_not_told_again(
    transactions: list[list[tuple[Any, ...]]], seen: int
) -> None:
    messages, rows = _log(transactions)
    _, before = _log(transactions[:seen])
    taker = _Taker()
    taker.rows = {str(key): value for key, value in before.items()}
    as_of = min(seen, len(transactions)) * 100 + 50
    assembler = TransactionAssembler(Position(0), Relations([_TABLE]), read_as_of={"t": as_of})
    for message in messages:
        for piece in assembler.feed(message):
            assert piece.committed_at > _NOON + timedelta(seconds=seen)
            taker.take(piece)
    assert taker.rows == {str(key): value for key, value in rows.items()}


def test_a_transaction_changes_a_record_once() -> None:
    messages, _ = _log([[("put", 1, "x"), ("put", 2, "y"), ("put", 1, "z")]])
    assembler = TransactionAssembler(Position(0), Relations([_TABLE]))
    (piece,) = [piece for message in messages for piece in assembler.feed(message)]
    assert [(one.external_id, one.row["v"]) for one in piece.changes if one.row] == [("2", "y"), ("1", "z")]


def test_a_value_that_was_not_sent_comes_from_the_same_transaction_or_is_asked_for() -> None:
    assembler = TransactionAssembler(Position(0), Relations([_TABLE]))
    begin, commit = Begin(100, _NOON, 1), Commit(100, 150, _NOON)
    together = [begin, _RELATION, Insert(7, ("1", "long")), Update(7, ("1", UNCHANGED)), commit]
    (piece,) = [piece for message in together for piece in assembler.feed(message)]
    assert piece.changes[0].row == {"id": "1", "v": "long"}
    assert not piece.changes[0].missing
    later = [Begin(200, _NOON, 2), Update(7, ("1", UNCHANGED)), Commit(200, 250, _NOON)]
    (piece,) = [piece for message in later for piece in assembler.feed(message)]
    assert piece.changes[0].missing == ("v",)
    assert piece.changes[0].key == (("id", "1"),)


def test_with_full_identity_the_old_row_fills_what_was_not_sent() -> None:
    relations = Relations([_TABLE])
    relations.learn(
        Relation(7, "public", "t", "f", (RelationColumn("id", 23, True), RelationColumn("v", 25, True)))
    )
    (change,) = relations.changes(Update(7, ("1", UNCHANGED), ("1", "long"), True))
    assert change.body() == {"id": 1, "v": "long"}
