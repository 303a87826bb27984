"""A steward learns a model, sees what another would change, uses it and goes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from regard.identity.keep_models import shipped_model
from regard.identity.match_model import MatchModel, default_model
from regard.identity.write_model import named_by_content, write_model
from tests.web.conftest import SignedIn
from tests.web.running_server import Api

pytestmark = pytest.mark.browser

SHIPPED = shipped_model().version


def cautious() -> MatchModel:
    """The shipped weights, but nothing is ever enough to join two people."""
    model = default_model()
    person = dataclasses.replace(model.person, prior=-60.0)
    return named_by_content(dataclasses.replace(model, version="cautious", person=person))


@pytest.fixture(scope="module")
def brought(api: Api, wilhelmina: str) -> Iterator[str]:
    """The version of a model that was brought as a file; the shipped one decides when the tests are over."""
    told = api.send("POST", "/identity/models", content=write_model(cautious()))
    yield told["version"]
    if api.send("GET", "/identity/models")["chosen"] != SHIPPED:
        api.send("POST", f"/identity/models/{SHIPPED}/use", json={"reason": "the tests are over"})
    api.until("/identity/models", lambda found: found["deciding"] == SHIPPED)


def card(page: Page, version: str) -> Locator:
    return page.locator(".model", has_text=version)


def test_a_model_is_learnt_at_the_push_of_a_button(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", "/")
    page.get_by_role("link", name="Models").click()
    page.get_by_role("button", name="Learn from all records").click()
    learnt = page.locator(".model", has_text="learnt here")
    expect(learnt).to_have_count(1)
    expect(learnt).to_contain_text("records")
    expect(learnt).to_contain_text("Not compared yet")
    expect(card(page, SHIPPED)).to_contain_text("in use")


def test_what_a_model_would_change_is_seen_before_it_is_used_and_put_back(
    signed_in: SignedIn, brought: str
) -> None:
    page = signed_in("data_steward", "/models")
    other = card(page, brought)
    other.get_by_role("button", name="Compare").click()
    expect(other).to_contain_text("would be split")
    other.get_by_role("button", name="Show differences").click()
    first = other.locator(".difference").first
    expect(first).to_contain_text("One customer would become")
    expect(first.get_by_role("link").first).to_be_visible()
    first.locator("summary").first.click()
    expect(first.locator(".record-values").first).to_be_visible()
    other.get_by_role("button", name="Would join").click()
    expect(other).to_contain_text("None of this kind.")

    other.get_by_role("button", name="Use", exact=True).click()
    other.get_by_label("Reason").fill("A trial")
    other.get_by_role("button", name="Use", exact=True).click()
    expect(other).to_contain_text("in use")
    expect(page.locator(".models-history")).to_contain_text("A trial")

    back = card(page, SHIPPED)
    back.get_by_role("button", name="Switch back").click()
    back.get_by_label("Reason").fill("It was right before")
    back.get_by_role("button", name="Switch back").click()
    expect(page.locator(".models-history")).to_contain_text("It was right before")
    expect(back).to_contain_text("in use")


def test_an_administrator_sees_counts_and_no_customers(signed_in: SignedIn, api: Api, brought: str) -> None:
    page = signed_in("administrator", "/models")
    other = card(page, brought)
    other.get_by_role("button", name="Compare").first.click()
    expect(other).to_contain_text("would be split")
    expect(other.get_by_role("button", name="Show differences")).to_have_count(0)


def test_a_file_that_is_no_model_is_refused_in_words(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("data_steward", "/models")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Bring a file").click()
    chooser.value.set_files({"name": "m.json", "mimeType": "application/json", "buffer": b"{}"})
    expect(page.get_by_role("alert")).to_contain_text("this is no match model of Regard")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_models_fit_a_narrow_screen(signed_in: SignedIn, brought: str, scheme: str) -> None:
    page = signed_in("data_steward", "/models", viewport={"width": 390, "height": 800}, color_scheme=scheme)
    expect(card(page, brought)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_who_may_not_manage_models_has_no_such_screen(signed_in: SignedIn, wilhelmina: str) -> None:
    page = signed_in("support_agent", "/customers")
    expect(page.get_by_role("link", name="Customers")).to_be_visible()
    expect(page.get_by_role("link", name="Models")).to_have_count(0)
