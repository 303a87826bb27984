"""What a customer's page shows, to whom, and where from."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.patience import PATIENCE
from tests.web.conftest import SignedIn
from tests.web.small_company import EMAIL, ORDERS

pytestmark = pytest.mark.browser


def test_it_has_exactly_five_vitals_and_at_most_three_alerts(signed_in: SignedIn, wilhelmina: str) -> None:
    for role in ("support_agent", "data_steward", "marketer"):
        page = signed_in(role, f"/customers/{wilhelmina}")
        expect(page.locator(".vital"), role).to_have_count(5)
        assert page.locator(".alert").count() <= 3, role


def test_every_value_says_where_it_is_from(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", f"/customers/{wilhelmina}")
    word = page.get_by_role("button", name="City is from")
    word.first.click()
    note = page.get_by_role("dialog", name="City is from")
    expect(note).to_contain_text("Clifton")
    expect(note).to_contain_text("Bristol")
    expect(note).to_contain_text("C-17")
    expect(note.locator(".provenance-rule")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()


def test_it_says_why_the_records_are_one_customer(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", f"/customers/{wilhelmina}")
    page.get_by_role("button", name="3 records").first.click()
    drawer = page.get_by_role("dialog", name="Why is this one customer?")
    expect(drawer.locator(".record")).to_have_count(3)
    expect(drawer.get_by_role("heading", name="What joined them")).to_be_visible()
    expect(drawer.locator(".waterfall").first).to_contain_text("To begin with")
    expect(drawer.get_by_text("weakest")).to_have_count(1)


def test_an_entry_opens_in_place(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", f"/customers/{wilhelmina}?filter=orders")
    entry = page.get_by_role("listitem").filter(has_text="FH-2000").first
    entry.get_by_role("button").click()
    expect(entry.get_by_role("button")).to_have_attribute("aria-expanded", "true")
    expect(entry.locator(".detail-rows")).to_contain_text("40.50")


def test_the_timeline_goes_back_to_the_first_entry_with_few_rows_in_the_page(
    signed_in: SignedIn, wilhelmina: str
) -> None:
    page = signed_in("data_steward", f"/customers/{wilhelmina}?filter=orders")
    page.get_by_role("list", name="Timeline").wait_for()
    end = page.get_by_text("nothing earlier")
    deadline = time.monotonic() + PATIENCE
    while not end.count() and time.monotonic() < deadline:
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(60)
    expect(end).to_contain_text(f"{ORDERS} entries")
    assert page.locator(".entry").count() < ORDERS


def test_another_role_sees_another_desktop_with_other_masks(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", f"/customers/{wilhelmina}")
    header = page.locator(".customer-header")
    expect(header).to_contain_text(EMAIL)
    _work_as(page, "Support agent")
    expect(header).not_to_contain_text(EMAIL)
    expect(header.get_by_text("hidden").first).to_be_attached()
    assert EMAIL not in page.content()
    expect(page.get_by_text("withheld from your role")).to_be_visible()
    _work_as(page, "Data steward")
    expect(header).to_contain_text(EMAIL)


def test_an_administrator_is_told_that_the_role_opens_no_customers(
    signed_in: SignedIn, wilhelmina: str
) -> None:
    page = signed_in("administrator", f"/customers/{wilhelmina}")
    expect(page.get_by_role("alert")).to_contain_text("does not open customers")


def test_a_failure_is_shown_in_place_and_can_be_retried(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward")
    broken = [True]
    page.route(
        "**/provenance/**",
        lambda route: route.abort() if broken[0] else route.continue_(),
    )
    page.goto(f"/customers/{wilhelmina}")
    page.get_by_role("button", name="City is from").first.click()
    note = page.get_by_role("dialog", name="City is from")
    expect(note.get_by_role("alert")).to_contain_text("could not be loaded")
    broken[0] = False
    note.get_by_role("button", name="Retry").click()
    expect(note).to_contain_text("Clifton")


def _work_as(page: Page, role: str) -> None:
    page.get_by_role("button", name="Role and settings").click()
    page.get_by_role("menuitemradio", name=role).click()
    expect(page.locator(".person-role")).to_have_text(role)
