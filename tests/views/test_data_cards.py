"""What the steward's cards and vitals say about the data behind a customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.world import World, id_of
from tests.views.customers import happened, record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MAIL = "anne.kowalczyk@example.com"
SOURCES = ("billing", "calls", "crm", "desk", "news", "portal", "shop", "survey")


async def steward_view(world: World) -> dict[str, Any]:
    """Eight sources say the same of one person, but the last knows another city."""
    said = [
        record(
            source, "people", "1", NOON - (10 + n) * DAY, full_name="Anne Kowalczyk", email=MAIL,
            phone="+49 30 1234567", city="Hamburg" if source == "survey" else "Berlin",
        )
        for n, source in enumerate(SOURCES)
    ]  # fmt: skip
    visit = happened(said[-1], "page_view", "v-1", NOON - timedelta(hours=1), url="https://example.com")
    await world.deliver(*said, visit)
    view: dict[str, Any] = await world.json("data_steward", f"/customers/{id_of(said[0])}")
    return view


async def test_fields_by_source_name_every_source_and_the_differing_field_first(world: World) -> None:
    view = await steward_view(world)
    card = next(card for card in view["cards"] if card["id"] == "field_sources")
    assert len(card["payload"]["columns"]) == 3
    cells = [row["cells"] for row in card["payload"]["rows"]]
    assert {tuple(cells[0][:2]), tuple(cells[1][:2])} == {("City", "Berlin"), ("City", "Hamburg")}
    by_value = {(label, value): sources.split(", ") for label, value, sources in cells}
    assert by_value["City", "Hamburg"] == ["survey"]
    assert by_value["Email", MAIL] == sorted(SOURCES)


async def test_a_source_with_a_fresh_visit_is_not_called_the_quiet_one(world: World) -> None:
    view = await steward_view(world)
    vital = next(one for one in view["vitals"] if one["id"] == "oldest_source")
    assert (vital["label"], vital["value"]) == ("Quietest source", "shop")
    assert vital["hint"].startswith("last news ")
