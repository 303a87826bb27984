"""The whole way from signing in to the reasons without a mouse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import SignedIn

pytestmark = pytest.mark.browser


def test_the_main_way_needs_no_mouse(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in(None, "/sign-in")
    page.get_by_role("button", name="Data steward").wait_for()
    _tab_to(page, "Data steward")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Customers").wait_for()

    page.keyboard.press("/")
    page.keyboard.type("FH-2003")
    expect(page.get_by_role("option").first).to_contain_text("sterreich")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{wilhelmina}")
    page.get_by_role("list", name="Timeline").wait_for()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator(".entry").first.get_by_role("button")).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")

    page.keyboard.press("t")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("i")
    drawer = page.get_by_role("dialog", name="Why is this one customer?")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    page.get_by_role("button", name="City is from").first.press("Enter")
    note = page.get_by_role("dialog", name="City is from")
    expect(note).to_contain_text("Clifton")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="City is from").first).to_be_focused()

    # Two keys are a pair when less than a second lies between them, which a busy machine may not keep.
    page.clock.set_fixed_time(datetime.now(UTC))
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_single_letter_keys_can_be_turned_off(signed_in: SignedIn) -> None:
    page = signed_in("data_steward", "/customers")
    page.get_by_role("heading", name="Customers").wait_for()
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single-letter keys").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()


def _tab_to(page: Page, name: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if name in (page.locator(":focus").text_content() or ""):
            return
    raise AssertionError(f"{name} cannot be reached with the Tab key")
