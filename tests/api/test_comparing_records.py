"""Why are these two one customer, or why not? Asked of any two records, answered as far as the role sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.world import World, id_of
from tests.views.customers import record
from tests.views.test_compose_identity import CRM, NOON, SHOP

FATHER = record(
    "crm", "contacts", "C-1", NOON - timedelta(days=9), full_name="Konrad Meier", birth_date="1950-02-03",
    street="Ringweg 1", postcode="10115", city="Berlin",
)  # fmt: skip
SON = record(
    "shop", "customers", "K-1", NOON, full_name="Konrad Meier", birth_date="1982-11-21",
    street="Ringweg 1", postcode="10115", city="Berlin",
)  # fmt: skip


async def compared(world: World, one: object, two: object, role: str = "data_steward") -> Any:
    return await world.json(role, f"/identity/compare?left={one}&right={two}")


def total(pair: dict[str, Any]) -> float:
    lines = sum(line["bits"] for line in pair["evidence"])
    return float(pair["prior"] + lines + (pair["hidden_bits"] or 0.0) - pair["household_bits"])


async def test_two_people_are_told_apart_with_both_values_of_every_field_and_figures_that_add_up(
    world: World,
) -> None:
    await world.add_source("crm", "CRM")
    await world.deliver(FATHER, SON)
    found = await compared(world, id_of(FATHER), id_of(SON))
    assert found["together"] is False
    assert found["why"] == "They are two customers: the evidence does not suffice."
    assert (found["left"]["source_title"], found["left"]["records"]) == ("CRM", 1)
    lines = {line["field"]: line for line in found["pair"]["evidence"]}
    assert lines["address"]["left"] == lines["address"]["right"] == "Ringweg 1, 10115, Berlin"
    assert "1950" not in str(found)
    assert lines["birth_date"]["said"] == "differs by a generation"
    assert lines["birth_date"]["bits"] < 0 < lines["family_name"]["bits"]
    assert found["pair"]["bits"] == pytest.approx(total(found["pair"]), abs=1e-9)
    assert found["whole"] == found["pair"]


async def test_records_of_one_customer_are_compared_and_a_customers_id_stands_for_its_oldest_record(
    world: World,
) -> None:
    await world.deliver(CRM, SHOP, SON)
    found = await compared(world, id_of(CRM), id_of(SHOP))
    assert (found["together"], found["whole"]) == (True, None)
    assert found["left"]["customer"] == found["right"]["customer"] == str(id_of(CRM))
    other = await compared(world, id_of(SHOP), id_of(SON))
    assert other["left"]["records"] == 2
    assert other["whole"]["bits"] < 0


async def test_how_common_a_value_is_goes_only_to_who_sees_the_value(world: World) -> None:
    smiths = [
        record(source, "people", "1", NOON, full_name="John Smith", birth_date="1980-02-03")
        for source in ("crm", "shop")
    ]
    await world.deliver(*smiths)
    lines = {}
    for role in ("data_steward", "sales_rep"):
        found = await compared(world, *map(id_of, smiths), role)
        lines[role] = {line["field"]: line for line in found["pair"]["evidence"]}
        assert found["pair"]["bits"] == pytest.approx(total(found["pair"]), abs=1e-9)
    assert lines["data_steward"]["family_name"]["one_in"] == 100
    assert lines["data_steward"]["family_name"]["rarity_bits"] < 0
    assert "birth_date" in lines["data_steward"]
    assert "birth_date" not in lines["sales_rep"]


async def test_of_ids_that_name_nobody_nothing_is_told_and_who_may_not_ask_is_refused(world: World) -> None:
    await world.deliver(CRM)
    for left, right in ((id_of(CRM), id_of(SON)), ("", id_of(CRM)), (id_of(CRM), "x")):
        answer = await world.get("data_steward", f"/identity/compare?left={left}&right={right}")
        assert answer.status_code == 404
    answer = await world.get("administrator", f"/identity/compare?left={id_of(CRM)}&right={id_of(CRM)}")
    assert answer.status_code == 403


async def test_looking_at_two_customers_is_written_down_for_both(world: World) -> None:
    await world.deliver(FATHER, SON)
    await compared(world, id_of(FATHER), id_of(SON))
    rows = await world.fetch("SELECT customer_id FROM access.audit_read WHERE action = 'compare'")
    assert {row["customer_id"] for row in rows} == {id_of(FATHER), id_of(SON)}
