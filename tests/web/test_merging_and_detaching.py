"""A steward says that two customers are one, and takes it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import SignedIn
from tests.web.running_server import Api

pytestmark = pytest.mark.browser


def test_a_merge_is_made_with_a_reason_and_undone(signed_in: SignedIn, api: Api) -> None:
    people = [("M-1", "Ottoline Vance", "Hull"), ("M-2", "Peregrine Lusk", "Ely")]
    records = [
        {"stream": "contacts", "id": key, "kind": "person", "fields": {"full_name": name, "city": city}}
        for key, name, city in people
    ]
    api.push("crm", "records", records)
    steward = Api(str(api.client.base_url).removesuffix("/api/v1/"))
    steward.sign_in("data_steward")
    found = steward.until("/customers?q=Ottoline", lambda answer: answer["results"])
    steward.until("/customers?q=Peregrine", lambda answer: answer["results"])

    page = signed_in("data_steward", f"/customers/{found['results'][0]['id']}")
    page.get_by_role("button", name="1 record").first.click()
    drawer = page.get_by_role("dialog", name="Why is this one customer?")
    drawer.get_by_role("button", name="Merge with another customer").click()
    dialog = page.get_by_role("dialog", name="Merge Ottoline Vance with")
    dialog.get_by_role("combobox", name="The other customer").fill("Peregrine")
    dialog.get_by_role("option", name="Peregrine Lusk").click()
    dialog.get_by_label("Reason").fill("She told us on the phone")
    dialog.get_by_role("button", name="Merge, keeping everything").click()

    expect(drawer.locator(".record")).to_have_count(2)
    judged = drawer.locator(".judgement").first
    expect(judged).to_contain_text("She told us on the phone")
    judged.get_by_role("button", name="Undo").click()
    drawer.get_by_label("Reason").fill("It was her brother")
    judged.get_by_role("button", name="Undo").click()
    expect(drawer.locator(".record")).to_have_count(1)


def test_who_may_not_judge_is_offered_no_judging(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("support_agent", f"/customers/{wilhelmina}")
    page.get_by_role("button", name="3 records").first.click()
    drawer = page.get_by_role("dialog", name="Why is this one customer?")
    expect(drawer.locator(".record")).to_have_count(3)
    expect(drawer.get_by_role("button", name="Merge")).to_have_count(0)
    expect(drawer.get_by_role("checkbox")).to_have_count(0)
