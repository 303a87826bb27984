"""What a source's national telephone numbers mean depends on its country, and follows when that changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.laws.back_end import BackEnd
from tests.laws.companies import person
from tests.laws.test_customer_changes_tell_what_happened import told
from tests.laws.test_statements_can_be_taken_back import take_back

CRM = person("crm", 1, 1, "1", full_name="Anne Kowalczyk", phone="+49 30 1234567")
SHOP = person("shop", 1, 2, "7", full_name="Anne Kowalczyk", phone="030 1234567")


async def add_source(back_end: BackEnd, country: str | None) -> None:
    await back_end.pool.execute(
        "INSERT INTO sources.source (slug, title, connector, country, created_at)"
        " VALUES ('shop', 'Shop', 'records_api', $1, now())",
        country,
    )


async def set_country(back_end: BackEnd, country: str | None) -> None:
    await back_end.pool.execute("UPDATE sources.source SET country = $1 WHERE slug = 'shop'", country)
    back_end.clock.advance(timedelta(seconds=1))
    await back_end.projector.catch_up()


async def customers(back_end: BackEnd) -> set[UUID]:
    return {
        row["customer_id"]
        for row in await back_end.pool.fetch("SELECT DISTINCT customer_id FROM identity.membership")
    }


async def phones(back_end: BackEnd) -> list[Any]:
    rows = await back_end.pool.fetch(
        "SELECT value FROM identity.identifier WHERE type = 'phone' AND record_id = $1",
        SHOP.subject.record_id,
    )
    return [row["value"] for row in rows]


async def test_a_national_number_is_one_of_the_sources_country(back_end: BackEnd) -> None:
    await add_source(back_end, "DE")
    await back_end.deliver([CRM, SHOP])
    assert len(await customers(back_end)) == 1
    assert await phones(back_end) == ["+49301234567"]


async def test_another_country_of_a_source_resolves_its_records_anew(back_end: BackEnd) -> None:
    await add_source(back_end, "PL")
    await back_end.deliver([CRM, SHOP])
    before, phone = await back_end.digests(), await phones(back_end)
    assert len(await customers(back_end)) == 2

    await set_country(back_end, "DE")
    assert len(await customers(back_end)) == 1
    assert await phones(back_end) == ["+49301234567"]
    assert (await told(back_end))[-1]["cause"] == "country"
    going_along = await back_end.digests()
    await back_end.rebuild()
    assert await back_end.digests() == going_along

    await set_country(back_end, "PL")
    assert await phones(back_end) == phone
    assert await back_end.digests() == before


async def test_what_is_taken_back_as_the_country_changes_is_counted_no_more(back_end: BackEnd) -> None:
    await add_source(back_end, "PL")
    await back_end.deliver([CRM, SHOP])
    await back_end.pool.execute("UPDATE sources.source SET country = 'DE'")
    await take_back(back_end, [SHOP], at_once=10)
    await back_end.projector.catch_up()
    going_along = await back_end.digests(), await back_end.scorecard()
    await back_end.rebuild()
    assert (await back_end.digests(), await back_end.scorecard()) == going_along
    scored = await back_end.pool.fetchval("SELECT count(*) FROM quality.record_score WHERE source = 'shop'")
    assert scored == 0


async def test_a_country_that_changed_while_no_worker_was_there_is_followed_too(back_end: BackEnd) -> None:
    await add_source(back_end, None)
    await back_end.deliver([CRM, SHOP])
    await back_end.pool.execute("UPDATE sources.source SET country = 'DE'")
    await back_end.new_projector().catch_up()
    assert await phones(back_end) == ["+49301234567"]
    assert len(await customers(back_end)) == 1


async def test_the_country_a_record_states_goes_before_that_of_its_source(back_end: BackEnd) -> None:
    await add_source(back_end, "DE")
    await back_end.deliver(
        [person("shop", 2, 3, "7", full_name="Jan", phone="22 620 81 31", country="Poland")]
    )
    assert await phones(back_end) == ["+48226208131"]
