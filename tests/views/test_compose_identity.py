"""Why a customer is one, where a value is from, and what can be taken along."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from regard.events.envelope import Event, RecordKey
from regard.events.judgement_events import JudgementRecorded
from regard.kit.ids import derived_id
from tests.api.world import World, id_of
from tests.views.customers import happened, record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
CRM = record(
    "crm", "contacts", "C-17", NOON - timedelta(days=300), full_name="Anne Kowalczyk",
    email="anne.kowalczyk@example.com", phone="+49 171 2345678", birth_date="1980-02-03", city="Berlin",
)  # fmt: skip
SHOP = record(
    "shop", "customers", "K-9", NOON - timedelta(days=20), full_name="Anna Kowalczyk",
    email="anne.kowalczyk@example.com", phone="0171 2345678", birth_date="1980-02-03", city="Potsdam",
)  # fmt: skip

WEAK = record(
    "shop", "customers", "K-10", NOON - timedelta(days=20), full_name="Anna Kowalczyk",
    email="anne.kowalczyk@example.com",
)  # fmt: skip


async def test_the_identity_tells_records_joins_and_confidence(world: World) -> None:
    await world.add_source("crm", "CRM")
    await world.deliver(CRM, SHOP)
    identity = await world.json("data_steward", f"/customers/{id_of(CRM)}/identity")
    assert [record["external_id"] for record in identity["records"]] == ["C-17", "K-9"]
    assert identity["records"][0]["source_title"] == "CRM"
    (join,) = identity["joins"]
    assert "email" in {line["field"] for line in join["evidence"]}
    assert join["bits"] > 0
    view = await world.json("data_steward", f"/customers/{id_of(CRM)}")
    assert view["header"]["identity"] == {
        "records": 2, "sources": 2, "confidence": identity["confidence"], "word": identity["word"],
    }  # fmt: skip
    values = {value["field"]: value["value"] for value in identity["records"][1]["values"]}
    assert values["city"] == "Potsdam"


async def confidences(world: World) -> tuple[float, float]:
    """What the customer's screen says, and what the identity drawer says."""
    view = await world.json("data_steward", f"/customers/{id_of(CRM)}")
    identity = await world.json("data_steward", f"/customers/{id_of(CRM)}/identity")
    return view["header"]["identity"]["confidence"], identity["confidence"]


async def test_screen_and_drawer_are_equally_sure_after_a_judgement(world: World) -> None:
    await world.deliver(CRM, WEAK)
    before = await confidences(world)
    left, right = [id_of(CRM)], [id_of(WEAK)]
    judgement = derived_id("a judgement of this test")
    body = JudgementRecorded(judgement, "same", left, right, "steward", "they told us")
    subject = RecordKey("regard", "judgements", str(judgement))
    await world.deliver(Event("regard", None, subject, NOON, NOON, NOON, body))
    judged = await confidences(world)
    assert judged[0] == judged[1]
    assert judged != before


async def test_screen_and_drawer_are_equally_sure_once_an_identifier_says_nothing_any_more(
    world: World,
) -> None:
    await world.deliver(CRM, WEAK)
    before = await confidences(world)
    mailbox = "anne.kowalczyk@example.com"
    crowd = [
        record(
            "helpdesk", "users", str(n), NOON, full_name=f"{chr(97 + n % 26) * 3}{n} Visitor", email=mailbox
        )
        for n in range(80)
    ]
    await world.deliver(*crowd)
    after = await confidences(world)
    assert after[0] == after[1]
    assert after != before


async def test_a_worker_that_starts_again_puts_right_what_is_written_of_how_sure_it_is(world: World) -> None:
    await world.deliver(CRM, WEAK)
    before = await confidences(world)
    await world.execute("UPDATE profiles.profile SET confidence = 1; TRUNCATE identity.doubt")
    await world.back_end.new_projector().catch_up()
    assert await confidences(world) == before


async def test_evidence_of_a_hidden_field_is_told_neither_in_lines_nor_in_words(world: World) -> None:
    await world.deliver(CRM, SHOP)
    for role, knows in (("data_steward", True), ("sales_rep", False)):
        answer = await world.get(role, f"/customers/{id_of(CRM)}/identity")
        fields = {line["field"] for join in answer.json()["joins"] for line in join["evidence"]}
        assert ("birth_date" in fields) is knows, role
        assert ("birth date" in answer.text.lower()) is knows, role


async def test_masked_evidence_stays_masked(world: World) -> None:
    await world.deliver(CRM, SHOP)
    identity = await world.json("support_agent", f"/customers/{id_of(CRM)}/identity")
    lines = {line["field"]: line for join in identity["joins"] for line in join["evidence"]}
    assert lines["email"]["left"] == lines["email"]["right"] == "a•••@e•••.com"
    assert "anne.kowalczyk@" not in str(identity)


async def test_provenance_names_winner_rule_and_the_values_that_did_not_win(world: World) -> None:
    await world.add_source("shop", "Web shop")
    await world.deliver(CRM, SHOP)
    found = await world.json("sales_rep", f"/customers/{id_of(CRM)}/provenance/city")
    assert found["label"] == "City"
    assert (found["winner"]["value"], found["winner"]["source_title"]) in (
        ("Potsdam", "Web shop"),
        ("Berlin", "crm"),
    )
    assert {found["winner"]["value"], found["others"][0]["value"]} == {"Berlin", "Potsdam"}
    assert " " in found["rule"]
    masked = await world.json("support_agent", f"/customers/{id_of(CRM)}/provenance/email")
    assert masked["winner"]["value"] == "a•••@e•••.com"
    hidden = await world.get("sales_rep", f"/customers/{id_of(CRM)}/provenance/birth_date")
    absent = await world.get("sales_rep", f"/customers/{id_of(CRM)}/provenance/tax_id")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["detail"] == absent.json()["detail"]


async def test_an_export_holds_what_the_role_sees_and_only_roles_with_the_right_get_one(world: World) -> None:
    await world.deliver(
        CRM,
        SHOP,
        happened(SHOP, "order", "1001", NOON, "paid", 8990, title="Lamp", properties={"gift": "yes"}),
    )
    export = await world.json("sales_rep", f"/customers/{id_of(CRM)}/export")
    assert export["complete"] is True
    assert "anne.kowalczyk@example.com" in {value["value"] for value in export["values"]}
    assert export["interactions"][0]["entry"]["sentence"] == "Paid order 1001: Lamp"
    assert "gift" not in str(export)
    assert "1980" not in str(export)
    assert (await world.get("support_agent", f"/customers/{id_of(CRM)}/export")).status_code == 403


async def test_people_and_their_organisation_lead_to_each_other(world: World) -> None:
    acme = record(
        "crm", "companies", "A-1", NOON, "organisation", name="Acme Machines GmbH", industry="Machines"
    )
    works = record(
        "crm", "contacts", "C-17", NOON, full_name="Anne Kowalczyk", job_title="Buyer",
        organisation_ref={"stream": "companies", "id": "A-1"},
    )  # fmt: skip
    await world.deliver(acme, works)
    person = await world.json("account_manager", f"/customers/{id_of(works)}")
    assert person["header"]["organisation"] == {"id": str(id_of(acme)), "name": "Acme Machines GmbH"}
    organisation = await world.json("account_manager", f"/customers/{id_of(acme)}")
    people = next(card for card in organisation["cards"] if card["id"] == "people")
    assert [(row["title"], row["detail"], row["customer"]) for row in people["payload"]["rows"]] == [
        ("Anne Kowalczyk", "Buyer", str(id_of(works)))
    ]
