"""The page of one source: how it is reached, what its records mean, how good they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.axe_rules import broken_in_the_dark, broken_rules
from tests.web.conftest import SignedIn
from tests.web.running_server import Api, RunningServer

pytestmark = pytest.mark.browser

GUESTS = [
    (1, "Rosalind", "Achterberg", "mailto:rosalind@achterberg.example", "030 901820", "gold", "Utrecht"),
    (2, "Theodor", "Quistgaard", "theodor@gmial.com", "030 901821", "silver", "Aarhus"),
    (3, "Ottilie", "Vermeulen", "ottilie@vermeulen.example", "030 901822", "gold", "Gent"),
]
COLUMNS = "id INTEGER PRIMARY KEY, first_name, last_name, email, phone, loyalty_club, town"


@pytest.fixture(scope="module")
def inbox(server: RunningServer) -> Path:
    """The folder of the installation that sources may read files from."""
    folder = server.log.parent / "inbox"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def guests(inbox: Path) -> Path:
    """A database of guests, as a small hotel may have."""
    path = inbox / "hotel.db"
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE guests ({COLUMNS})")
        database.executemany("INSERT INTO guests VALUES (?, ?, ?, ?, ?, ?, ?)", GUESTS)
    return path


@pytest.fixture(scope="module")
def hotel(api: Api, guests: Path) -> Iterator[str]:
    """A source that is read and mapped, with the guests in it."""
    source = {"slug": "hotel", "title": "Hotel", "connector": "sql", "country": "DE"}
    api.send("POST", "/sources", json=source)
    settings = {"kind": "sqlite", "database": str(guests), "streams": [{"table": "guests"}]}
    api.send("PUT", "/sources/hotel/connection", json={"settings": settings})
    api.until("/sources/hotel/streams", lambda told: told["streams"] and told["streams"][0]["records"] == 3)
    proposed = api.send("POST", "/sources/hotel/streams/guests/mapping/propose")["mapping"]
    api.send("PUT", "/sources/hotel/streams/guests/mapping", json={"mapping": proposed})
    api.until("/sources/hotel/quality", lambda told: told["kinds"] and told["kinds"][0]["records"] == 3)
    yield "hotel"
    api.send("PUT", "/sources/hotel/connection", json={"settings": settings, "enabled": False})


def test_a_database_is_connected_mapped_and_becomes_customers(
    signed_in: SignedIn, api: Api, guests: Path
) -> None:
    api.send("POST", "/sources", json={"slug": "inn", "title": "Inn", "connector": "sql"})
    page = signed_in("data_steward", "/sources")
    page.get_by_role("link", name="Inn").click()
    expect(page.get_by_role("heading", name="Inn", level=1)).to_be_visible()
    todo = page.get_by_role("list", name="What to do")
    expect(todo).to_contain_text("It is not connected yet")

    page.get_by_role("combobox", name="Kind of database").click()
    page.get_by_role("option", name="sqlite").click()
    page.get_by_role("textbox", name="Database", exact=True).fill(str(guests.parent / "other.db"))
    tables = page.get_by_role("group", name="Tables and queries")
    tables.get_by_role("button", name="As text").click()
    tables.get_by_label("Tables and queries").fill('[{"table": ')
    expect(page.get_by_text("This is not JSON yet")).to_be_visible()
    tables.get_by_role("button", name="As a form").click()
    tables.get_by_role("textbox", name="Table", exact=True).fill("guests")
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator(".connection .works-not")).to_be_visible()
    page.get_by_role("textbox", name="Database", exact=True).fill(str(guests))
    page.get_by_role("button", name="Try", exact=True).click()
    expect(page.locator(".connection .works")).to_contain_text("It works: 1 stream (guests)")
    page.get_by_role("button", name="Keep and read").click()
    expect(page.get_by_text("Kept. The source is read with these settings now.")).to_be_visible()

    row = page.get_by_role("region", name="Streams").get_by_role("row").filter(has_text="guests")
    expect(row).to_contain_text("3")
    expect(row).to_contain_text("Not mapped yet")
    todo.get_by_role("button", name="Map “guests”").click()
    panel = page.get_by_role("region", name="What “guests” means")
    expect(panel).to_contain_text("Nobody has mapped this stream")
    expect(panel.get_by_role("combobox", name="email becomes")).to_have_value("Email")
    tier = panel.get_by_role("combobox", name="loyalty_club becomes")
    tier.click()
    tier.fill("Tier")
    page.get_by_role("option", name="Tier").first.click()
    expect(panel.locator(".stated-record").first).to_contain_text("Tiersilver")
    town = panel.get_by_role("combobox", name="town becomes")
    town.click()
    town.fill("Tier")
    page.get_by_role("option", name="Tier").first.click()
    expect(panel).to_contain_text("“Tier” was read from “loyalty_club” until now")
    panel.get_by_role("button", name="Kept beside the others (1)").click()
    expect(panel.get_by_role("region", name="Fields of the source")).to_contain_text("loyalty_club")
    panel.get_by_role("button", name="All (").click()
    panel.locator(".mapping-notice").get_by_role("button", name="Undo").click()
    expect(tier).to_have_value("Tier")
    expect(panel.get_by_role("combobox", name="Id", exact=True)).to_have_value("Its own id at the source")
    panel.get_by_role("button", name="Keep this mapping").click()
    expect(page.get_by_text("records of the log are read again with it")).to_be_visible()
    expect(row).to_contain_text("Your mapping, version 1")
    api_steward = Api(str(api.client.base_url).removesuffix("/api/v1/"))
    api_steward.sign_in("data_steward")
    api_steward.until("/customers?q=Achterberg", lambda told: told["results"])
    api.send("PUT", "/sources/inn/connection", json={"enabled": False, "shown": False, "settings": {
        "kind": "sqlite", "database": str(guests), "streams": [{"table": "guests"}]}})  # fmt: skip
    expect(page.get_by_text("Not shown")).to_be_visible()
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    _renamed_and_removed(page)


def _renamed_and_removed(page: Page) -> None:
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Harbour inn")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Harbour inn", level=1)).to_be_visible()
    page.get_by_role("button", name="See what would go").click()
    form = page.get_by_role("form", name="Remove the source")
    expect(form).to_contain_text("credentials")
    typed = form.get_by_role("textbox", name="type its name")
    typed.fill("Inn")
    expect(form.get_by_role("button", name="Remove it")).to_be_disabled()
    typed.fill("Harbour inn")
    expect(form.get_by_role("button", name="Remove it")).to_be_disabled()
    form.get_by_role("textbox", name="Reason").fill("The inn was sold")
    typed.press("Enter")
    expect(page.get_by_role("button", name="Bring Harbour inn back")).to_be_visible()
    expect(page.get_by_text("The inn was sold")).to_be_visible()


def test_the_administrator_sees_how_samples_are_written_and_no_more(signed_in: SignedIn, hotel: str) -> None:
    page = signed_in("administrator", f"/sources/{hotel}?stream=guests")
    panel = page.get_by_role("region", name="What “guests” means")
    expect(panel.get_by_role("row").filter(has_text="last_name")).to_contain_text("Xxx")
    expect(panel.locator(".stated-record").first).to_be_visible()
    assert not [name for _, _, name, *_ in GUESTS if name in page.content()]


def test_a_figure_of_the_scorecard_leads_to_the_customer(signed_in: SignedIn, hotel: str) -> None:
    page = signed_in("data_steward", f"/sources/{hotel}")
    page.get_by_role("button", name="the domain looks like a typing error").click()
    listed = page.get_by_role("region", name="Records behind the figure")
    expect(listed).to_contain_text("theodor@gmial.com")
    expect(listed).to_contain_text("theodor@gmail.com")
    listed.get_by_role("link", name="Theodor Quistgaard").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Theodor Quistgaard")


def test_a_sample_is_profiled_before_anybody_sees_it(signed_in: SignedIn, hotel: str) -> None:
    page = signed_in("data_steward", f"/sources/{hotel}")
    page.get_by_role("button", name="Profile a sample").click()
    expect(page.get_by_text("In the sample 3 records are 3 customers")).to_be_visible()


def test_a_cleansing_is_looked_at_done_and_taken_back(signed_in: SignedIn, hotel: str) -> None:
    page = signed_in("data_steward", f"/sources/{hotel}")
    panel = page.get_by_role("region", name="Cleansing")
    panel.get_by_role("button", name="See what could be corrected").click()
    choice = panel.get_by_role("group", name="What could be corrected")
    expect(choice).to_contain_text("“theodor@gmial.com” becomes “theodor@gmail.com”")
    probable = choice.get_by_role("checkbox", name="the domain looks like a typing error")
    expect(probable).not_to_be_checked()
    probable.check()
    choice.get_by_role("button", name="Correct these").click()
    expect(panel.get_by_role("list", name="Cleansings")).to_contain_text("done")
    score = page.get_by_role("region", name="Quality of persons")
    expect(score).not_to_contain_text("the domain looks like a typing error")
    panel.get_by_role("button", name="Take it back").click()
    expect(panel.get_by_role("list", name="Cleansings")).to_contain_text("taken back")
    expect(score).to_contain_text("the domain looks like a typing error")


def test_the_page_can_be_used_without_a_mouse(signed_in: SignedIn, hotel: str) -> None:
    page = signed_in("data_steward", f"/sources/{hotel}")
    link = page.get_by_role("region", name="Streams").get_by_role("link", name="guests: Your mapping")
    link.focus()
    page.keyboard.press("Enter")
    place = page.get_by_role("combobox", name="town becomes")
    place.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option").first).to_be_hidden()
    figure = page.get_by_role("button", name="the domain looks like a typing error")
    figure.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Records behind the figure")).to_be_visible()
    expect(figure).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("role", ["data_steward", "administrator"])
def test_the_page_breaks_no_accessibility_rule(role: str, signed_in: SignedIn, hotel: str) -> None:
    page = signed_in(role, color_scheme="light", viewport={"width": 1280, "height": 800})
    page.goto(f"/sources/{hotel}?stream=guests")
    page.locator(".stated-record").first.wait_for()
    page.get_by_role("button", name="Profile a sample").click()
    page.get_by_text("In the sample").wait_for()
    page.get_by_role("button", name="See what could be corrected").click()
    page.get_by_role("group", name="What could be corrected").wait_for()
    page.get_by_role("button", name="the domain looks like a typing error").click()
    page.get_by_role("region", name="Records behind the figure").wait_for()
    assert broken_rules(page) == []
    assert broken_in_the_dark(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
    assert broken_rules(page, contrast_in=None) == []


def test_a_field_that_vanishes_and_a_source_that_fails_are_said(
    signed_in: SignedIn, api: Api, inbox: Path
) -> None:
    path = inbox / "motel.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, fax TEXT)")
        database.executemany("INSERT INTO people VALUES (?, ?, '1')", [(n, f"Guest {n}") for n in range(30)])
    api.send("POST", "/sources", json={"slug": "motel", "title": "Motel", "connector": "sql"})
    streams = [{"table": "people", "poll_seconds": 1}]
    settings = {"kind": "sqlite", "database": str(path), "streams": streams}
    api.send("PUT", "/sources/motel/connection", json={"settings": settings})
    told = "/sources/motel/streams"
    api.until(told, lambda answer: answer["streams"] and answer["streams"][0]["records"] == 30)
    page = signed_in("data_steward", "/sources/motel")
    expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    expect(page.get_by_role("list", name="What to do")).to_contain_text("30 records of “people”")
    with sqlite3.connect(path) as database:
        rows = [(n, f"Guest {n}") for n in range(30, 110)]
        database.executemany("INSERT INTO people VALUES (?, ?, NULL)", rows)
    api.until(told, lambda answer: answer["streams"][0]["records"] == 110)
    expect(page.get_by_role("list", name="What to do")).to_contain_text("fax")

    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE people RENAME TO guests")
    expect(page.get_by_text("Failing", exact=True).first).to_be_visible()
    first = page.get_by_role("list", name="What to do").get_by_role("listitem").first
    expect(first).to_contain_text("people")
    api.send("PUT", "/sources/motel/connection", json={"settings": settings, "enabled": False})
