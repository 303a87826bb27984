"""Who comes in, and as what."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import SignedIn

pytestmark = pytest.mark.browser


def test_a_demo_sign_in_is_one_click_and_leads_to_the_address_that_was_asked_for(
    signed_in: SignedIn, wilhelmina: str
) -> None:
    page = signed_in(None, f"/customers/{wilhelmina}")
    expect(page.get_by_role("heading", name="Sign in to Regard")).to_be_visible()
    page.get_by_role("button", name="Data steward").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wilhelmina")


def test_a_wrong_password_is_answered_in_place(signed_in: SignedIn) -> None:
    page = signed_in(None, "/sign-in")
    page.get_by_label("User name").fill("data_steward")
    page.get_by_role("textbox", name="Password").fill("not it")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You could not be signed in")


def test_nobody_is_led_to_a_foreign_site_after_signing_in(signed_in: SignedIn) -> None:
    page = signed_in(None, "/sign-in?then=//elsewhere.example/customers")
    page.get_by_role("button", name="Data steward").click()
    expect(page.get_by_role("heading", name="Customers")).to_be_visible()


def test_signing_out_leads_back_to_the_sign_in_page(signed_in: SignedIn) -> None:
    page = signed_in("data_steward", "/customers")
    page.get_by_role("button", name="Role and settings").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Regard")).to_be_visible()
    page.goto("/customers")
    expect(page.get_by_role("heading", name="Sign in to Regard")).to_be_visible()


def test_the_administrator_is_offered_no_customers(signed_in: SignedIn) -> None:
    page = signed_in("administrator", "/")
    expect(page.get_by_role("heading", name="Sources")).to_be_visible()
    expect(page.get_by_role("navigation")).not_to_contain_text("Customers")
