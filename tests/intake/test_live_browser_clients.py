"""Unmodified browser clients in a real browser: what a page does arrives, told by the right people."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from regard.events.interaction_events import InteractionStated
from regard.events.record_events import RecordPatched
from tests.conftest import find_chromium
from tests.intake.live_trial import OwnDatabase, Trial, open_trial

pytestmark = pytest.mark.browser

SCRIPTS = {
    "posthog.js": "posthog-js/dist/array.full.no-external.js",
    "snowplow.js": "@snowplow/browser-tracker/dist/index.umd.js",
    "segment/": "@segment/analytics-next/dist/umd",
}
PAGES = {
    "posthog": """<script src=/posthog.js></script><script>
posthog.init('KEY', {api_host: 'HOST', opt_out_useragent_filter: true});
posthog.capture('Seen', {number: 1});
posthog.identify('u1', {email: 'ann@example.com'});
posthog.capture('Seen', {number: 2});
</script>""",
    "snowplow": """<script src=/snowplow.js></script><script>
const tracker = window.snowplowBrowserTracking;
const seen = number => tracker.trackSelfDescribingEvent(
  {event: {schema: 'iglu:com.acme/seen/jsonschema/1-0-0', data: {number}}});
tracker.newTracker('r', 'HOST/snowplow/KEY', {appId: 'shop'});
tracker.trackPageView(); seen(1); tracker.setUserId('u1'); seen(2);
</script>""",
    "segment": """<script src=/segment/index.js></script><script>
const analytics = AnalyticsNext.AnalyticsBrowser.load({writeKey: 'KEY', cdnURL: 'HOST'});
analytics.page(); analytics.track('Seen', {number: 1});
analytics.identify('u1', {email: 'ann@example.com'}); analytics.track('Seen', {number: 2});
</script>""",
}
LONGEST_WAIT = 20.0


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address of a web site with the files of a folder."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=site.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{site.server_port}"
    finally:
        site.shutdown()
        thread.join()
        site.server_close()


@pytest.fixture
async def trial(node_clients: tuple[Path, Path], tmp_path: Path) -> AsyncIterator[Trial]:
    database = OwnDatabase()
    trial = await open_trial(database, tmp_path)
    yield trial
    trial.server.kill()
    database.close()


async def visit(address: str, enough: Any) -> None:
    """Open the page and stay until enough has arrived."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(address)
        for _ in range(int(LONGEST_WAIT * 2)):
            await asyncio.sleep(0.5)
            if await enough():
                break
        await browser.close()


async def test_what_a_page_does_arrives_by_the_client_of_each_maker(
    trial: Trial, node_clients: tuple[Path, Path], tmp_path: Path
) -> None:
    site, modules = tmp_path / "site", node_clients[1] / "node_modules"
    site.mkdir()
    for name, origin in SCRIPTS.items():
        copy = shutil.copytree if name.endswith("/") else shutil.copy
        copy(modules / origin, site / name)
    host = f"http://127.0.0.1:{trial.server.port}"
    with serve(site) as address:
        for number, (name, page) in enumerate(PAGES.items(), 1):
            text = page.replace("KEY", trial.key).replace("HOST", host).replace("u1", f"u-{name}")
            (site / f"{name}.html").write_text(f"<title>Shop</title>{text}")

            async def enough(wanted: int = 3 * number) -> bool:
                return len(await stated(trial)) >= wanted

            await visit(f"{address}/{name}.html", enough)
    told = await stated(trial)
    people = {
        event.body.external_id: event.body.fields for event in await trial.log()
        if isinstance(event.body, RecordPatched) and event.body.stream == "users"
        and "anonymous_id" in event.body.fields
    }  # fmt: skip
    for name in PAGES:
        user = f"u-{name}"
        assert user in people
        assert ("track", user) in [(kind, who) for kind, _, who in told], name
    assert sum(kind == "page_view" for kind, _, _ in told) == len(PAGES)
    assert {address_of for kind, address_of, _ in told if kind == "page_view"} == {
        f"{address}/{name}.html" for name in PAGES
    }


async def stated(trial: Trial) -> list[tuple[str, str | None, str | None]]:
    """Kind, address and party of every page and every event of the pages' own."""
    bodies = [event.body for event in await trial.log()]
    return [
        (body.interaction, body.fields.get("url"), body.party.external_id if body.party else None)
        for body in bodies if isinstance(body, InteractionStated)
        if body.interaction == "page_view" or "number" in body.properties
    ]  # fmt: skip
