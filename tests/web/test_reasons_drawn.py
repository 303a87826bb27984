"""Why records are one customer, and why two customers are two: drawn, and in words one can repeat."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import SignedIn
from tests.web.running_server import Api

pytestmark = pytest.mark.browser

HOME = {"street": "Ringweg 1", "postcode": "10115", "city": "Berlin"}
NAME, MAIL, PHONE = "Konrad Brzezinski", "kb@mail.example", "+4915112345678"
PEOPLE: list[tuple[str, str, dict[str, Any]]] = [
    ("crm", "R-1", {"full_name": NAME, "email": MAIL, "birth_date": "1950-02-03", **HOME}),
    ("shop", "R-2", {"full_name": NAME, "email": MAIL, "phone": PHONE}),
    ("helpdesk", "R-3", {"full_name": "K. Brzezinski", "phone": PHONE, "city": "Berlin"}),
    ("helpdesk", "R-4", {"full_name": NAME, "email": MAIL, "phone": PHONE}),
    ("crm", "R-9", {"full_name": NAME, "birth_date": "1982-11-21", **HOME}),
]


@pytest.fixture(scope="module")
def konrad(api: Api) -> str:
    """The id of a customer of four records, whose son of the same name lives under the same roof."""
    for source, key, fields in PEOPLE:
        api.push(source, "records", [{"stream": "people", "id": key, "kind": "person", "fields": fields}])
    steward = Api(str(api.client.base_url).removesuffix("/api/v1/"))
    steward.sign_in("data_steward")
    found = steward.until("/customers?q=kb@mail.example", lambda answer: answer["results"])
    customer = str(found["results"][0]["id"])
    steward.until(f"/customers/{customer}/identity", lambda answer: len(answer["records"]) == 4)
    return customer


def drawer_of(page: Page) -> Locator:
    page.get_by_role("button", name="4 records").first.click()
    return page.get_by_role("dialog", name="Why is this one customer?")


def test_the_joins_are_drawn_as_a_tree_and_each_adds_up_as_a_waterfall(
    signed_in: SignedIn, konrad: str
) -> None:
    drawer = drawer_of(signed_in("data_steward", f"/customers/{konrad}"))
    expect(drawer.locator(".join-tree circle")).to_have_count(2)
    expect(drawer.locator(".join-leaves")).to_contain_text("×2")
    expect(drawer.locator(".join[data-weakest]")).to_have_count(1)
    weakest = drawer.locator(".join[data-weakest]")
    expect(weakest.get_by_role("table")).to_be_visible()
    expect(weakest.get_by_role("row", name="To begin with")).to_contain_text("seldom one customer")
    figures = [float(text.replace("−", "-")) for text in weakest.locator("tbody td.num").all_inner_texts()]
    total = float(weakest.locator("tfoot td.num").inner_text().replace("−", "-"))
    assert abs(sum(figures) - total) < 0.06 * len(figures)
    closed = drawer.locator(".join:not([data-weakest]) details").first
    closed.locator("summary").click()
    expect(closed.get_by_role("table")).to_be_visible()
    expect(drawer).to_contain_text("Without Phone")


def test_any_two_records_can_be_compared(signed_in: SignedIn, konrad: str) -> None:
    drawer = drawer_of(signed_in("support_agent", f"/customers/{konrad}"))
    drawer.get_by_label("One record").select_option(index=1)
    drawer.get_by_label("Another record").select_option(index=3)
    expect(drawer.locator(".comparison-why")).to_contain_text("because of the other records")
    compared = drawer.locator(".comparison")
    expect(compared.get_by_role("row", name="Not shown to you")).to_be_visible()
    expect(compared).to_contain_text("with the same initial")


def test_why_father_and_son_are_two_is_told_to_who_may_not_merge(signed_in: SignedIn, konrad: str) -> None:
    page = signed_in("support_agent", f"/customers/{konrad}")
    drawer_of(page).get_by_role("button", name="Compare with another customer").click()
    dialog = page.get_by_role("dialog", name="Compare Konrad Brzezinski with")
    dialog.get_by_role("combobox", name="The other customer").fill("Konrad Brzezinski")
    dialog.get_by_role("option", name="Konrad Brzezinski").last.click()
    expect(dialog.locator(".comparison-why")).to_contain_text("two customers")
    expect(dialog.get_by_role("row", name="Household").first).to_be_visible()
    expect(dialog.get_by_role("button", name="Merge")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_fits_a_narrow_screen(signed_in: SignedIn, konrad: str, scheme: str) -> None:
    narrow = {"viewport": {"width": 390, "height": 800}, "color_scheme": scheme}
    page = signed_in("data_steward", f"/customers/{konrad}", **narrow)
    drawer = drawer_of(page)
    expect(drawer.locator(".join-tree")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    body = drawer.locator(".identity")
    assert body.evaluate("one => one.scrollWidth <= one.clientWidth")
