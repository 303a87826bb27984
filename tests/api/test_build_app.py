"""What holds for every address: failures, headers, description, interface."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from regard.api.build_app import build_routes
from regard.api.guard_requests import RequestGuard
from regard.kit.errors import RegardError
from tests.api.world import World, id_of
from tests.laws.test_masked_values_never_leave import readable_paths
from tests.views.test_compose_view import ANNE


async def test_unknown_ids_and_texts_that_are_no_ids_get_the_very_same_answer(world: World) -> None:
    answers = [
        (await world.get("sales_rep", f"/customers/{one}")).json()
        for one in (uuid4(), "nobody", "%00", "1" * 300)
    ]
    for answer in answers:
        answer.pop("request_id")
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "customer_unknown"
    assert answers[0]["status"] == 404


async def test_any_id_that_ever_named_a_record_finds_the_customer_of_today(world: World) -> None:
    await world.deliver(ANNE)
    view = await world.json("sales_rep", f"/customers/{id_of(ANNE)}")
    old = uuid4()
    await world.execute("INSERT INTO identity.membership VALUES ($1, $2)", old, id_of(ANNE))
    assert (await world.json("sales_rep", f"/customers/{old}"))["id"] == view["id"]


async def test_the_tag_stands_for_the_content_and_the_role(world: World) -> None:
    await world.deliver(ANNE)
    path = f"/customers/{id_of(ANNE)}"
    seller, agent = await world.get("sales_rep", path), await world.get("support_agent", path)
    assert seller.headers["etag"] != agent.headers["etag"]
    assert (await world.get("sales_rep", path)).headers["etag"] == seller.headers["etag"]
    other = await world.get("support_agent", path, headers={"If-None-Match": seller.headers["etag"]})
    assert other.status_code == 200


async def test_every_answer_carries_safe_headers_and_a_request_id(world: World) -> None:
    for path in ("/api/v1/health", "/api/v1/customers", "/api/v1/nothing", "/anything"):
        async with world.client() as browser:
            answer = await browser.get(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-request-id"]
        if path.startswith("/api/"):
            assert answer.headers["cache-control"] == "no-store", path


async def test_failures_are_problem_details_and_never_a_stack(world: World) -> None:
    async def break_down() -> None:
        raise RuntimeError("Anne Kowalczyk")

    async def refuse() -> None:
        raise RegardError("/srv/secret/place")

    world.routes.add_api_route("/api/v1/broken", break_down, methods=["GET"])
    world.routes.add_api_route("/api/v1/refused", refuse, methods=["GET"])
    world.routes.router.routes.insert(0, world.routes.router.routes.pop())
    world.routes.router.routes.insert(0, world.routes.router.routes.pop())
    async with world.client() as browser:
        for path, status, code in (
            ("/api/v1/broken", 500, "fault"),
            ("/api/v1/refused", 500, "error"),
            ("/api/v1/nothing", 404, "no_such_address"),
            ("/api/elsewhere", 404, "no_such_address"),
            ("/api/v1/customers", 401, "not_signed_in"),
        ):
            answer = await browser.get(path)
            body = answer.json()
            assert answer.headers["content-type"] == "application/problem+json", path
            assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
            assert body["request_id"] == answer.headers["x-request-id"]
            assert "Kowalczyk" not in answer.text
            assert "secret" not in answer.text
            assert "Traceback" not in answer.text
        wrong = await browser.post("/api/v1/session", json={"username": ["x"], "password": 7})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_request")
        assert "body.username" in wrong.json()["detail"]
        method = await browser.request("PATCH", "/api/v1/health")
        assert method.status_code == 405


async def test_the_description_knows_every_address_with_an_operation_id_of_its_own(world: World) -> None:
    async with world.client() as browser:
        described = (await browser.get("/api/v1/openapi.json")).json()
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))
    undescribed = {
        path
        for path in readable_paths(world.routes)
        if path.startswith("/api/v1/") and path not in described["paths"] and path != "/api/v1/openapi.json"
    }
    assert undescribed == set()


async def test_health_tells_counts_and_lag_without_a_session(world: World) -> None:
    await world.deliver(ANNE)
    async with world.client() as browser:
        health = (await browser.get("/api/v1/health")).json()
    assert health["status"] == "ok"
    assert (health["customers"], health["events"], health["lag_events"]) == (1, 1, 0)
    assert health["parked_events"] == 0


async def test_health_tells_whether_the_chosen_model_decides(world: World) -> None:
    async with world.client() as browser:
        assert (await browser.get("/api/v1/health")).json()["chosen_model_decides"] is True
        await world.execute("INSERT INTO identity.model_use VALUES ('e1', 'tuned-1', 'd', now(), 'ann', '')")
        world.back_end.clock.advance(timedelta(seconds=2))
        assert (await browser.get("/api/v1/health")).json()["chosen_model_decides"] is False


async def test_health_tells_how_many_events_could_not_be_applied(world: World) -> None:
    await world.execute(
        "INSERT INTO pipeline.parked_event"
        " VALUES (0, 1, 'shop', 'e1', 'why', now()), (1, 1, 'crm', 'e2', 'why', now())"
    )
    async with world.client() as browser:
        assert (await browser.get("/api/v1/health")).json()["parked_events"] == 2


@pytest.fixture
def ui_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Regard</title>")
    (folder / "assets" / "index-abc.js").write_text("run()")
    (folder / "assets" / "index-abc.js.gz").write_bytes(gzip.compress(b"run()"))
    (tmp_path / "secret.txt").write_text("secret")
    return folder


async def test_without_the_interface_a_sentence_says_how_to_get_it(world: World) -> None:
    async with world.client() as browser:
        answer = await browser.get("/")
    assert answer.status_code == 503
    assert "has not been built" in answer.text


async def test_the_interface_answers_any_address_with_its_page_and_keeps_its_files_for_ever(
    world: World, ui_folder: Path
) -> None:
    app = RequestGuard(build_routes(world.services))
    world.app = app
    async with world.client() as browser:
        for path in ("/", "/customers/17", "/sources", "/index.html"):
            page = await browser.get(path)
            assert "<title>Regard" in page.text, path
            assert page.headers["content-type"].startswith("text/html")
            assert page.headers["cache-control"] == "no-cache"
        plain = await browser.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
        packed = await browser.get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"})
        assert plain.text == packed.text == "run()"
        assert packed.headers["content-encoding"] == "gzip"
        assert "immutable" in plain.headers["cache-control"]
        assert (await browser.get("/assets/missing.js")).status_code == 404
        for path in ("/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt"):
            assert (await browser.get(path)).text != "secret"
