"""The session as browsers and programs use it."""

from __future__ import annotations

from pathlib import Path

from regard.access.create_users import DEMO_PASSWORD
from regard.db.pool import Pool
from regard.kit.clock import SetClock
from tests.api.world import World, open_world
from tests.laws.back_end import open_back_end

SIGN_IN = {"username": "marketer", "password": DEMO_PASSWORD}


async def test_signing_in_sets_a_cookie_scripts_cannot_read_and_tells_who_one_is(world: World) -> None:
    async with world.client() as browser:
        answer = await browser.post("/api/v1/session", json=SIGN_IN)
        cookie = answer.headers["set-cookie"].lower()
        assert "regard_session=" in cookie
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie
        me = (await browser.get("/api/v1/session")).json()
        assert me == answer.json()
        assert (me["signed_in"], me["role"], me["desktop"]) == (True, "marketer", "marketing")
        assert me["roles"][0] == {"id": "marketer", "title": "Marketer"}
        assert me["may"] == ["customers", "identity"]


async def test_behind_https_the_cookie_is_sent_over_https_only(world: World) -> None:
    async with world.client() as browser:
        answer = await browser.post("https://regard.test/api/v1/session", json=SIGN_IN)
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_nobody_signed_in_learns_the_demo_sign_ins_only_in_the_demo(
    world: World, pool: Pool, clock: SetClock, tmp_path: Path
) -> None:
    async with world.client() as browser:
        nobody = (await browser.get("/api/v1/session")).json()
    assert nobody["signed_in"] is False
    assert len(nobody["demo"]) == 7
    back_end = await open_back_end(pool, clock, tmp_path)
    async with open_world(back_end, tmp_path, demo=False) as real, real.client() as browser:
        assert (await browser.get("/api/v1/session")).json()["demo"] == []
        assert (await browser.get("/api/v1/setup")).json() == {"needed": True}
        code = await real.services.users.new_setup_code()
        body = {"code": code, "name": "Ada", "username": "ada", "password": "a long enough password"}
        assert (await browser.post("/api/v1/setup", json=body)).status_code == 201
        assert (await browser.get("/api/v1/setup")).json() == {"needed": False}


async def test_a_bearer_token_works_like_the_cookie_and_a_wrong_one_does_not(world: World) -> None:
    async with world.client() as browser:
        await browser.post("/api/v1/session", json=SIGN_IN)
        token = browser.cookies["regard_session"]
    async with world.client() as program:
        good = await program.get("/api/v1/customers", headers={"Authorization": f"Bearer {token}"})
        bad = await program.get("/api/v1/customers", headers={"Authorization": "Bearer rgd_ingest_key"})
        none = await program.get("/api/v1/customers")
    assert (good.status_code, bad.status_code, none.status_code) == (200, 401, 401)
    assert bad.json()["code"] == "not_signed_in"


async def test_a_page_of_somebody_else_cannot_use_the_cookie_to_change_anything(world: World) -> None:
    client = await world.as_role("marketer")
    del client.headers["X-Regard-Request"]
    for headers, expected in (
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"X-Regard-Request": "1"}, 200),
    ):
        answer = await client.put("/api/v1/session/role", json={"role": "marketer"}, headers=headers)
        assert answer.status_code == expected, headers
    client.headers["X-Regard-Request"] = "1"


async def test_another_role_shows_another_desktop_and_the_old_token_is_dead(world: World) -> None:
    client = await world.as_role("marketer")
    old = client.cookies["regard_session"]
    answer = await client.put("/api/v1/session/role", json={"role": "sales_rep"})
    assert (answer.json()["role"], answer.json()["desktop"]) == ("sales_rep", "sales")
    async with world.client() as thief:
        stolen = await thief.get("/api/v1/customers", headers={"Authorization": f"Bearer {old}"})
    assert stolen.status_code == 401
    refused = await client.put("/api/v1/session/role", json={"role": "administrator"})
    assert refused.status_code == 403


async def test_after_signing_out_nothing_can_be_read(world: World) -> None:
    client = await world.as_role("marketer")
    token = client.cookies["regard_session"]
    assert (await client.delete("/api/v1/session")).status_code == 204
    answer = await client.get("/api/v1/customers", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_wrong_passwords_get_one_answer_and_then_have_to_wait(world: World) -> None:
    async with world.client() as browser:
        answers = [
            await browser.post("/api/v1/session", json={"username": "marketer", "password": "wrong"})
            for _ in range(6)
        ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
