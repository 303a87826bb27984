"""What a database says in its own words may quote rows and secrets; people are told what it means."""

from __future__ import annotations

import psycopg2
import pytest
import sqlalchemy as sa

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.postgres.ask_postgres import explain_break
from regard.connectors.postgres.follow_log import ChangesLostError, explain_stream
from regard.connectors.postgres.open_postgres import explain_connection
from regard.connectors.postgres.postgres_settings import PostgresSettings
from regard.connectors.postgres.prepare_postgres import _explain
from regard.connectors.sql.open_engine import explain_sql
from regard.connectors.sql.sql_settings import SqlSettings, StreamSettings

SECRET = "anna@example.com"
SHOP = SqlSettings("postgresql", "shop", (StreamSettings("t", "t", None),))
CAPTURED = PostgresSettings("db", "shop", "reader")


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ("permission denied for", SourceRefusesError, "lacks a right"),
        ("password authentication failed for", SourceRefusesError, "user and password"),
        ("relation does not exist", SourceRefusesError, "is not there"),
        ("syntax error at or near", SourceRefusesError, "the query cannot be read"),
        ("invalid input syntax for type integer:", SourceUnavailableError, "Regard tries again"),
    ],
)
def test_polling_tells_the_meaning_of_an_error(words: str, kind: type[Exception], told: str) -> None:
    cause = psycopg2.OperationalError(f"{words} {SECRET}")
    problem = explain_sql(sa.exc.OperationalError("SELECT 1", {}, cause), SHOP)
    assert isinstance(problem, kind)
    assert told in str(problem)
    assert SECRET not in str(problem)
    assert "Error" not in str(problem)


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        ("no pg_hba.conf entry for", SourceRefusesError, "add a line"),
        ("role does not exist", SourceRefusesError, "is not there"),
        ("could not connect:", SourceUnavailableError, "cannot be reached"),
    ],
)
def test_a_connection_that_fails_is_told_by_its_meaning(words: str, kind: type[Exception], told: str) -> None:
    problem = explain_connection(psycopg2.OperationalError(f"{words} {SECRET}"), CAPTURED)
    assert isinstance(problem, kind)
    assert told in str(problem)
    assert SECRET not in str(problem)


def test_a_stream_that_breaks_is_told_by_its_kind() -> None:
    lost = explain_stream(psycopg2.OperationalError(f"slot can no longer get changes {SECRET}"))
    broke = explain_stream(psycopg2.OperationalError(SECRET))
    asked = explain_break(psycopg2.DataError(SECRET))
    assert isinstance(lost, ChangesLostError)
    assert "broke off. Regard tries again" in str(broke)
    assert "did not answer to the end. Regard tries again" in str(asked)
    assert SECRET not in f"{lost} {broke} {asked}"


class DeniedError(psycopg2.errors.InsufficientPrivilege):
    pgcode = "42501"  # what a server tells, which only its own errors carry


def test_what_a_server_refuses_is_told_by_its_code_and_never_by_the_name_of_a_class() -> None:
    told = [
        explain(problem)
        for explain in (explain_stream, explain_break, lambda one: _explain(one, CAPTURED, 1))
        for problem in (psycopg2.OperationalError(SECRET), DeniedError(SECRET))
    ]
    for sentence in map(str, told):
        assert "Error" not in sentence
        assert SECRET not in sentence
    assert ["(42501)" in str(one) for one in told] == [False, True] * 3
