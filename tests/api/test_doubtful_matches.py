"""The steward's queue: what is close is shown with its reasons, and an answer settles it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from regard.kit.clock import SetClock
from tests.api.close_calls import close_call
from tests.api.test_judgement_routes import customers, projecting
from tests.api.world import World, id_of
from tests.views.customers import happened, record
from tests.views.test_compose_view import NOON

ANSWERS = "/api/v1/identity/queue/answers"


async def queue(world: World) -> Any:
    return await world.json("data_steward", "/identity/queue")


def _answer(doubt: Any, verdict: str) -> dict[str, str]:
    return {"left": doubt["left"]["record"], "right": doubt["right"]["record"], "answer": verdict}


@pytest.mark.parametrize("together", [False, True])
async def test_a_close_call_is_shown_with_both_sides_and_what_speaks_for_and_against(
    world: World, together: bool
) -> None:
    events = close_call(together=together)
    await world.add_source("crm", "CRM")
    await world.deliver(*events)
    answer = await queue(world)
    (doubt,) = answer["doubts"]
    assert answer["waiting"] == 1
    assert {doubt["left"]["record"], doubt["right"]["record"]} == {str(id_of(event)) for event in events}
    assert doubt["together"] is together
    assert (doubt["left"]["customer"] == doubt["right"]["customer"]) is together
    assert doubt["why"]
    assert doubt["words"].endswith(".")
    assert "family_name" in {line["field"] for line in doubt["evidence"]}
    assert "CRM" in {doubt["left"]["source_title"], doubt["right"]["source_title"]}
    values = {value["field"] for value in doubt["left"]["values"]}
    assert {"given_name", "family_name"} <= values
    assert 0.1 < doubt["probability"] < 0.95


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("verdict", ["same", "different"])
async def test_an_answer_is_a_judgement_at_once_and_leaves_the_queue(
    world: World, together: bool, verdict: str
) -> None:
    events = close_call(together=together)
    await world.deliver(*events)
    (doubt,) = (await queue(world))["doubts"]
    steward = await world.as_role("data_steward")
    async with projecting(world):
        told = (await steward.post(ANSWERS, json=_answer(doubt, verdict))).json()
        assert told["applied"] is True
        assert len(await customers(world)) == (1 if verdict == "same" else 2)
        assert await queue(world) == {"doubts": [], "waiting": 0}
        again = await steward.post(ANSWERS, json=_answer(doubt, verdict))
        assert (again.status_code, again.json()["code"]) == (422, "judgement_refused")
        undone = await steward.delete(f"/api/v1/judgements/{told['judgement']}")
        assert undone.json()["applied"] is True
        assert (await queue(world))["doubts"] == [doubt]


async def test_what_is_put_off_comes_back_after_a_week(world: World, clock: SetClock) -> None:
    await world.deliver(*close_call(together=False))
    (doubt,) = (await queue(world))["doubts"]
    before = await customers(world)
    steward = await world.as_role("data_steward")
    assert (await steward.post(ANSWERS, json=_answer(doubt, "later"))).status_code == 200
    assert await queue(world) == {"doubts": [], "waiting": 0}
    assert await customers(world) == before
    clock.advance(timedelta(days=7, minutes=1))
    world.signed_in.clear()
    assert (await queue(world))["doubts"] == [doubt]


async def test_of_two_equally_close_calls_the_one_on_which_more_hangs_comes_first(world: World) -> None:
    people = [
        record("crm", "people", str(n), NOON, full_name=f"{name} Quist") for n, name in enumerate("ABCD")
    ]
    orders = [
        happened(person, "order", f"{n}-{at}", NOON) for at, person in enumerate(people[2:]) for n in "123"
    ]
    await world.deliver(*people, *orders)
    await world.execute("DELETE FROM identity.doubt")
    for one, two in (people[:2], people[2:]):
        await world.execute(
            "INSERT INTO identity.doubt VALUES"
            " (least($1::uuid, $2), greatest($1::uuid, $2), -1, false, 'near_miss', 0.3)",
            id_of(one), id_of(two),
        )  # fmt: skip
    first, second = (await queue(world))["doubts"]
    assert {first["left"]["entries"], first["right"]["entries"]} == {3}
    assert {second["left"]["entries"], second["right"]["entries"]} == {0}


async def test_only_who_may_merge_sees_and_answers_the_queue(world: World) -> None:
    await world.deliver(*close_call(together=False))
    (doubt,) = (await queue(world))["doubts"]
    for role in ("support_agent", "marketer", "administrator"):
        client = await world.as_role(role)
        assert (await client.get("/api/v1/identity/queue")).status_code == 403
        for verdict in ("same", "later"):
            assert (await client.post(ANSWERS, json=_answer(doubt, verdict))).status_code == 403
    looks = await world.fetch("SELECT decision FROM access.audit_read WHERE action = 'doubts'")
    assert [look["decision"] for look in looks].count("deny") == 3
