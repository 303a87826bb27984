"""The first minutes on an empty installation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.patience import PATIENCE
from tests.web.running_server import RunningServer

pytestmark = pytest.mark.browser

FILE = "id,first name,last name,email\n1,Ada,Example,ada@example.com\n2,Ben,Sample,ben@example.com\n"


def test_an_empty_installation_leads_from_the_code_to_the_first_customers(
    browser: Browser, fresh_server: RunningServer
) -> None:
    context = browser.new_context(base_url=fresh_server.address)
    context.set_default_timeout(PATIENCE * 1_000)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome to Regard")).to_be_visible()
    page.get_by_label("One-time code").fill("WRONG-CODE")
    page.get_by_label("Your name").fill("Grace Admin")
    page.get_by_label("User name").fill("grace")
    page.get_by_role("textbox", name="Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Create the administrator").click()
    expect(page.get_by_role("alert")).to_contain_text("code")
    page.get_by_label("One-time code").fill(fresh_server.setup_code())
    page.get_by_role("button", name="Create the administrator").click()

    page.get_by_role("option", name="Records and interactions API").click()
    page.get_by_label("Name", exact=True).fill("Web shop")
    page.get_by_role("button", name="Add and make a key").click()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_label("A curl line", exact=True)).to_contain_text("/api/v1/sources/web_shop/records")

    page.get_by_label("File to import").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Try it, storing nothing").click()
    page.get_by_role("button", name="Run the import").click()
    expect(page.get_by_role("region", name="What happened")).to_contain_text("2 stored")

    page.goto("/setup")
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_text("2 customers so far")).to_be_visible()
    context.close()
