"""No screen breaks a rule that a machine can check, in both schemes and at both widths."""

from __future__ import annotations

from collections.abc import Callable

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
    for path, seen, act in _screens(wilhelmina):
        page.goto(path)
        page.locator(seen).first.wait_for()
        if act:
            act(page)
        assert broken_rules(page) == [], path
        if width == 1280:  # both widths are painted with the same colours
            assert broken_in_the_dark(page) == [], path


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


def test_no_screen_scrolls_sideways_on_a_phone(
    signed_in: SignedIn, wilhelmina: str, doubtful: str
) -> None:
    page = signed_in("data_steward", viewport={"width": 390, "height": 800})
    for path, seen, _ in _screens(wilhelmina):
        page.goto(path)
        page.locator(seen).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def _screens(customer: str) -> list[tuple[str, str, Callable[[Page], None] | None]]:
    return [
        (f"/customers/{customer}", ".entry", _open_entry),
        (f"/customers/{customer}", ".entry", _open_provenance),
        (f"/customers/{customer}", ".entry", _open_identity),
        (f"/customers/{customer}", ".entry", _open_palette),
        ("/customers?q=wilhelmina", ".hit", None),
        ("/sources", ".source", _open_menu),
        ("/sources", ".source", _open_new_source),
        ("/imports", ".drop", None),
        ("/doubts", ".doubt", None),
        ("/models", ".model", None),
    ]


def _open_entry(page: Page) -> None:
    page.locator(".entry-button").first.click()
    page.locator(".detail-rows").wait_for()


def _open_provenance(page: Page) -> None:
    page.locator(".source-word").first.click()
    page.locator(".origin").first.wait_for()


def _open_identity(page: Page) -> None:
    page.locator(".identity-chip").first.click()
    page.locator(".waterfall").locator("visible=true").first.wait_for()


def _open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("wilhelmina")
    expect(page.get_by_role("option").first).to_contain_text("sterreich")


def _open_menu(page: Page) -> None:
    page.locator(".person").click()
    page.get_by_role("menuitem", name="Sign out").wait_for()


def _open_new_source(page: Page) -> None:
    page.get_by_role("button", name="Add a source").click()
    page.get_by_role("option", name="Shopify").wait_for()
