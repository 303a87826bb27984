"""Where data comes from: sources, what they sent in vain, and files."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.axe_rules import broken_in_the_dark, broken_rules
from tests.web.conftest import SignedIn
from tests.web.running_server import Api

pytestmark = pytest.mark.browser

FILE = """Kundennummer;Vorname;Nachname;E-Mail
1;Zoë;Brandt;zoe@brandt.example
2;Jörg;Weiß;joerg@weiss.example
;Ohne;Nummer;x@y.example
"""


def test_what_was_refused_is_shown_with_its_reason_and_can_be_discarded(
    signed_in: SignedIn, api: Api
) -> None:
    account = api.push("empty", "records", [{"stream": "things", "kind": "person", "fields": {}}])
    assert account["rejected"] == 1
    page = signed_in("data_steward", "/sources")
    row = page.locator(".source").filter(has_text="Quiet source")
    row.get_by_role("button", name="1 open").click()
    drawer = page.get_by_role("dialog", name="Quarantine of Quiet source")
    expect(drawer.locator(".quarantined")).to_contain_text(account["rejections"][0]["detail"])
    drawer.get_by_role("button", name="Retry").click()
    expect(drawer.get_by_role("alert")).to_contain_text("Still not accepted")
    drawer.get_by_role("button", name="Send a corrected one").click()
    corrected = '{"stream": "things", "id": "1", "kind": "person", "fields": {"full_name": "Ida Mended"}}'
    drawer.get_by_label("The item, corrected, as JSON").fill(corrected)
    drawer.get_by_role("button", name="Send the corrected item").click()
    expect(drawer.get_by_text("Nothing is waiting here")).to_be_visible()


def test_a_new_source_gets_a_key_that_is_shown_once_and_works(signed_in: SignedIn, api: Api) -> None:
    page = signed_in("data_steward", "/sources")
    page.get_by_role("button", name="Add a source").click()
    dialog = page.get_by_role("dialog")
    kinds = dialog.get_by_role("combobox", name="What does it run on?")
    kinds.fill("mysql")
    expect(dialog.get_by_role("option")).to_contain_text("SQL database")
    expect(dialog.get_by_role("option")).to_contain_text("Needs database, tables and queries")
    kinds.fill("records and int")
    kinds.press("Enter")
    dialog.get_by_label("Name", exact=True).fill("Loyalty App")
    dialog.get_by_role("button", name="Add and make a key").click()
    dialog.get_by_role("button", name="Make a key").click()
    key = dialog.get_by_label("The key", exact=True).inner_text().strip()
    expect(dialog.get_by_label("A curl line", exact=True)).to_contain_text(key)
    record = {"stream": "members", "id": "1", "kind": "person", "fields": {"full_name": "Key Holder"}}
    sent = api.client.post(
        "/sources/loyalty_app/records", json=record, headers={"Authorization": f"Bearer {key}"}
    )
    assert sent.json()["accepted"] == 1
    page.keyboard.press("Escape")
    expect(page.locator(".source").filter(has_text="Loyalty App")).to_be_visible()


def test_a_dropped_file_becomes_customers_row_by_row(signed_in: SignedIn, api: Api) -> None:
    page = signed_in("data_steward", "/imports")
    page.get_by_label("File to import").set_input_files(
        {"name": "kunden.csv", "mimeType": "text/csv", "buffer": FILE.encode("cp1252")}
    )
    page.get_by_label("Name of the new source").fill("Old list")
    page.get_by_role("button", name="Read the file").click()

    expect(page.get_by_role("combobox", name="Vorname becomes")).to_have_value("Given name")
    expect(page.get_by_role("checkbox", name="Kundennummer is part of the id")).to_be_checked()
    expect(page.get_by_role("region", name="Columns")).to_contain_text("Zoë")
    page.get_by_role("button", name="Try it, storing nothing").click()
    account = page.get_by_role("region", name="What would happen")
    expect(account).to_contain_text("3 read")
    expect(account).to_contain_text("2 stored")
    account.get_by_role("button", name="1 quarantined").click()
    expect(account.get_by_role("region", name="Quarantined rows")).to_contain_text("Kundennummer")
    page.get_by_role("button", name="Run the import").click()
    done = page.get_by_role("region", name="What happened")
    expect(done).to_contain_text("2 stored")
    page.get_by_role("link", name="See the customers").click()
    page.get_by_label("Search customers", exact=True).fill("Brandt")
    expect(page.get_by_role("main").get_by_role("link", name="Zoë Brandt")).to_be_visible()


def test_an_import_is_looked_behind_compared_and_taken_back(signed_in: SignedIn, api: Api) -> None:
    api.send("POST", "/sources", json={"slug": "legacy", "title": "Legacy", "connector": "file"})
    text = "id,name,email\n1,Brunhilde Axelsson,b@axelsson.example\n2,Odalys Ferreira,o@ferreira.example\n"
    address = "/imports?source=legacy&stream=customers&filename=legacy.csv"
    one = api.send("POST", address, content=text.encode())["id"]
    page = signed_in("data_steward", f"/imports/{one}")
    page.get_by_role("button", name="Try it, storing nothing").click()
    page.get_by_role("button", name="Run the import").click()
    account = page.get_by_role("region", name="What happened")
    account.get_by_role("button", name="2 stored").click()
    stored = account.get_by_role("region", name="Stored rows")
    expect(stored.get_by_role("link")).to_have_text(["Brunhilde Axelsson", "Odalys Ferreira"])
    page.get_by_role("button", name="Compare a sample").click()
    totals = page.get_by_role("region", name="Totals of each field")
    expect(totals.get_by_role("row").filter(has_text="Email")).to_contain_text("2")
    beside = page.get_by_role("region", name="Rows beside customers")
    expect(beside).to_contain_text("b@axelsson.example")
    assert broken_rules(page) == []
    assert broken_in_the_dark(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Take it back").press("Enter")
    page.get_by_role("button", name="Take everything back").click()
    expect(page.get_by_text("customers are what they would be without it")).to_be_visible()
    steward = Api(str(api.client.base_url).removesuffix("/api/v1/"))
    steward.sign_in("data_steward")
    steward.until("/customers?q=Axelsson", lambda told: not told["results"])
