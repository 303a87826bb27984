"""Unmodified browser clients in a real browser: what a page does arrives, told by the right people."""

from __future__ import annotations

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
from tests.intake.live_trial import LiveInstallation, open_installation
from tests.patience import until

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
async def live(
    node_clients: tuple[Path, Path], database_url: str, tmp_path: Path
) -> AsyncIterator[LiveInstallation]:
    async with open_installation(database_url, tmp_path, ["web"]) as installation:
        yield installation


async def test_what_a_page_does_arrives_by_the_client_of_each_maker(
    live: LiveInstallation, node_clients: tuple[Path, Path], tmp_path: Path
) -> None:
    site, modules = tmp_path / "site", node_clients[1] / "node_modules"
    site.mkdir()
    for name, origin in SCRIPTS.items():
        copy = shutil.copytree if name.endswith("/") else shutil.copy
        copy(modules / origin, site / name)
    host = f"http://127.0.0.1:{live.server.port}"
    with serve(site) as address:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
            )
            for name, page in PAGES.items():
                text = page.replace("KEY", live.keys["web"]).replace("HOST", host).replace("u1", f"u-{name}")
                (site / f"{name}.html").write_text(f"<title>Shop</title>{text}")
                visitor = await browser.new_context()
                await (await visitor.new_page()).goto(f"{address}/{name}.html")

            async def all_has_come() -> bool:
                return len(await stated(live)) >= 3 * len(PAGES) and len(await people(live)) >= len(PAGES)

            await until(all_has_come, "what the pages sent", pause=0.5)
            await browser.close()
    told, known = await stated(live), await people(live)
    for name in PAGES:
        user = f"u-{name}"
        assert user in known
        assert ("track", user) in [(kind, who) for kind, _, who in told], name
    assert sum(kind == "page_view" for kind, _, _ in told) == len(PAGES)
    assert {address_of for kind, address_of, _ in told if kind == "page_view"} == {
        f"{address}/{name}.html" for name in PAGES
    }


async def stated(live: LiveInstallation) -> list[tuple[str, str | None, str | None]]:
    """Kind, address and party of every page and every event of the pages' own."""
    bodies = [event.body for event in await live.log()]
    return [
        (body.interaction, body.fields.get("url"), body.party.external_id if body.party else None)
        for body in bodies if isinstance(body, InteractionStated)
        if body.interaction == "page_view" or "number" in body.properties
    ]  # fmt: skip


async def people(live: LiveInstallation) -> set[str]:
    """The users of whom the browser that they used is known."""
    bodies = [event.body for event in await live.log()]
    return {
        body.external_id for body in bodies if isinstance(body, RecordPatched)
        if body.stream == "users" and "anonymous_id" in body.fields
    }  # fmt: skip
