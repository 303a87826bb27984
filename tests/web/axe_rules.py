"""What axe finds wrong with a page, in short.

Contrast costs more than all other rules together, and is the same wherever the same styles are used: it is
looked at in a part of the page where the rest was looked at before, and in the first entries of a long list.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_CONTRAST = "color-contrast"
_MORE_OF_THE_SAME = ".entry:nth-child(n+6)"
_STILL = """() => document.getAnimations().every(
    one => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""
_RUN = """async ([context, options]) => (await axe.run(context, options)).violations.map(
    one => `${one.id} at ${JSON.stringify(one.nodes.slice(0, 3).map(node => node.target))}`)"""


def broken_rules(page: Page, *, contrast_in: str | None = "body") -> list[str]:
    """The rules of WCAG 2.2 AA that the page breaks, each with up to three places."""
    tags = {"runOnly": {"type": "tag", "values": _TAGS}, "rules": {_CONTRAST: {"enabled": False}}}
    broken = _run(page, {"include": [["html"]]}, tags)
    return broken + (_contrast(page, contrast_in) if contrast_in else [])


def broken_in_the_dark(page: Page, *, contrast_in: str = "body") -> list[str]:
    """What breaks in the dark scheme, which differs in colours alone; the page stays in the light one."""
    page.emulate_media(color_scheme="dark")
    broken = _contrast(page, contrast_in)
    page.emulate_media(color_scheme="light")
    return broken


def _contrast(page: Page, part: str) -> list[str]:
    where = {"include": [[part]], "exclude": [[_MORE_OF_THE_SAME]]}
    return _run(page, where, {"runOnly": {"type": "rule", "values": [_CONTRAST]}})


def _run(page: Page, where: dict[str, Any], options: dict[str, Any]) -> list[str]:
    page.wait_for_function(_STILL)  # half faded in, nothing has its contrast yet
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    quick = {"resultTypes": ["violations"], "preload": False, "iframes": False}
    broken: list[str] = page.evaluate(_RUN, [where, {**options, **quick}])
    return broken
