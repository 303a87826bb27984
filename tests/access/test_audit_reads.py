"""Who looked at what is written down first, or nothing is seen."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from regard.access.audit_reads import AuditBrokenError, verify_audit
from tests.api.world import World, id_of
from tests.views.customers import record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ANNE = record(
    "crm", "contacts", "17", NOON - timedelta(days=9), given_name="Anne", family_name="Kowalczyk",
    email="anne.kowalczyk@example.com", phone="+49 30 1234567", birth_date="1980-02-03", shoe_size="38",
)  # fmt: skip


async def test_a_look_is_written_down_with_field_names_and_without_a_value(world: World) -> None:
    await world.deliver(ANNE)
    answer = await world.get("support_agent", f"/customers/{id_of(ANNE)}")
    rows = await world.fetch("SELECT * FROM access.audit_read WHERE action = 'view'")
    assert len(rows) == 1
    row = rows[0]
    assert (row["username"], row["role"], row["decision"]) == ("support_agent", "support_agent", "allow")
    assert row["customer_id"] == id_of(ANNE)
    assert row["request_id"] == answer.headers["x-request-id"]
    shown, masked = (part.partition("=")[2].split(",") for part in row["fields"].split(";")[:2])
    assert {"name", "given_name"} <= set(shown)
    assert {"email", "phone"} == set(masked)
    assert "shoe_size" not in row["fields"]
    assert "Kowalczyk" not in str(dict(row))


async def test_an_answer_that_says_nothing_changed_is_written_down_too(world: World) -> None:
    await world.deliver(ANNE)
    first = await world.get("sales_rep", f"/customers/{id_of(ANNE)}")
    again = await world.get(
        "sales_rep", f"/customers/{id_of(ANNE)}", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert len(await world.fetch("SELECT FROM access.audit_read WHERE action = 'view'")) == 2


async def test_when_the_audit_cannot_be_written_nothing_is_seen(world: World) -> None:
    await world.deliver(ANNE)
    await world.as_role("sales_rep")
    await world.execute("ALTER TABLE access.audit_read ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    for path in (
        "", "/timeline", "/identity", "/export", "/provenance/email",
    ):  # fmt: skip
        answer = await world.get("sales_rep", f"/customers/{id_of(ANNE)}{path}")
        assert answer.status_code == 503, path
        assert answer.json()["code"] == "audit_unavailable"
        assert "Kowalczyk" not in answer.text
    assert (await world.get("sales_rep", "/customers?q=kowalczyk")).status_code == 503
    await world.execute("ALTER TABLE access.audit_read DROP CONSTRAINT full_disk")
    assert (await world.get("sales_rep", f"/customers/{id_of(ANNE)}")).status_code == 200


async def test_refusals_and_ids_that_name_nobody_are_written_down(world: World) -> None:
    await world.get("administrator", f"/customers/{id_of(ANNE)}")
    await world.get("sales_rep", f"/customers/{id_of(ANNE)}")
    rows = await world.fetch("SELECT role, decision FROM access.audit_read ORDER BY role")
    assert [(r["role"], r["decision"]) for r in rows] == [("administrator", "deny"), ("sales_rep", "unknown")]


async def test_many_looks_at_once_make_one_unbroken_chain(world: World) -> None:
    await world.deliver(ANNE)
    await world.as_role("sales_rep")
    await asyncio.gather(*(world.get("sales_rep", f"/customers/{id_of(ANNE)}") for _ in range(40)))
    async with world.back_end.pool.acquire() as connection:
        assert await verify_audit(connection) == 40


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE access.audit_read SET username = 'somebody' WHERE seq = 2",
        "UPDATE access.audit_read SET fields = '' WHERE seq = 2",
        "DELETE FROM access.audit_read WHERE seq = 2",
        "UPDATE access.audit_read SET seq = CASE seq WHEN 1 THEN 102 WHEN 2 THEN 101 ELSE seq END",
    ],
)
async def test_a_row_that_was_altered_removed_or_moved_is_found(world: World, tampering: str) -> None:
    await world.deliver(ANNE)
    for _ in range(3):
        await world.get("sales_rep", f"/customers/{id_of(ANNE)}")
    async with world.back_end.pool.acquire() as connection:
        assert await verify_audit(connection) == 3
        await connection.execute(tampering)
        with pytest.raises(AuditBrokenError):
            await verify_audit(connection)
