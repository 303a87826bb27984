"""How the judgements about a customer are looked up."""

from __future__ import annotations

from uuid import uuid4

import pytest

from regard.db.named_queries import NamedQueries
from tests.api.world import World

_queries = NamedQueries("regard.views", "views.sql")


@pytest.mark.parametrize(
    ("query", "asked"), [("read_standing_judgements", [uuid4()]), ("read_identity", uuid4())]
)
async def test_the_judgements_about_a_customer_are_found_without_reading_all_of_them(
    world: World, query: str, asked: object
) -> None:
    async with world.back_end.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        rows = await connection.fetch("EXPLAIN " + _queries[query], asked)
    plan = "\n".join(row[0] for row in rows)
    assert "judgement_by_left" in plan
    assert "judgement_by_right" in plan
