"""Finding a customer by whatever a caller says."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import SignedIn

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "said",
    ["Wilhelmina Osterreich", "Wilhelmina Oesterreihc", "07911 209142", "FH-2003", "T-881"],
    ids=["without umlaut", "mistyped", "phone as dialled at home", "order number", "ticket number"],
)
def test_the_palette_finds_her_by(said: str, signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", "/sources")
    page.get_by_role("heading", name="Sources").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search customers and screens").press_sequentially(said, delay=5)
    first = page.get_by_role("option").first
    expect(first).to_contain_text("sterreich")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{wilhelmina}")


def test_enter_before_the_answer_opens_the_first_hit_of_what_was_typed(
    signed_in: SignedIn, wilhelmina: str
) -> None:
    page = signed_in("data_steward", "/sources")
    page.get_by_role("heading", name="Sources").wait_for()
    page.keyboard.press("/")
    page.get_by_role("combobox", name="Search customers and screens").fill("FH-2003")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{wilhelmina}")


def test_the_list_keeps_its_search_in_the_address(signed_in: SignedIn) -> None:
    page = signed_in("data_steward", "/customers")
    page.get_by_label("Search customers", exact=True).fill("tremblay")
    page.wait_for_url("**/customers?q=tremblay")
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name="Bridget Tremblay")).to_be_visible()
    page.reload()
    expect(main.get_by_role("listitem")).to_have_count(1)


def test_a_search_without_hits_says_what_was_searched(signed_in: SignedIn) -> None:
    page = signed_in("data_steward", "/customers?q=qqzzxxy")
    expect(page.get_by_text("Nobody found for")).to_be_visible()
    expect(page.get_by_text("Searched:")).to_be_visible()


def test_a_name_made_of_markup_is_shown_as_text(signed_in: SignedIn) -> None:
    page = signed_in("data_steward", "/customers?q=odd@elsewhere.example")
    page.get_by_role("link", name="svg onload").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<svg", ignore_case=True)
    assert page.title() != "taken"
    assert page.locator("h1 svg[onload]").count() == 0
