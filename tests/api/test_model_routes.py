"""Weights are learnt, compared, chosen and put back; nothing moves before somebody chooses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from regard.identity.keep_models import shipped_model
from regard.identity.match_model import MatchModel, default_model
from regard.identity.write_model import named_by_content, write_model
from regard.pipeline.run_model_jobs import ModelJobs
from tests.api.test_judgement_routes import customers, projecting
from tests.api.world import World
from tests.views.customers import record
from tests.views.test_compose_view import NOON

MODELS = "/api/v1/identity/models"
SHIPPED = shipped_model().version


def cautious() -> MatchModel:
    """The shipped weights, but nothing is ever enough to join."""
    model = default_model()
    person = dataclasses.replace(model.person, prior=-60.0)
    return named_by_content(dataclasses.replace(model, version="cautious", person=person))


TWINS = [
    record(
        source, "people", number, NOON, given_name="Anna", family_name="Brzezinska", birth_date="1980-02-03",
        email="anna@brzezinska.example", government_id={"issuer": "PL", "value": "80020312345"},
    )
    for source, number in (("crm", "1"), ("shop", "9"))
]  # fmt: skip
OTHER = record("crm", "people", "2", NOON, given_name="Jan", family_name="Nowak", email="jan@nowak.example")


async def overview(world: World, role: str = "data_steward") -> Any:
    return await world.json(role, "/identity/models")


async def do_jobs(world: World) -> None:
    """What the worker would do."""
    back_end = world.back_end
    jobs = ModelJobs(back_end.pool, back_end.keyring, back_end.clock, "a worker of this test")
    while job_id := await jobs.claim():
        await jobs.do(job_id)


async def post(world: World, path: str, role: str = "data_steward", **kwargs: Any) -> Any:
    return await (await world.as_role(role)).post(MODELS + path, **kwargs)


async def bring(world: World, model: MatchModel) -> str:
    answer = await post(world, "", content=write_model(model))
    assert answer.status_code == 201, answer.text
    return answer.json()["version"]


@asynccontextmanager
async def two_customers(world: World) -> AsyncIterator[str]:
    """Anna, whom two sources know, and Jan; the version of weights that would part Anna."""
    await world.deliver(*TWINS, OTHER)
    assert len(await customers(world)) == 2
    yield await bring(world, cautious())


async def test_before_anything_happened_the_shipped_weights_decide(world: World) -> None:
    found = await overview(world)
    assert (found["deciding"], found["chosen"]) == (SHIPPED, SHIPPED)
    assert found["jobs"] == []


async def test_weights_learnt_from_the_records_wait_to_be_chosen(world: World) -> None:
    await world.deliver(*TWINS, OTHER)
    before = await customers(world)
    assert (await post(world, "/train")).status_code == 202
    (job,) = (await overview(world))["jobs"]
    assert (job["kind"], job["status"]) == ("train", "waiting")
    again = await post(world, "/train")
    assert (again.status_code, again.json()["code"]) == (409, "model_job_busy")

    await do_jobs(world)
    found = await overview(world)
    (job,) = found["jobs"]
    assert (job["status"], job["result"]) == ("done", {"records": 3, "judgements": 0})
    learnt = next(model for model in found["models"] if model["version"] == job["version"])
    assert (learnt["how"], learnt["made_by"], learnt["records"]) == ("learnt", "data_steward", 3)
    assert found["deciding"] == found["chosen"] == SHIPPED
    assert await customers(world) == before


async def test_what_people_judged_counts_in_what_is_learnt(world: World) -> None:
    await world.deliver(*TWINS, OTHER)
    await post(world, "/train")
    await do_jobs(world)
    anna, jan = sorted(await customers(world), key=lambda one: one != str(TWINS[0].subject.record_id))
    steward = await world.as_role("data_steward")
    async with projecting(world):
        merged = await steward.post(f"/api/v1/customers/{anna}/merge", json={"with": jan})
        assert merged.json()["applied"] is True
    await post(world, "/train")
    await do_jobs(world)
    jobs = (await overview(world))["jobs"]
    assert {job["result"]["judgements"] for job in jobs} == {0, 1}
    assert len({job["version"] for job in jobs}) == 2


async def test_without_records_it_is_said_that_there_is_nothing_to_learn_from(world: World) -> None:
    await post(world, "/train")
    await do_jobs(world)
    (job,) = (await overview(world))["jobs"]
    assert job["status"] == "failed"
    assert job["error"] == "there are no records to learn from yet; import some first"


async def test_a_comparison_shows_who_would_be_others_and_changes_nothing(world: World) -> None:
    await world.add_source("crm", "CRM")
    async with two_customers(world) as version:
        empty = await world.json("data_steward", f"/identity/models/{version}/differences")
        assert (empty["compared_at"], empty["differences"]) == (None, [])
        before = await world.back_end.digests()
        assert (await post(world, f"/{version}/compare")).status_code == 202
        await do_jobs(world)
        assert await world.back_end.digests() == before

        (job,) = (await overview(world))["jobs"]
        assert (job["version"], job["against"]) == (version, SHIPPED)
        assert job["result"] == {
            "records": 3, "customers_now": 2, "customers_then": 3, "records_moved": 1,
            "merged": 0, "split": 1, "moved": 0, "listed": 1,
        }  # fmt: skip
        found = await world.json("data_steward", f"/identity/models/{version}/differences")
        (one,) = found["differences"]
        assert (one["kind"], one["words"]) == ("split", "One customer would become 2.")
        (anna,) = one["before"]
        assert (anna["name"], anna["records"], anna["exists"]) == ("Anna Brzezinska", 2, True)
        assert [(side["name"], side["records"]) for side in one["after"]] == [("Anna Brzezinska", 1)] * 2
        shown = [row for side in one["after"] for row in side["shown"]]
        assert {row["external_id"] for row in shown} == {"1", "9"}
        assert "CRM" in {row["source_title"] for row in shown}
        assert "given_name" in {value["field"] for value in shown[0]["values"]}
        assert found["next"] is None
        nothing = await world.json("data_steward", f"/identity/models/{version}/differences?kind=merged")
        assert nothing["differences"] == []


async def test_differences_come_in_pages_the_weightiest_first(world: World) -> None:
    pairs = [
        record(source, "people", f"{number}", NOON, given_name=name, family_name="Quist",
               birth_date=f"198{number}-02-03", email=f"{name}@quist.example")
        for number, name in enumerate(("anna", "bert", "carla"))
        for source in (("crm", "shop", "web") if name == "carla" else ("crm", "shop"))
    ]  # fmt: skip
    await world.deliver(*pairs)
    version = await bring(world, cautious())
    await post(world, f"/{version}/compare")
    await do_jobs(world)
    path = f"/identity/models/{version}/differences?limit=2"
    first = await world.json("data_steward", path)
    second = await world.json("data_steward", f"{path}&after={first['next']}")
    sizes = [one["before"][0]["records"] for one in (*first["differences"], *second["differences"])]
    assert sizes == [3, 2, 2]
    assert second["next"] is None


async def test_choosing_weights_decides_anew_and_choosing_the_old_ones_puts_all_back(world: World) -> None:
    async with two_customers(world) as version:
        before = await world.back_end.digests()
        async with projecting(world):
            used = await post(world, f"/{version}/use", json={"reason": "too many wrong joins"})
        assert (used.status_code, used.json()["taken_up"]) == (202, True)
        await world.back_end.projector.catch_up()
        found = await overview(world)
        assert (found["chosen"], found["deciding"]) == (version, version)
        assert (found["state"]["stage"], found["state"]["customers"]) == ("done", 2)
        assert len(await customers(world)) == 3
        choice = found["choices"][0]
        assert (choice["version"], choice["used_by"], choice["reason"]) == (
            version, "data_steward", "too many wrong joins",
        )  # fmt: skip
        again = await post(world, f"/{version}/use", json={})
        assert (again.status_code, again.json()["code"]) == (422, "model_refused")

        anna = str(TWINS[0].subject.record_id)
        changes = await world.json("data_steward", f"/customers/{anna}/changes")
        assert changes["changes"][0]["because"] == f"because other weights came into force ({version})"

        world.back_end.clock.advance(timedelta(minutes=1))
        async with projecting(world):
            await post(world, f"/{SHIPPED}/use", json={"reason": "it was right before"})
        await world.back_end.projector.catch_up()
        assert await world.back_end.digests() == before
        assert (await overview(world))["deciding"] == SHIPPED


async def test_explanations_follow_the_weights_that_decide(world: World) -> None:
    async with two_customers(world):
        anna = str(TWINS[0].subject.record_id)
        model = default_model()
        person = dataclasses.replace(model.person, prior=-20.0)
        version = await bring(world, dataclasses.replace(model, person=person))
        before = await world.json("data_steward", f"/customers/{anna}/identity")
        async with projecting(world):
            await post(world, f"/{version}/use", json={})
        await world.back_end.projector.catch_up()
        world.services.door.identity._explainer._hubs_at = None
        after = await world.json("data_steward", f"/customers/{anna}/identity")
        moved = model.person.prior + 20.0
        assert before["joins"][0]["bits"] - after["joins"][0]["bits"] == pytest.approx(moved, abs=0.02)


async def test_a_file_that_is_no_model_is_refused_with_its_place(world: World) -> None:
    answer = await post(world, "", content=re.sub('"lean": [0-9.]+', '"lean": 7', write_model(cautious())))
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_model_file")
    assert "person.lean" in answer.json()["detail"] or "organisation.lean" in answer.json()["detail"]
    assert (await post(world, "", content=b"\xff\xfe")).status_code == 422
    german = dataclasses.replace(cautious(), default_country="DE")
    assert "default_country" in (await post(world, "", content=write_model(german))).json()["detail"]


@pytest.mark.parametrize("path", ["/none-000000000000/compare", "/none-000000000000/use"])
async def test_weights_that_are_not_kept_are_unknown(world: World, path: str) -> None:
    answer = await post(world, path, json={})
    assert (answer.status_code, answer.json()["code"]) == (404, "model_unknown")


async def test_who_may_not_manage_weights_sees_and_does_nothing(world: World) -> None:
    async with two_customers(world) as version:
        for role in ("support_agent", "marketer", "privacy_officer", "sales_rep", "account_manager"):
            assert (await world.get(role, "/identity/models")).status_code == 403
            assert (await world.get(role, f"/identity/models/{version}/differences")).status_code == 403
            for path in ("", "/train", f"/{version}/compare", f"/{version}/use"):
                assert (await post(world, path, role, json={})).status_code == 403
        assert len((await overview(world))["choices"]) == 0


async def test_an_administrator_manages_weights_and_sees_no_customer(world: World) -> None:
    async with two_customers(world) as version:
        assert (await post(world, f"/{version}/compare", "administrator")).status_code == 202
        await do_jobs(world)
        found = await overview(world, "administrator")
        assert found["jobs"][0]["result"]["split"] == 1
        assert "Brzezinska" not in str(found)
        refused = await world.get("administrator", f"/identity/models/{version}/differences")
        assert refused.status_code == 403


async def test_looking_at_differences_is_written_down(world: World) -> None:
    async with two_customers(world) as version:
        await post(world, f"/{version}/compare")
        await do_jobs(world)
        await world.json("data_steward", f"/identity/models/{version}/differences")
        (look,) = await world.fetch("SELECT * FROM access.audit_read WHERE action = 'model_differences'")
        assert (look["decision"], look["results"]) == ("allow", 1)


async def test_work_whose_program_ended_is_told_as_failed(world: World) -> None:
    await world.deliver(*TWINS)
    await post(world, "/train")
    back_end = world.back_end
    gone = ModelJobs(back_end.pool, back_end.keyring, back_end.clock, "gone")
    assert await gone.claim()
    await world.execute("UPDATE identity.model_job SET expires_at = now() - interval '1 second'")
    await do_jobs(world)
    (job,) = (await overview(world))["jobs"]
    assert (job["status"], job["error"]) == (
        "failed",
        "The program that worked on this ended; start it anew.",
    )
