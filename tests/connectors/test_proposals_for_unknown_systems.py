"""What is proposed for tables and objects of systems that nobody has described to Regard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mapping.describe_stream_mapping import check_stream_mapping
from regard.connectors.mapping.map_record import StatedItem, Surface, map_record
from regard.connectors.mapping.propose_stream_mapping import propose_stream_mapping

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def table(columns: str, *rows: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(columns.split(), row, strict=True)) for row in rows]


def stated(stream: str, bodies: Sequence[dict[str, Any]], *known: str) -> list[StatedItem]:
    """What the first record says by the mapping that is proposed."""
    mapping = propose_stream_mapping(stream, bodies, known, "EUR").mapping
    check_stream_mapping(mapping)
    return map_record(mapping, RawRecord(stream, "1", bodies[0]), Surface(NOW, "EUR", "UTC"))


def fields(item: StatedItem) -> dict[str, Any]:
    found: dict[str, Any] = item.body["fields"]
    return found


def test_a_log_of_contacts_is_notes_of_the_customers() -> None:
    rows = table(
        "id customer_id note at", (1, 7, "called", "2026-02-01 10:00:00"), (2, 8, "wrote", "2026-02-02")
    )
    [note] = stated("contact_log", rows, "customers")
    assert note.body["type"] == "note"
    assert note.body["party"] == {"stream": "customers", "id": "7"}
    assert note.body["occurred_at"] == "2026-02-01T10:00:00+00:00"
    assert fields(note)["text"] == "called"


@pytest.mark.parametrize(
    "column",
    ["geaendert_am", "Geändert am", "changed", "date_upd", "write_date", "dateModified", "LAST_UPD_DT", "tms",
     "fecha_actualizacion", "UpdatedDateUTC", "modified"],
)  # fmt: skip
def test_the_time_of_a_change_is_found_in_many_words(column: str) -> None:
    bodies = [{"id": n, "email": f"p{n}@example.org", column: f"2026-03-0{n}T10:00:00"} for n in (1, 2)]
    [person] = stated("customers", bodies)
    assert person.body["updated_at"] == "2026-03-01T10:00:00+00:00"


@pytest.mark.parametrize("at", [1772359200, 1772359200000, "/Date(1772359200000)/", "2026-03-01T10:00:00Z"])
def test_times_are_known_however_they_are_written(at: object) -> None:
    bodies = [{"id": n, "email": f"p{n}@example.org", "updated_at": at} for n in (1, 2)]
    [person] = stated("customers", bodies)
    assert person.body["updated_at"] == "2026-03-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("stream", "column", "party"),
    [
        ("ps_orders", "id_customer", "ps_customer"), ("oc_order", "customer_id", "oc_customer"),
        ("llx_commande", "fk_soc", "llx_societe"), ("sale_order", "partner_id", "res_partner"),
        ("bestellungen", "kundennr", "kunden"), ("pedidos", "cliente_id", "clientes"),
        ("dbo.Orders", "CustomerID", "dbo.Customers"), ("TB_ORDER_HDR", "CUST_ID", "TB_CUSTOMER"),
        ("orders", "customerId", "customers"),
    ],
)  # fmt: skip
def test_a_reference_finds_the_table_of_the_source(stream: str, column: str, party: str) -> None:
    rows = [
        {"id": n, column: n + 40, "user_id": 2, "total": "5.50", "created_at": "2026-01-01"} for n in (1, 2)
    ]
    order = stated(stream, rows, party, "products", "settings")[0]
    assert order.body["type"] == "order"
    assert order.body["party"] == {"stream": party, "id": "41"}


def test_nobody_is_no_customer() -> None:
    rows = table(
        "id customer_id email total", (1, 0, "guest@example.org", "9.90"), (2, 4, "b@example.org", "8.00")
    )
    order, person = stated("orders", rows, "customers")
    assert order.body["party"] == {"stream": "people", "id": "guest@example.org"}
    assert fields(person)["email"] == ["guest@example.org"]


def test_a_table_of_addresses_is_joined_to_its_person() -> None:
    rows = table(
        "id_address id_customer alias lastname firstname address1 postcode city phone date_upd",
        (5, 2, "Home", "Doe", "Jo", "16, Main street", "75002", "Paris", "0102030405", "2026-01-01 10:00:00"),
    )
    person, link = stated("ps_address", rows, "ps_customer")
    assert fields(person)["city"] == "Paris"
    assert link.body["right"] == ["ps_customer", "2"]


def test_addresses_that_several_customers_may_share_are_told_and_not_linked() -> None:
    joins = table("customer_id address_id is_default", (1, 5, 1), (2, 5, 0), (2, 6, 1))
    known = ("customers", "addresses", "customer_addresses")
    told = propose_stream_mapping("customer_addresses", joins, known)
    assert told.mapping.items == []
    assert "several may share one" in told.notes[0]
    assert "of “addresses” belong to which of “customers”" in told.notes[0]
    rows = table("id street city postcode", (5, "High St", "York", "YO1 1AA"), (6, "Low St", "Leeds", "LS1"))
    alone = propose_stream_mapping("addresses", rows, known)
    assert alone.mapping.items == []
    assert "“customer_addresses” says which of “addresses”" in alone.notes[-1]
    whole = [{"customer_id": 1, **row} for row in rows]
    assert len(stated("customer_addresses", whole, *known)) == 2
    assert "share" not in propose_stream_mapping("addresses", rows, ("customers", "orders")).notes[-1]


def test_a_child_table_that_calls_its_owner_parent_is_joined_too() -> None:
    rows = table(
        "entity_id parent_id city postcode street telephone",
        (1, 9, "York", "YO1 1AA", "2 High St", "01904 1"),
    )
    *_, link = stated("customer_address_entity", rows, "customer_entity")
    assert link.body["right"] == ["customer_entity", "9"]


def test_rows_of_keys_and_values_are_parts_of_their_owner() -> None:
    rows = table(
        "umeta_id user_id meta_key meta_value",
        (1, 1, "first_name", "Ann"), (2, 1, "billing_phone", "+44 20 79460000"), (3, 2, "first_name", "Bo"),
        (4, 2, "capabilities", "a:1:{}"),
    )  # fmt: skip
    person, link = stated("wp_usermeta", rows, "wp_users")
    assert fields(person)["given_name"] == "Ann"
    assert link.body["right"] == ["wp_users", "1"]
    mapping = propose_stream_mapping("wp_usermeta", rows, ["wp_users"], "EUR").mapping
    assert map_record(mapping, RawRecord("wp_usermeta", "4", rows[3]), Surface(NOW)) == []


@pytest.mark.parametrize(
    ("stream", "columns", "row"),
    [
        ("oc_product", "product_id model sku price quantity", (1, "M", "S", "9.9", 3)),
        ("artikel", "artikelnr bezeichnung preis", ("A", "Stuhl", "50,00")),
        ("ps_configuration", "id name value", (1, "LANG", "de")),
        ("res_currency", "id name symbol", (1, "EUR", "E")),
        ("email_addr_bean_rel", "id email_address_id bean_id date_modified", ("r", "e", "b", "2026-01-01")),
        ("accounts_contacts", "id contact_id account_id deleted", ("r", "c", "a", 0)),
        ("customer_entity_varchar", "value_id attribute_id entity_id value", (1, 166, 1, "x")),
    ],
)  # fmt: skip
def test_what_is_no_customers_states_nothing(stream: str, columns: str, row: tuple[Any, ...]) -> None:
    assert stated(stream, table(columns, row, row), "customers", "contacts", "accounts") == []


def test_one_table_of_firms_and_persons_gives_both() -> None:
    rows = table(
        "id name is_company email parent_id",
        (1, "Ann Lee", False, "ann@example.org", 2),
        (2, "Lee Ltd", True, None, None),
    )
    proposal = propose_stream_mapping("res_partner", rows).mapping
    said = [
        map_record(proposal, RawRecord("res_partner", str(n), row), Surface(NOW))[0]
        for n, row in enumerate(rows)
    ]
    assert [one.body["kind"] for one in said] == ["person", "organisation"]
    assert fields(said[1])["name"] == "Lee Ltd"


def test_money_in_cents_and_money_with_a_decimal_comma() -> None:
    paid = [
        {"id": "a", "amount_money": {"amount": 1999, "currency": "USD"}, "status": "COMPLETED"},
        {"id": "b", "amount_money": {"amount": 500, "currency": "USD"}, "status": "FAILED"},
    ]
    assert fields(stated("payments", paid)[0])["amount"] == "19.99"
    lago = [{"id": "i", "total_amount_cents": 12050, "currency": "EUR"}]
    assert fields(stated("invoices", lago)[0])["amount"] == "120.50"
    german = table("rechnungsnr betrag", ("R-1", "1.119,50"), ("R-2", "59,5"))
    assert fields(stated("rechnungen", german)[0])["amount"] == "1119.50"
    plain = [{"id": "b", "total": {"value": "10.00", "currency": "EUR"}}]
    assert fields(stated("orders", plain)[0])["amount"] == "10.00"


def test_whole_numbers_that_may_be_cents_are_left_to_a_person() -> None:
    bodies = [{"id": "a", "amount": 3000, "currency": "EUR"}]
    proposal = propose_stream_mapping("payments", bodies)
    assert "amount" not in proposal.mapping.items[0].fields
    assert any("may be cents" in note for note in proposal.notes)


def test_a_table_without_a_time_says_where_its_rows_will_stand() -> None:
    lines = table("id order_id product quantity price", (1, 5, "Tea", 2, "9.50"), (2, 6, "Pot", 1, "30.00"))
    told = propose_stream_mapping("order_lines", lines, ("customers", "orders"), "EUR")
    assert told.notes[1:] == ["Nothing says when these happened; each stands at the time of its order."]
    notes = table("id customer_id note", (1, 7, "called"), (2, 8, "wrote"))
    told = propose_stream_mapping("notes", notes, ("customers",), "EUR")
    assert told.notes[-1].endswith("name the place of the time, or they stand without one.")
    [line] = stated("order_lines", lines)
    assert line.body["occurred_at"] is None


def test_what_became_of_a_mail_is_told_in_one_words() -> None:
    events = [
        {"email": "ann@example.com", "timestamp": 1772359200, "event": "click", "url": "https://x.example"},
        {"email": "bo@example.com", "timestamp": 1772359260, "event": "hard_bounce", "reason": "unknown"},
    ]
    contact, person = stated("events", events)
    assert (contact.body["type"], fields(contact)["action"]) == ("campaign", "clicked")
    assert contact.body["party"] == {"stream": person.stream, "id": person.external_id}


def test_the_guests_of_a_meeting_are_persons_and_the_host_is_not() -> None:
    booking = {
        "payload": {
            "uid": "b1", "title": "Demo", "startTime": "2026-05-25T09:30:00Z",
            "endTime": "2026-05-25T10:30:00Z",
            "organizer": {"name": "Our Own", "email": "own@our.example"},
            "attendees": [{"email": "jdoe@example.com", "name": "John Doe"}],
        }
    }  # fmt: skip
    meeting, person = stated("booking", [booking])
    assert (meeting.body["type"], meeting.body["occurred_at"]) == ("meeting", "2026-05-25T09:30:00+00:00")
    assert person.external_id == "jdoe@example.com"
    assert "own@our.example" not in str(fields(person))


def test_an_object_in_an_envelope_is_read_as_if_it_stood_alone() -> None:
    push = {
        "ticket": {
            "id": 81, "title": "Late", "state": "open", "customer_id": 7,
            "updated_at": "2026-03-13T15:00:00Z",
            "created_at": "2026-03-13T14:00:00Z", "owner": {"email": "agent@our.example", "id": 3},
            "customer": {"id": 7, "firstname": "Emily", "lastname": "Adams", "email": "emily@example.com"},
        },
        "article": {"id": 104, "body": "Where is it?"},
    }  # fmt: skip
    ticket, person = stated("ticket", [push])
    assert ticket.body["occurred_at"] == "2026-03-13T14:00:00+00:00"
    assert (fields(ticket)["title"], fields(ticket)["status"]) == ("Late", "open")
    assert fields(person)["email"] == ["emily@example.com"]
    assert ticket.body["party"] == {"stream": person.stream, "id": "7"}


def test_a_part_of_a_person_never_takes_the_place_of_the_whole() -> None:
    deals = [
        {"id": 1, "title": "Big", "contact": {"id": 7, "name": "Ruth Kane", "email": "ruth@kane.example"}}
    ]
    [deal] = stated("deals", deals, "contacts")
    assert deal.body["party"] == {"stream": "contacts", "id": "7"}
    assert [one.family for one in stated("deals", deals)] == ["interaction", "record"]


@pytest.mark.parametrize(
    ("column", "there", "gone"),
    [
        ("deleted", 0, 1),
        ("DEL_FLAG", "N", "Y"),
        ("is_deleted", False, True),
        ("deletedAt", None, "2026-05-01T10:00:00Z"),
    ],
)
def test_what_is_marked_as_deleted_is_gone(column: str, there: object, gone: object) -> None:
    rows = [{"id": n, "email": f"p{n}@example.org", column: there} for n in (1, 2)]
    assert len(stated("customers", rows)) == 1
    mapping = propose_stream_mapping("customers", rows).mapping
    marked = RawRecord("customers", "1", {**rows[0], column: gone})
    assert map_record(mapping, marked, Surface(NOW)) == []


def test_both_ends_of_a_mail_are_not_one_person() -> None:
    mail = {
        "id": 1,
        "subject": "Re: door",
        "body": "It squeaks",
        "from": "a@example.com",
        "to": "help@our.example",
    }
    [message] = stated("emails", [mail])
    assert message.body["type"] == "message"
    assert message.body["party"] is None


def test_who_wrote_a_post_is_known_by_id_and_handle() -> None:
    posts = [
        {"id": n, "created_at": "2026-05-01T10:00:00Z", "text": "My door squeaks", "lang": "en",
         "user": {"id": 40 + n, "name": f"Ann{n} Lee", "username": f"ann{n}"}} for n in (1, 2)
    ]  # fmt: skip
    post, person = stated("tweets", posts)
    assert post.body["type"] == "social_post"
    assert fields(post)["text"] == "My door squeaks"
    assert post.body["party"] == {"stream": person.stream, "id": "41"}
    assert fields(person)["handle"] == ["ann1"]


@pytest.mark.parametrize(
    ("stream", "row", "target"),
    [
        (
            "quotes",
            {"id": 1, "customer_id": 4, "title": "Doors", "total": "9.50", "valid_until": "2026-05-01"},
            "deal",
        ),
        (
            "appointments",
            {"id": 1, "customer_id": 4, "subject": "Visit", "start_time": "2026-05-01T10:00"},
            "meeting",
        ),
        (
            "email_stats",
            {"id": 1, "customer_id": 4, "subject": "Spring", "date_sent": "2026-05-01"},
            "campaign",
        ),
        ("notes", {"id": 1, "customer_id": 4, "body": "Likes oak", "created_at": "2026-05-01"}, "note"),
        ("reviews", {"id": 1, "customer_id": 4, "rating": 5, "body": "Good"}, "review"),
        ("memberships", {"id": 1, "customer_id": 4, "plan": "gold", "status": "active"}, "subscription"),
    ],
)
def test_a_stream_is_what_its_name_says(stream: str, row: dict[str, Any], target: str) -> None:
    [item] = stated(stream, [row, {**row, "id": 2}], "customers")
    assert item.body["type"] == target
    assert item.body["party"] == {"stream": "customers", "id": "4"}


def test_ids_and_hashes_are_neither_names_nor_addresses() -> None:
    row = {
        "id": "018d5b0f", "salutation_id": "s1", "language_id": "2fbb", "customer_group_id": "cfbd5018d38d",
        "remote_address": "::", "first_name": "Max", "last_name": "Muster", "email": "max@example.com",
        "assigned_user_id": "1", "modified_by": "admin",
    }  # fmt: skip
    [person] = stated("customer", [row, {**row, "id": "2"}])
    told = {
        name for name in fields(person) if name in {"honorific", "language", "street", "full_name", "user_id"}
    }
    assert not told
    assert fields(person)["family_name"] == "Muster"
