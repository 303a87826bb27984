"""What axe finds wrong with a page, in short."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def broken_rules(page: Page, *, only: str | None = None) -> list[str]:
    """The rules that the page breaks, each with up to three places: of WCAG 2.2 AA, or `only` one."""
    wanted = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": _TAGS}
    options: dict[str, Any] = {"runOnly": wanted, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']} at {[node['target'] for node in one['nodes'][:3]]}" for one in found]


def broken_in_the_dark(page: Page) -> list[str]:
    """What breaks in the dark scheme, which differs in colours alone; the page stays in the light one."""
    page.emulate_media(color_scheme="dark")
    broken = broken_rules(page, only="color-contrast")
    page.emulate_media(color_scheme="light")
    return broken
