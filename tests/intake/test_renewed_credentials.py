"""A credential that the source renews is kept, and nothing else is: no trial, and not over saved settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from regard.api import connection_routes
from regard.connectors.connector_contract import Connector, Settings, StreamSpec, Surroundings
from regard.intake.keep_connections import Connected, read_connected, read_whole_settings, save_connection
from regard.intake.keep_renewed_settings import Renewals, RenewedSettings
from tests.intake.conftest import Door

SCHEMA = {
    "type": "object",
    "properties": {
        "shop": {"type": "string"},
        "leave_out": {"type": "array"},
        "login": {"type": "object", "writeOnly": True},
    },
}


class RenewingClient:
    """Uses up the refresh token when it is checked."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self.settings, self.surroundings = settings, surroundings

    async def check(self) -> None:
        assert self.surroundings.keep_settings is not None
        await self.surroundings.keep_settings({"login": {"refresh": self.settings["login"]["refresh"] + "+"}})

    async def streams(self) -> Sequence[StreamSpec]:
        return []

    async def close(self) -> None:
        return None


RENEWING = Connector("event_api", "Of a test", settings_schema=SCHEMA, open=RenewingClient)  # type: ignore[arg-type]


class Kept:
    """The settings of the source `web`."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.clock = door.world.back_end.clock
        self.place = Renewals(door.pool, door.keyring, self.clock, RENEWING, "web")

    async def save(self, settings: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
        self.clock.advance(timedelta(seconds=1))
        wanted = Connected("web", settings, True, "UTC", None, self.clock.now(), "ann")
        async with self.door.pool.acquire() as connection, connection.transaction():
            await save_connection(connection, self.door.keyring, RENEWING, wanted, secrets)

    async def whole(self) -> dict[str, Any]:
        async with self.door.pool.acquire() as connection:
            return await read_whole_settings(connection, self.door.keyring, "web")

    async def opened(self) -> Mapping[str, Any]:
        async with self.door.pool.acquire() as connection:
            found = await read_connected(connection, "web")
        assert found is not None
        return found.settings

    async def reader(self) -> RenewedSettings:
        async with self.door.pool.acquire() as connection:
            found = await read_connected(connection, "web")
        assert found is not None
        whole = await self.whole()
        return RenewedSettings(self.place, found.changed_at, {n: whole[n] for n in whole if n == "login"})


@pytest.fixture
async def kept(door: Door) -> Kept:
    kept = Kept(door)
    await kept.save({"shop": "a", "leave_out": ["old"]}, {"login": {"id": "i", "refresh": "r0"}})
    return kept


async def test_only_what_was_renewed_changes(kept: Kept) -> None:
    reader = await kept.reader()
    await reader.keep({"login": {"refresh": "r1"}})
    assert await kept.whole() == {
        "shop": "a", "leave_out": ["old"], "login": {"id": "i", "refresh": "r1"},
    }  # fmt: skip


async def test_settings_that_a_person_saved_meanwhile_stay(kept: Kept) -> None:
    reader = await kept.reader()
    await reader.keep({"login": {"refresh": "r1"}})
    await kept.save({"shop": "b", "leave_out": ["new"]}, {})
    await reader.keep({"login": {"refresh": "r2"}})
    assert await kept.whole() == {
        "shop": "b", "leave_out": ["new"], "login": {"id": "i", "refresh": "r2"},
    }  # fmt: skip


async def test_credentials_that_a_person_gave_meanwhile_are_not_overwritten(kept: Kept) -> None:
    reader = await kept.reader()
    await kept.save({"shop": "a"}, {"login": {"id": "other", "refresh": "mine"}})
    await reader.keep({"login": {"refresh": "r1", "access": "of the old account"}})
    assert (await kept.whole())["login"] == {"id": "other", "refresh": "mine"}


async def test_a_token_that_the_settings_did_not_know_is_sealed(kept: Kept) -> None:
    await (await kept.reader()).keep({"access_token": "t"})
    assert (await kept.whole())["access_token"] == "t"
    assert "access_token" not in await kept.opened()


async def test_trying_settings_saves_none_of_them_and_loses_no_renewed_credential(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_routes, "find_connector", lambda name: RENEWING)
    client = await kept.door.world.as_role("administrator")
    path, login = "/api/v1/sources/web/connection", {"id": "new", "refresh": "n0"}
    trial = {"settings": {"shop": "tried"}, "secrets": {"login": login}}
    before = await kept.whole()
    tried = await client.post(f"{path}/check", json=trial)
    assert tried.json()["works"], tried.text
    assert await kept.whole() == before
    saved = await client.put(path, json=trial)
    assert saved.is_success, saved.text
    assert await kept.whole() == {"shop": "tried", "login": {"id": "new", "refresh": "n0+"}}
    # Tried with what is kept: the renewed one is kept at once, and only that.
    again = await client.post(f"{path}/check", json={"settings": {"shop": "tried", "leave_out": ["x"]}})
    assert again.json()["works"], again.text
    assert await kept.whole() == {"shop": "tried", "login": {"id": "new", "refresh": "n0++"}}
    assert "n0" not in json.dumps((await client.get(path)).json())
