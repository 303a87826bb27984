"""Measures in Chromium how soon an event, or a changed name, is painted on the open page of its customer."""

from __future__ import annotations

import http.client
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Error, Page, sync_playwright

from benchmarks.drive_client import ClientFailedError
from benchmarks.make_events import Known, ticket
from benchmarks.run_installation import HOST

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PATIENCE_MILLISECONDS = 30_000
_PAUSE = 0.3
# What `read` finds is painted when the frame that follows its coming is over: a message is handled after
# the paint.
_OBSERVE = """
(read) => {
  const found = new Function(`return (${read})()`);
  const now = () => performance.timeOrigin + performance.now();
  window.benchmarkSeen = {};
  new MutationObserver(() => {
    const changed = now();
    for (const name of found()) {
      if (!name || name in window.benchmarkSeen) continue;
      window.benchmarkSeen[name] = null;
      requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => { window.benchmarkSeen[name] = { changed, painted: now() }; };
        after.port2.postMessage(null);
      });
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}
"""
_QUESTIONS = r"""
() => [...document.querySelectorAll(".entry")].slice(0, 5)
  .map((row) => /Question \[([\w-]+)\]/.exec(row.textContent)?.[1])
"""
_NAMES = """() => [...document.querySelectorAll("h1.customer-name")].map((one) => one.textContent)"""


@dataclass(slots=True)
class Paints:
    """Seconds from the moment an event's acknowledgement arrived; one value an event."""

    changed: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


def find_chromium() -> str | None:
    """The system's Chromium."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def open_page(
    port: int, session: dict[str, str], customer: str, *, sign: str = ".entry", read: str = _QUESTIONS
) -> Iterator[Page]:
    """The customer's page in a browser of its own, live, and with `sign` (a selector) on it.

    From then on the page notes when it painted each text that `read` (a function in its language) gives.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=_FLAGS)
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            name, _, value = session["Cookie"].partition("=")
            context.add_cookies([{"name": name, "value": value, "url": f"http://{HOST}:{port}"}])
            page = context.new_page()
            page.goto(f"http://{HOST}:{port}/customers/{customer}")
            page.locator(sign).first.wait_for()
            page.locator(".live-badge", has_text="Live").wait_for()
            page.evaluate(_OBSERVE, read)
            time.sleep(1.0)
            yield page
        except Error as problem:
            raise ClientFailedError(f"the page did not come as expected: {problem}") from problem
        finally:
            browser.close()


def watch_paints(page: Page, port: int, key: str, who: Known, events: int, salt: str) -> Paints:
    """Push events about the page's customer one after the other, and wait for each to be painted."""
    paints = Paints()
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        for number in range(events):
            name = f"{salt}-{number}"
            connection.request(
                "POST", "/api/v1/sources/shop/interactions", ticket(who, name, f"Question [{name}]"), headers
            )
            answer = connection.getresponse()
            content = answer.read()
            accepted = time.time()
            if answer.status != http.HTTPStatus.OK or b'"accepted":1' not in content:
                raise ClientFailedError(f"an event was answered with {answer.status}: {content[:200]!r}")
            seen = _await_painted(page, name)
            paints.changed.append(seen["changed"] / 1000 - accepted)
            paints.painted.append(seen["painted"] / 1000 - accepted)
            time.sleep(_PAUSE)
    finally:
        connection.close()
    return paints


def watch_names(
    port: int,
    session: dict[str, str],
    customer: str,
    change: Callable[[str], None],
    names: Iterable[str],
) -> list[float]:
    """Seconds from just before each change of the customer's name to its paint."""
    delays: list[float] = []
    with open_page(port, session, customer, sign="h1.customer-name", read=_NAMES) as page:
        for name in names:
            begun = time.time()
            change(name)
            delays.append(_await_painted(page, name)["painted"] / 1000 - begun)
    return delays


def _await_painted(page: Page, name: str) -> dict[str, float]:
    """When the page changed and when it had painted it, in milliseconds since 1970."""
    seen: dict[str, float] = page.wait_for_function(
        "name => window.benchmarkSeen[name]", arg=name, timeout=_PATIENCE_MILLISECONDS
    ).json_value()
    return seen
