"""A secret that is kept goes only to the place that it was given for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.world import World

PATH = "/api/v1/sources/erp/connection"
SETTINGS = {
    "kind": "postgresql", "host": "127.0.0.1", "port": 9, "database": "erp", "user": "reader",
    "streams": [{"table": "customer"}],
}  # fmt: skip
SECRET = {"password": "kept secret"}


@pytest.fixture
async def kept(world: World) -> Any:
    client = await world.as_role("administrator")
    made = await client.post(
        "/api/v1/sources", json={"slug": "erp", "title": "ERP", "connector": "sql", "country": "DE"}
    )
    assert made.is_success, made.text
    saved = await client.put(PATH, json={"settings": SETTINGS, "secrets": SECRET})
    assert saved.json()["secrets"] == ["password"]
    return client


@pytest.mark.parametrize(
    "change",
    [{"host": "127.0.0.2"}, {"database": "other"}, {"user": "other"}],
    ids=lambda one: next(iter(one)),
)
async def test_another_place_needs_the_secrets_again(kept: Any, change: dict[str, str]) -> None:
    settings = {**SETTINGS, **change}
    refused = await kept.put(PATH, json={"settings": settings})
    assert refused.status_code == 422
    assert "fill in “password” again" in refused.json()["detail"]
    tried = (await kept.post(f"{PATH}/check", json={"settings": settings})).json()
    assert tried["code"] == "settings_refused"
    assert "fill in “password” again" in tried["detail"]
    blank = await kept.put(PATH, json={"settings": {**settings, "password": ""}, "secrets": {"password": ""}})
    assert blank.status_code == 422
    assert (await kept.get(PATH)).json()["settings"] == SETTINGS
    given = await kept.put(PATH, json={"settings": settings, "secrets": SECRET})
    assert given.status_code == 200


async def test_the_secrets_stay_when_the_place_does(kept: Any) -> None:
    saved = await kept.put(PATH, json={"settings": {**SETTINGS, "timeout_seconds": 5}})
    assert saved.status_code == 200
    assert saved.json()["secrets"] == ["password"]
    tried = (await kept.post(f"{PATH}/check", json={"settings": SETTINGS})).json()
    assert tried["code"] == "source_unavailable"
