"""Named SQL is found by its name, and a mistake names the file and the query."""

from __future__ import annotations

import pytest

from regard.db.named_queries import NamedQueries, NamedQueryError, split_queries


def test_a_query_is_the_text_between_its_name_and_the_next_name() -> None:
    queries = split_queries(
        "-- about this file\n\n-- name: one\n-- why\nSELECT 1\n\n-- name: two\nSELECT 2;\nSELECT 3\n",
        place="x.sql",
    )
    assert queries == {"one": "-- why\nSELECT 1", "two": "SELECT 2;\nSELECT 3"}


def test_a_missing_query_is_reported_with_file_name_and_what_there_is() -> None:
    with pytest.raises(NamedQueryError, match=r"regard/db/migrate\.sql has no query named 'nope'.*take_turn"):
        NamedQueries("regard.db", "migrate.sql")["nope"]


def test_a_missing_file_is_reported_with_its_path_when_first_asked() -> None:
    queries = NamedQueries("regard.db", "absent.sql")
    with pytest.raises(NamedQueryError, match=r"regard/db/absent\.sql"):
        queries["anything"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- name: a\nSELECT 1\n-- name: a\nSELECT 2", "two queries are named 'a'"),
        ("-- name: a\n-- only a comment\n", "the query 'a' is empty"),
        ("SELECT 1\n-- name: a\nSELECT 2", "has no name"),
    ],
)
def test_a_malformed_file_is_refused_with_the_reason(text: str, complaint: str) -> None:
    with pytest.raises(NamedQueryError, match=f"x.sql: .*{complaint}"):
        split_queries(text, place="x.sql")
