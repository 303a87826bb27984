"""The import wizard's addresses: upload, proposal, change, dry run, run, rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from regard.access.load_roles import role_of
from regard.connectors.files.survey_file import FileSurvey
from regard.db.pool import Pool
from regard.kit.clock import SetClock
from regard.kit.ids import derived_id
from tests.api.world import ALL_ROLES, World, open_world
from tests.imports.conftest import run_next_import as work
from tests.laws.back_end import open_back_end

ORDERS = "order id;customer id;order date;total\n1;7;03.04.2024;5,50\n2;;25.12.2024;6\n3;8;someday;1\n"
IMPORTER = next(role for role in ALL_ROLES if {"import", "customers"} <= role_of(role).policy.rights)
BLIND_IMPORTER = next(
    role
    for role in ALL_ROLES
    if "import" in role_of(role).policy.rights and "customers" not in role_of(role).policy.rights
)
UPLOAD = "/api/v1/imports?source=shop&stream=orders&filename=orders.csv"


@pytest.fixture
async def world(pool: Pool, clock: SetClock, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(await open_back_end(pool, clock, tmp_path), tmp_path) as world:
        await world.add_source("shop", "Shop")
        yield world


async def upload(world: World, content: bytes | str = ORDERS, address: str = UPLOAD) -> httpx.Response:
    return await (await world.as_role(IMPORTER)).post(address, content=content)


async def test_a_file_goes_from_upload_to_account(world: World) -> None:
    client = await world.as_role(IMPORTER)
    answer = await upload(world)
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert new["status"] == "proposed"
    assert new["format"] == {
        "type": "csv", "encoding": "utf-8", "delimiter": ";", "compressed": False, "sheet": None,
    }  # fmt: skip
    assert [column["name"] for column in new["columns"]] == ["order id", "customer id", "order date", "total"]
    assert new["columns"][3]["samples"] == ["5,50", "6", "1"]
    assert new["columns"][3]["proposed"]["field"] == "amount"
    assert new["mapping"]["target"] == "order"
    assert new["mapping"]["party"] == {"stream": "customers", "column": "customer id"}
    assert any("currency" in note for note in new["notes"])
    one = f"/api/v1/imports/{new['id']}"

    refused = await client.post(f"{one}/run")
    assert refused.status_code == 422
    assert "currency" in refused.json()["detail"]
    changed = (await client.put(f"{one}/mapping", json={"currency": "EUR"})).json()
    assert changed["mapping"]["currency"] == "EUR"
    assert changed["mapping"]["id"] == ["order id"]

    assert (await client.post(f"{one}/dry-run")).json()["status"] == "dry_running"
    await work(world)
    tried = (await client.get(one)).json()
    assert tried["status"] == "checked"
    assert (await client.post(f"{one}/run")).json()["status"] == "running"
    await work(world)
    done = (await client.get(one)).json()
    assert done["status"] == "done"
    assert done["account"] == tried["account"]
    counts = {name: done["account"][name] for name in ("read", "stored", "unchanged", "quarantined")}
    assert counts == {"read": 3, "stored": 2, "unchanged": 0, "quarantined": 1}
    assert done["rows_total"] == done["rows_read"] == 3

    rows = (await client.get(f"{one}/rows?outcome=quarantined")).json()["rows"]
    assert [(row["row"], row["column"], row["code"]) for row in rows] == [(4, "order date", "not_a_date")]
    assert rows[0]["detail"].startswith("orders.csv, row 4, column “order date”")
    listed = (await client.get("/api/v1/imports")).json()["imports"]
    assert [one["id"] for one in listed] == [new["id"]]


async def test_another_target_brings_new_proposals_for_what_was_not_touched(world: World) -> None:
    people = "id;name;email;signup date;price\n1;Anna;a@example.com;2024-03-04;5\n"
    new = (await upload(world, people, UPLOAD.replace("stream=orders", "stream=rows"))).json()
    assert new["mapping"]["columns"]["email"] == "email"
    client = await world.as_role(IMPORTER)
    whole = new["mapping"] | {"target": "order", "currency": "EUR"}
    whole["columns"] = whole["columns"] | {"name": "title"}
    answer = await client.put(f"/api/v1/imports/{new['id']}/mapping", json=whole)
    assert answer.status_code == 200, answer.text
    mapping = answer.json()["mapping"]
    assert mapping["target"] == "order"
    assert mapping["columns"]["name"] == "title"
    assert mapping["columns"]["email"] is None
    assert mapping["columns"]["price"] == "unit_price"
    assert mapping["occurred_at"] == "signup date"


async def test_only_roles_with_the_right_come_near_imports(world: World) -> None:
    new = (await upload(world)).json()
    one = f"/api/v1/imports/{new['id']}"
    requests = [
        ("POST", UPLOAD), ("GET", "/api/v1/imports"), ("GET", "/api/v1/imports/fields"), ("GET", one),
        ("DELETE", one),
        ("PUT", f"{one}/mapping"), ("POST", f"{one}/dry-run"), ("POST", f"{one}/run"), ("GET", f"{one}/rows"),
    ]  # fmt: skip
    outsiders = [role for role in ALL_ROLES if "import" not in role_of(role).policy.rights]
    assert outsiders
    for role in outsiders:
        client = await world.as_role(role)
        for method, address in requests:
            answer = await client.request(method, address, content=b"{}")
            assert answer.status_code == 403, (role, method, address)
            assert "5,50" not in answer.text
    for method, address in requests:
        assert (await world.client().request(method, address, content=b"{}")).status_code == 401


async def test_the_fields_to_map_to_are_listed_with_their_class(world: World) -> None:
    answer = await world.json(IMPORTER, "/imports/fields")
    targets: dict[str, Any] = {target["id"]: target for target in answer["targets"]}
    assert {"person", "organisation", "order_line", "ticket", "consent"} <= set(targets)
    person = {field["id"]: field for field in targets["person"]["fields"]}
    assert person["email"]["class"] == "C2"
    assert person["birth_date"]["class"] == "C3"
    assert "unit_price" in {field["id"] for field in targets["order_line"]["fields"]}


@pytest.mark.parametrize(
    ("address", "content", "status", "word"),
    [
        (UPLOAD, b"", 422, "empty"), (UPLOAD, b"%PDF-1.7", 422, "PDF"),
        (UPLOAD.replace("source=shop", "source=nowhere"), b"id\n1\n", 404, "nowhere"),
        (UPLOAD.replace("stream=orders", "stream="), b"id\n1\n", 422, "stream"),
        (UPLOAD.replace("filename=orders.csv", "filename=.."), b"id\n1\n", 422, "filename"),
    ],
)  # fmt: skip
async def test_an_upload_that_cannot_be_used_is_refused_in_words(
    world: World, address: str, content: bytes, status: int, word: str
) -> None:
    answer = await upload(world, content, address)
    assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.text


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b"\xff", b'{"id": 7}', b'{"columns": {"total": "colour"}}', b"[" * 9999]
)
async def test_a_mapping_that_means_nothing_is_refused(world: World, body: bytes) -> None:
    new = (await upload(world)).json()
    client = await world.as_role(IMPORTER)
    answer = await client.put(f"/api/v1/imports/{new['id']}/mapping", content=body)
    assert answer.status_code == 422
    assert (await client.get(f"/api/v1/imports/{new['id']}")).json()["mapping"] == new["mapping"]


@pytest.mark.parametrize("name", ["00000000-0000-0000-0000-000000000000", "x", "%00"])
async def test_an_import_that_is_not_there_is_not_found(world: World, name: str) -> None:
    assert (await world.get(IMPORTER, f"/imports/{name}")).status_code == 404


async def test_a_deleted_import_leaves_no_file(world: World) -> None:
    new = (await upload(world)).json()
    folder = world.services.settings.home / "imports"
    assert len(list(folder.iterdir())) == 1
    client = await world.as_role(IMPORTER)
    assert (await client.delete(f"/api/v1/imports/{new['id']}")).status_code == 204
    assert list(folder.iterdir()) == []
    assert (await client.get(f"/api/v1/imports/{new['id']}")).status_code == 404


async def test_whoever_sees_no_customers_sees_only_the_shape_of_what_a_file_holds(world: World) -> None:
    client = await world.as_role(BLIND_IMPORTER)
    people = "id;name;born;mail\n1;Kowalczyk, Anne;14.05.1987;anne@example.com\n2;;someday;x\n"
    address = "/api/v1/imports?source=shop&stream=people&filename=people.csv"
    answer = await client.post(address, content=people.encode())
    assert answer.status_code == 201, answer.text
    one = f"/api/v1/imports/{answer.json()['id']}"
    assert answer.json()["columns"][1]["samples"] == ["Xxx, Xxx"]
    await client.post(f"{one}/run")
    await work(world)
    for path in (one, f"{one}/rows", "/api/v1/imports"):
        shown = (await client.get(path)).text
        assert "Kowalczyk" not in shown
        assert "1987" not in shown
        assert "someday" not in shown


async def test_notes_on_a_file_quote_none_of_its_values(world: World) -> None:
    people = "id;name;date of birth\n1;Anne;03.04.1987\n2;Berta;05.06.1988\n"
    address = UPLOAD.replace("stream=orders", "stream=people")
    for role in (BLIND_IMPORTER, IMPORTER):
        answer = await (await world.as_role(role)).post(address, content=people.encode())
        assert any("two ways" in note for note in answer.json()["notes"])
        assert "1987" not in answer.text


async def test_a_column_is_shown_by_the_rule_of_the_field_it_becomes(world: World) -> None:
    people = (
        "id,email,date of birth,shoe size\n1,anne@example.com,1987-05-14,Wide 38\n"
        "2,berta@example.com,Spring 1988,Wide 39\n"
    )
    client = await world.as_role(IMPORTER)
    new = (await upload(world, people, UPLOAD.replace("stream=orders", "stream=people"))).json()
    assert new["mapping"]["columns"]["date of birth"] == "birth_date"
    shown = {column["name"]: column["samples"] for column in new["columns"]}
    assert shown["id"] == ["1", "2"]
    assert shown["email"] == ["anne@example.com", "berta@example.com"]
    assert shown["date of birth"] == ["9999-99-99", "Xxx 9999"]
    assert shown["shoe size"] == ["Xxx 99", "Xxx 99"]
    masked = {column["name"] for column in new["columns"] if column["masked"]}
    assert masked == {"date of birth", "shoe size"}
    one = f"/api/v1/imports/{new['id']}"
    await client.post(f"{one}/run")
    await work(world)
    (row,) = (await client.get(f"{one}/rows")).json()["rows"]
    assert "column “date of birth”: “Xxx 9999” is not a date" in row["detail"]
    assert row["masked"]
    assert "berta@example.com" in row["content"]
    for path in (one, f"{one}/rows", "/api/v1/imports"):
        text = (await client.get(path)).text
        assert "Spring" not in text
        assert "Wide" not in text


async def test_looking_into_a_file_is_written_down_once_however_often_its_progress_is_asked_for(
    world: World, clock: SetClock
) -> None:
    async def looks() -> list[str]:
        rows = await world.fetch("SELECT fields FROM access.audit_read WHERE action = 'import_samples'")
        return [row["fields"] for row in rows]

    new = (await upload(world)).json()
    client = await world.as_role(IMPORTER)
    for _ in range(5):
        await client.get(f"/api/v1/imports/{new['id']}")
    (look,) = await looks()
    assert look.startswith(f"import={new['id']};show=")
    assert "amount" in look
    assert "5,50" not in look
    clock.advance(timedelta(minutes=11))
    await client.get(f"/api/v1/imports/{new['id']}")
    assert len(await looks()) == 2
    await client.get("/api/v1/imports")
    assert len(await looks()) == 2


async def test_changing_the_mapping_does_not_read_the_whole_file_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = (await upload(world)).json()

    def feed(*_: object) -> None:
        raise AssertionError("the file was surveyed when it came")

    monkeypatch.setattr(FileSurvey, "feed", feed)
    client = await world.as_role(IMPORTER)
    answer = await client.put(f"/api/v1/imports/{new['id']}/mapping", json={"currency": "EUR"})
    assert answer.status_code == 200, answer.text


async def test_an_import_whose_key_was_destroyed_is_listed_and_can_be_removed_but_not_run(
    world: World,
) -> None:
    new = (await upload(world, "id;name\n1;Anne\n", UPLOAD.replace("orders&", "people&"))).json()
    await world.execute(
        "DELETE FROM eventlog.subject_key WHERE subject = $1", derived_id("import", new["id"])
    )
    client = await world.as_role(IMPORTER)
    one = f"/api/v1/imports/{new['id']}"
    for shown in ((await client.get(one)).json(), (await client.get("/api/v1/imports")).json()["imports"][0]):
        assert "its key was destroyed" in shown["error"]
    assert (await client.post(f"{one}/run")).status_code == 410
    assert (await client.get(f"{one}/rows")).status_code == 410
    assert (await client.delete(one)).status_code == 204
