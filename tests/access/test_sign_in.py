"""Signing in and out, sessions, and the first administrator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from regard.access.create_users import DEMO_PASSWORD, SetupRefusedError, UserUnsuitableError
from regard.access.hash_passwords import PasswordPool, PasswordUnsuitableError, SignInsBusyError
from regard.access.principal import NotAllowedError, NotSignedInError
from regard.access.sign_in import TooManyTriesError, WrongSignInError, delay_after
from regard.db.pool import Pool
from regard.kit.clock import SetClock
from tests.api.world import World, open_world
from tests.laws.back_end import open_back_end

HERE = "192.0.2.1"
GOOD = "a long enough password"


async def test_of_a_session_only_a_hash_is_stored(world: World) -> None:
    token, principal = await world.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    rows = await world.fetch("SELECT s::text AS row FROM access.session AS s")
    assert len(token) >= 43
    assert all(token not in row["row"] for row in rows)
    assert (await world.services.sign_in.find(token)).username == principal.username == "marketer"


async def test_user_names_are_compared_without_case_and_wrong_ones_get_the_same_answer(world: World) -> None:
    await world.services.sign_in.sign_in("Marketer", DEMO_PASSWORD, HERE)
    messages = set()
    for name in ("marketer", "nobody-of-this-name"):
        with pytest.raises(WrongSignInError) as refused:
            await world.services.sign_in.sign_in(name, "wrong", HERE)
        messages.add(str(refused.value))
    assert len(messages) == 1


async def test_repeated_failures_make_known_and_unknown_names_wait_alike(
    world: World, clock: SetClock
) -> None:
    sign_in = world.services.sign_in
    for name in ("marketer", "nobody"):
        for _ in range(5):
            with pytest.raises(WrongSignInError):
                await sign_in.sign_in(name, "wrong", HERE)
        with pytest.raises(TooManyTriesError) as waits:
            await sign_in.sign_in(name, DEMO_PASSWORD, HERE)
        assert 1 <= waits.value.retry_after <= 3
    clock.advance(timedelta(seconds=5))
    await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)


async def try_all(world: World, names: list[str], password: str = "wrong") -> list[object]:
    tries = (world.services.sign_in.sign_in(name, password, HERE) for name in names)
    return [type(one) for one in await asyncio.gather(*tries, return_exceptions=True)]


async def test_of_many_wrong_passwords_at_the_same_moment_only_the_first_few_are_looked_at(
    world: World, clock: SetClock
) -> None:
    ends = await try_all(world, ["marketer"] * 60)
    assert ends.count(WrongSignInError) == 5
    assert ends.count(TooManyTriesError) == 55
    clock.advance(timedelta(seconds=5))
    await world.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)


async def test_wrong_passwords_of_others_in_the_same_office_do_not_keep_a_user_out(world: World) -> None:
    for part in range(4):
        ends = await try_all(world, [f"nobody{part}x{n}" for n in range(15)])
        assert ends == [WrongSignInError] * 15
    await world.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)


async def test_an_address_that_fails_without_end_waits_but_for_half_a_minute(
    world: World, clock: SetClock
) -> None:
    with pytest.raises(WrongSignInError):
        await world.services.sign_in.sign_in("nobody", "wrong", HERE)
    await world.execute("UPDATE access.sign_in_failure SET failures = 5000 WHERE failures = 1")
    with pytest.raises(TooManyTriesError) as waits:
        await world.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    assert 29 <= waits.value.retry_after <= 31
    clock.advance(timedelta(seconds=31))
    await world.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)


async def test_more_sign_ins_than_can_be_checked_soon_are_told_to_come_again_and_count_as_no_failure(
    world: World,
) -> None:
    world.services.sign_in._passwords = PasswordPool()
    ends = await try_all(world, [f"nobody{n}" for n in range(60)])
    assert set(ends) == {WrongSignInError, SignInsBusyError}
    rows = await world.fetch(
        "SELECT sum(failures) AS failures, max(failures) AS most FROM access.sign_in_failure"
    )
    wrong = ends.count(WrongSignInError)
    assert (rows[0]["failures"], rows[0]["most"]) == (2 * wrong, wrong)


async def test_old_failures_are_swept_at_the_next_sign_in(world: World, clock: SetClock) -> None:
    await try_all(world, ["nobody", "somebody"])
    clock.advance(timedelta(hours=2))
    await world.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    rows = await world.fetch("SELECT count(*) FROM access.sign_in_failure WHERE failures > 0")
    assert rows[0]["count"] == 0


def test_the_wait_doubles_and_ends_at_a_quarter_of_an_hour() -> None:
    assert [delay_after(n, 4) for n in (0, 4, 5, 6, 7, 30)] == [0, 0, 2, 4, 8, 900]


async def test_a_session_ends_after_half_an_hour_of_idleness_or_twelve_hours(
    world: World, clock: SetClock
) -> None:
    sign_in = world.services.sign_in
    idle, _ = await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    clock.advance(timedelta(minutes=31))
    with pytest.raises(NotSignedInError):
        await sign_in.find(idle)
    busy, _ = await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    for _ in range(35):
        clock.advance(timedelta(minutes=20))
        await sign_in.find(busy)
    clock.advance(timedelta(minutes=20))
    clock.advance(timedelta(minutes=2))
    with pytest.raises(NotSignedInError):
        await sign_in.find(busy)


async def test_after_signing_out_the_token_is_worth_nothing_at_once(world: World) -> None:
    sign_in = world.services.sign_in
    token, principal = await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    await sign_in.find(token)
    await sign_in.sign_out(principal)
    with pytest.raises(NotSignedInError):
        await sign_in.find(token)


async def test_a_change_of_role_gives_a_new_token_and_only_roles_one_has(world: World) -> None:
    sign_in = world.services.sign_in
    token, principal = await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    with pytest.raises(NotAllowedError):
        await sign_in.change_role(principal, "administrator")
    other, changed = await sign_in.change_role(principal, "sales_rep")
    assert changed.role == "sales_rep"
    assert (await sign_in.find(other)).role == "sales_rep"
    with pytest.raises(NotSignedInError):
        await sign_in.find(token)


async def test_a_disabled_user_is_out_within_the_second(world: World, clock: SetClock) -> None:
    sign_in = world.services.sign_in
    token, _ = await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    await sign_in.find(token)
    await world.execute("UPDATE access.app_user SET disabled = true WHERE username = 'marketer'")
    clock.advance(timedelta(seconds=2))
    with pytest.raises(NotSignedInError):
        await sign_in.find(token)
    with pytest.raises(WrongSignInError):
        await sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)


async def test_demo_sign_ins_exist_in_the_demo_alone(pool: Pool, clock: SetClock, tmp_path: Path) -> None:
    back_end = await open_back_end(pool, clock, tmp_path)
    async with open_world(back_end, tmp_path, demo=False) as real:
        with pytest.raises(WrongSignInError):
            await real.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    async with open_world(back_end, tmp_path, demo=True) as demo:
        await demo.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)
    async with open_world(back_end, tmp_path, demo=False) as real_again:
        with pytest.raises(WrongSignInError):
            await real_again.services.sign_in.sign_in("marketer", DEMO_PASSWORD, HERE)


async def test_the_setup_code_makes_one_administrator_once(world: World) -> None:
    users = world.services.users
    assert await users.setup_needed()
    old = await users.new_setup_code()
    code = await users.new_setup_code()
    with pytest.raises(SetupRefusedError):
        await users.set_up(old, "Ada", "ada", GOOD)
    with pytest.raises(PasswordUnsuitableError):
        await users.set_up(code, "Ada", "ada", "short")
    with pytest.raises(UserUnsuitableError):
        await users.set_up(code, "Ada", "ada lovelace", GOOD)
    await users.set_up(code.lower(), "Ada", "ada", GOOD)
    assert not await users.setup_needed()
    with pytest.raises(SetupRefusedError):
        await users.set_up(code, "Eve", "eve", GOOD)
    _, principal = await world.services.sign_in.sign_in("ada", GOOD, HERE)
    assert principal.role == "data_steward"  # who installs it sees the first customers come in
    assert "administrator" in principal.roles
