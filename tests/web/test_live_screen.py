"""A screen that nobody touches follows the sources; one that is being read stays put."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.web.conftest import SignedIn
from tests.web.running_server import Api
from tests.web.small_company import ticket

pytestmark = pytest.mark.browser


def test_a_new_ticket_appears_without_touching_anything(
    signed_in: SignedIn, wilhelmina: str, api: Api
) -> None:
    page = signed_in("support_agent", f"/customers/{wilhelmina}")
    page.get_by_role("list", name="Timeline").wait_for()
    expect(page.locator(".live-badge")).to_contain_text("Live")
    api.push("helpdesk", "interactions", [ticket("T-901", "Kettle arrived without a lid")])
    expect(page.locator(".entry").first).to_contain_text("Kettle arrived without a lid")
    expect(page.get_by_role("region", name="Tickets")).to_contain_text("Kettle arrived without a lid")


def test_a_list_under_the_mouse_holds_the_news_behind_a_pill(
    signed_in: SignedIn, wilhelmina: str, api: Api
) -> None:
    page = signed_in("support_agent", f"/customers/{wilhelmina}")
    expect(page.locator(".live-badge")).to_contain_text("Live")
    page.locator(".entry").nth(1).hover()
    before = page.locator(".entry").first.locator(".entry-sentence").inner_text()
    api.push("helpdesk", "interactions", [ticket("T-902", "Second cup is chipped")])
    pill = page.get_by_role("button", name="1 new")
    expect(pill).to_be_visible()
    assert page.locator(".entry").first.locator(".entry-sentence").inner_text() == before
    pill.click()
    expect(page.locator(".entry").first).to_contain_text("Second cup is chipped")
    expect(pill).to_be_hidden()


def test_two_tabs_share_one_stream_and_both_are_live(
    contexts: Callable[..., BrowserContext], wilhelmina: str, api: Api
) -> None:
    context = contexts("support_agent")
    owners: list[object] = []
    pages = [context.new_page(), context.new_page()]
    for page in pages:
        page.on("request", lambda asked, page=page: "/stream" in asked.url and owners.append(page))
        page.goto(f"/customers/{wilhelmina}")
        page.get_by_role("list", name="Timeline").wait_for()
        expect(page.locator(".live-badge")).to_contain_text("Live")
    api.push("helpdesk", "interactions", [ticket("T-903", "Where is the invoice")])
    for page in pages:
        expect(page.locator(".entry").first).to_contain_text("Where is the invoice")
    assert len({id(owner) for owner in owners}) == 1
    pages[0].close()
    api.push("helpdesk", "interactions", [ticket("T-904", "The lid came, thank you")])
    expect(pages[1].locator(".entry").first).to_contain_text("The lid came, thank you")


def test_without_a_connection_the_badge_says_so_and_the_page_stays_readable(
    signed_in: SignedIn, wilhelmina: str
) -> None:
    page = signed_in("support_agent", f"/customers/{wilhelmina}")
    page.get_by_role("list", name="Timeline").wait_for()
    expect(page.locator(".live-badge")).to_contain_text("Live")
    page.context.set_offline(True)
    expect(page.locator(".live-badge")).to_contain_text("Offline, as of")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wilhelmina")
    page.context.set_offline(False)
    expect(page.locator(".live-badge")).to_have_text("Live")
