"""What the browser tests share: the real server with a small company in it, and pages signed in to it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from regard.events.record_events import RecordUpserted
from tests.api.close_calls import close_call
from tests.conftest import DatabaseFarm
from tests.patience import PATIENCE
from tests.web.running_server import DEMO_PASSWORD, Api, RunningServer
from tests.web.small_company import EMAIL, fill

UI = Path(__file__).resolve().parents[2] / "src" / "regard" / "ui"
SignedIn = Callable[..., Page]

expect.set_options(timeout=PATIENCE * 1_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the built interface skips without it."""
    here = Path(__file__).parent
    if not (UI / "index.html").is_file():
        unbuilt = pytest.mark.skip(reason="the web interface is not built (python hatch_build.py)")
        for item in items:
            if here in item.path.parents:
                item.add_marker(unbuilt)


def _start(database_farm: DatabaseFarm, *, demo: bool) -> Iterator[RunningServer]:
    home = Path(tempfile.mkdtemp(prefix="regard-web-"))
    url = database_farm.create()
    server = RunningServer(home, url, demo=demo)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()
        database_farm.drop(url)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server(database_farm: DatabaseFarm) -> Iterator[RunningServer]:
    """A demo installation with the small company in it."""
    for running in _start(database_farm, demo=True):
        api = Api(running.address)
        api.sign_in("administrator")
        fill(api)
        yield running


@pytest.fixture(scope="module")
def fresh_server(database_farm: DatabaseFarm) -> Iterator[RunningServer]:
    """An installation nobody has touched."""
    yield from _start(database_farm, demo=False)


@pytest.fixture(scope="session")
def api(server: RunningServer) -> Api:
    """The API as the administrator, who may push for every source."""
    api = Api(server.address)
    api.sign_in("administrator")
    return api


@pytest.fixture(scope="session")
def wilhelmina(server: RunningServer) -> str:
    """The id of the customer that most tests look at."""
    api = Api(server.address)
    api.sign_in("data_steward")
    found = api.until(f"/customers?q={EMAIL}", lambda answer: answer["results"])
    return str(found["results"][0]["id"])


@pytest.fixture(scope="session")
def doubtful(api: Api) -> str:
    """The name of one of two people on whom it is close."""
    for event in close_call(together=False):
        body = event.body
        assert isinstance(body, RecordUpserted)
        item = {"stream": body.stream, "id": body.external_id, "kind": "person", "fields": dict(body.fields)}
        api.push(event.source, "records", [item])
    steward = Api(str(api.client.base_url).removesuffix("/api/v1/"))
    steward.sign_in("data_steward")
    steward.until("/identity/queue", lambda answer: "Brzezinska" in str(answer))
    return "Anna Brzezinska"


@pytest.fixture
def contexts(browser: Browser, server: RunningServer) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser contexts on the server, signed in as a role; they are closed with the test."""
    made: list[BrowserContext] = []

    def make(role: str | None, **more: Any) -> BrowserContext:
        settings = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce", **more}
        context = browser.new_context(base_url=server.address, **settings)
        context.set_default_timeout(PATIENCE * 1_000)
        made.append(context)
        if role:
            answer = context.request.post(
                "/api/v1/session",
                data={"username": role, "password": DEMO_PASSWORD},
                headers={"X-Regard-Request": "1"},
            )
            assert answer.ok, answer.text()
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def signed_in(contexts: Callable[..., BrowserContext]) -> SignedIn:
    """Opens a page signed in as a role: `signed_in("data_steward")`; broken scripts fail the test."""

    def open_page(role: str | None, path: str | None = None, **more: Any) -> Page:
        page = contexts(role, **more).new_page()
        page.on("pageerror", lambda error: pytest.fail(f"the page broke: {error}"))
        if path:
            page.goto(path)
        return page

    return open_page
