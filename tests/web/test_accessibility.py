"""No screen breaks a rule that a machine can check, in both schemes and at both widths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.web.axe_rules import broken_in_the_dark, broken_rules
from tests.web.conftest import SignedIn

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1280, 390])
def test_no_screen_breaks_an_accessibility_rule(
    width: int, signed_in: SignedIn, wilhelmina: str, doubtful: str
) -> None:
    page = signed_in("data_steward", color_scheme="light", viewport={"width": width, "height": 800})
    for screen in _screens(wilhelmina):
        page.goto(screen.path)
        page.locator(screen.seen).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, screen.path
        for act, part in screen.acts:
            act(page)
            _check(page, screen.path, part, contrast=width == 1280)


def _check(page: Page, path: str, part: str, *, contrast: bool) -> None:
    """Both widths are painted with the same colours, which are looked at once, in both schemes."""
    assert broken_rules(page, contrast_in=part if contrast else None) == [], (path, part)
    if contrast:
        assert broken_in_the_dark(page, contrast_in=part) == [], (path, part)


@pytest.mark.parametrize(
    "role", ["support_agent", "sales_rep", "account_manager", "marketer", "privacy_officer"]
)
def test_no_desktop_of_a_role_breaks_a_rule(role: str, signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in(role, f"/customers/{wilhelmina}")
    page.get_by_role("heading", level=1).wait_for()
    page.locator(".card").first.wait_for()
    assert broken_rules(page) == []
    assert broken_in_the_dark(page) == []


def test_the_sign_in_page_breaks_none_either(signed_in: SignedIn) -> None:
    page = signed_in(None, "/sign-in")
    page.get_by_role("button", name="Data steward").wait_for()
    assert broken_rules(page) == []


class Screen(NamedTuple):
    """`acts` are done one after the other, each with the part of the page that it brings."""

    path: str
    seen: str
    acts: Sequence[tuple[Callable[[Page], None], str]]


def _screens(customer: str) -> list[Screen]:
    found = (_look, "body")
    opened = "[role=dialog]"
    return [
        Screen(f"/customers/{customer}", ".entry", [
            (_open_entry, "body"), (_open_provenance, opened),
            (_open_identity, opened), (_open_palette, opened),
        ]),
        Screen("/customers?q=wilhelmina", ".hit", [found]),
        Screen("/sources", ".source", [(_open_menu, "body"), (_open_new_source, opened)]),
        Screen("/imports", ".drop", [found]),
        Screen("/doubts", ".doubt", [found]),
        Screen("/models", ".model", [found]),
    ]  # fmt: skip


def _look(_page: Page) -> None:
    """The screen as it opens."""


def _close(page: Page, part: str) -> None:
    page.keyboard.press("Escape")
    expect(page.locator(part)).to_have_count(0)


def _open_entry(page: Page) -> None:
    page.locator(".entry-button").first.click()
    page.locator(".detail-rows").wait_for()


def _open_provenance(page: Page) -> None:
    page.locator(".source-word").first.click()
    page.locator(".origin").first.wait_for()


def _open_identity(page: Page) -> None:
    _close(page, "[role=dialog]")
    page.locator(".identity-chip").first.click()
    page.locator(".waterfall").locator("visible=true").first.wait_for()


def _open_palette(page: Page) -> None:
    _close(page, "[role=dialog]")
    page.keyboard.press("Control+k")
    page.keyboard.type("wilhelmina")
    expect(page.get_by_role("option").first).to_contain_text("sterreich")


def _open_menu(page: Page) -> None:
    page.locator(".person").click()
    page.get_by_role("menuitem", name="Sign out").wait_for()


def _open_new_source(page: Page) -> None:
    _close(page, "[role=menu]")
    page.get_by_role("button", name="Add a source").click()
    page.get_by_role("option", name="Shopify").wait_for()
