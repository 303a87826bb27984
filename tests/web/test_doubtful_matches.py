"""A steward works through doubtful matches with the keyboard, and takes an answer back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import SignedIn

pytestmark = pytest.mark.browser


def test_a_pair_is_judged_by_a_key_and_comes_back_when_undone(signed_in: SignedIn, doubtful: str) -> None:
    page = signed_in("data_steward", "/")
    page.get_by_role("link", name="Doubts").click()
    row = page.locator(".doubt", has_text=doubtful)
    row.locator(".doubt-head").click()
    expect(row.get_by_role("table")).to_contain_text("Family name")
    expect(row.locator(".doubt-side")).to_have_count(2)
    page.keyboard.press("s")
    expect(page.locator(".doubt-given")).to_contain_text("Judged to be one customer.")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)


def test_j_and_k_go_from_pair_to_pair_and_d_says_they_differ(signed_in: SignedIn, doubtful: str) -> None:
    page = signed_in("data_steward", "/doubts")
    opened = page.locator(".doubt[data-open]")
    expect(opened).to_have_count(1)
    rows = page.locator(".doubt").all_inner_texts()
    place = next(number for number, text in enumerate(rows) if doubtful in text)
    for number in range(1, place + 1):
        page.keyboard.press("j")
        expect(page.locator(".doubt").nth(number)).to_have_attribute("data-open", "true")
    # At either end there is nothing to go on to.
    page.keyboard.press("j" if place + 1 < len(rows) else "k")
    page.keyboard.press("k" if place + 1 < len(rows) else "j")
    expect(opened).to_contain_text(doubtful)
    page.keyboard.press("d")
    expect(page.locator(".doubt-given")).to_contain_text("Judged to be two customers.")
    expect(page.locator(".doubt", has_text=doubtful)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".doubt", has_text=doubtful)).to_have_count(1)


def test_the_queue_fits_a_narrow_screen(signed_in: SignedIn, doubtful: str) -> None:
    page = signed_in("data_steward", "/doubts", viewport={"width": 390, "height": 800})
    expect(page.locator(".doubt", has_text=doubtful)).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_who_may_not_merge_has_no_such_screen(signed_in: SignedIn, doubtful: str) -> None:
    page = signed_in("support_agent", "/customers")
    expect(page.get_by_role("link", name="Customers")).to_be_visible()
    expect(page.get_by_role("link", name="Doubts")).to_have_count(0)
