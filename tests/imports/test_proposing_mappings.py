"""A mapping is proposed that a person hardly has to change, on real tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from regard.connectors.files.describe_mapping import (
    OCCURRENCE,
    WHOLE_ROW,
    UnusableMappingError,
    check_mapping,
)
from regard.events.envelope import Event
from tests.imports.helpers import map_rows, propose, write
from tests.imports.sql_dumps import write_csv


def fields_of(path: Path, stream: str, **known: str) -> dict[str, str | None]:
    return dict(propose(path, stream, **known).mapping.columns)


def events_of(path: Path, stream: str, **known: str) -> list[list[Event]]:
    mapped = map_rows(path, propose(path, stream, **known).mapping)
    assert all(isinstance(one, list) for one in mapped), [one for one in mapped if not isinstance(one, list)][
        :3
    ]
    return mapped  # type: ignore[return-value]


def test_the_lines_of_the_online_retailer_need_nothing_but_their_currency(shared_data: Path) -> None:
    path = shared_data / "uci_online_retail" / "online_retail_2010-12_2011-01.csv.gz"
    mapping = propose(path, "order_lines", currency="GBP").mapping
    assert mapping.target == "order_line"
    assert mapping.id == ["InvoiceNo", "StockCode", OCCURRENCE]
    assert mapping.party is not None
    assert (mapping.party.stream, mapping.party.column) == ("customers", "CustomerID")
    assert mapping.occurred_at == "InvoiceDate"
    assert {field: column for column, field in mapping.columns.items() if field} == {
        "order": "InvoiceNo", "sku": "StockCode", "title": "Description", "quantity": "Quantity",
        "unit_price": "UnitPrice",
    }  # fmt: skip
    bodies = [events[0].body for events in events_of(path, "order_lines", currency="GBP")]
    assert len(bodies) == 50_999
    assert len({body.external_id for body in bodies}) == 50_999
    guests = sum(body.party is None for body in bodies)
    assert 0.35 < guests / len(bodies) < 0.37
    cancelled = [body for body in bodies if body.fields["order"].startswith("C")]
    assert {body.status for body in cancelled} == {"returned"}
    assert bodies[0].amount_minor == 6 * 255
    assert bodies[0].party.external_id == "17850"


def test_northwind_customers_are_organisations_with_a_contact_person(
    shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    assert write_csv(shared_data / "sample_dbs" / "northwind_postgresql.sql.gz", "customers", path) == 91
    organisation, contact = events_of(path, "customers")[0]
    assert organisation.body.kind == "organisation"
    assert organisation.body.external_id == "ALFKI"
    assert organisation.body.fields == {
        "name": "Alfreds Futterkiste", "street": "Obere Str. 57", "city": "Berlin", "postcode": "12209",
        "country": "Germany", "phone": ["030-0074321"], "fax": "030-0076545",
    }  # fmt: skip
    assert contact.body.kind == "person"
    assert contact.body.fields == {
        "full_name": "Maria Anders", "job_title": "Sales Representative",
        "organisation": "Alfreds Futterkiste",
        "organisation_ref": {"stream": "customers", "id": "ALFKI"},
    }  # fmt: skip


def test_northwind_orders_and_their_lines_find_each_other(shared_data: Path, tmp_path: Path) -> None:
    dump = shared_data / "sample_dbs" / "northwind_postgresql.sql.gz"
    orders, lines = tmp_path / "orders.csv", tmp_path / "order_details.csv"
    assert write_csv(dump, "orders", orders) == 830
    assert write_csv(dump, "order_details", lines) == 2155
    order = events_of(orders, "orders")[0][0]
    assert (order.body.interaction, order.body.external_id) == ("order", "10248")
    assert order.body.party.external_id == "VINET"
    assert order.occurred_at.date().isoformat() == "1996-07-04"
    mapped = events_of(lines, "order_details", currency="USD")
    first = mapped[1][0].body
    assert (first.interaction, first.external_id, first.fields["order"]) == (
        "order_line",
        "10248|42",
        "10248",
    )
    assert first.amount_minor == 9800
    discounted = next(one[0].body for one in mapped if one[0].body.properties["discount"].startswith("0.15"))
    price, quantity = float(discounted.properties["unit_price"]), float(discounted.fields["quantity"])
    assert discounted.amount_minor == pytest.approx(price * quantity * 85, abs=1)


def test_chinook_customers_and_invoices_need_nothing_but_their_currency(
    shared_data: Path, tmp_path: Path
) -> None:
    dump = shared_data / "sample_dbs" / "chinook_postgresql.sql.gz"
    customers, invoices = tmp_path / "customer.csv", tmp_path / "invoice.csv"
    assert write_csv(dump, "customer", customers) == 59
    assert write_csv(dump, "invoice", invoices) == 412
    luis = events_of(customers, "customers")[0][0].body
    assert luis.kind == "person"
    assert luis.fields["given_name"] == "Luís"
    assert luis.fields["email"] == ["luisg@embraer.com.br"]
    assert luis.fields["organisation"].startswith("Embraer")
    invoice = events_of(invoices, "invoices", currency="USD")[0][0]
    assert (invoice.body.interaction, invoice.body.external_id, invoice.body.amount_minor) == (
        "invoice",
        "1",
        198,
    )
    assert invoice.body.party.external_id == "2"
    assert invoice.occurred_at.date().isoformat() == "2021-01-01"


def test_a_german_crm_export_is_understood(tmp_path: Path) -> None:
    text = (
        "Kundennr;Name;Geburtsdatum;E-Mail;Telefon;Straße;PLZ;Ort;Firma;Lieblingsfarbe;Geändert am\n"
        "1001;Müller, Anna;13.04.1980;anna@example.com;+49 30 1234567;Hauptstr. 3;10115;Berlin;Müller GmbH;"
        "blau;03.04.2024 10:15\n"
        "1002;Schmidt, Hans;01.02.1975;hans@example.com;030/998877;Nebenweg 7;20095;Hamburg;;rot;"
        "04.05.2024 09:00\n"
    )
    path = write(tmp_path, "crm.csv", text.encode("cp1252"))
    event = events_of(path, "contacts")[0][0]
    assert event.body.external_id == "1001"
    assert event.body.fields == {
        "account_id": ["1001"], "given_name": "Anna", "family_name": "Müller", "birth_date": "1980-04-13",
        "email": ["anna@example.com"], "phone": ["+49 30 1234567"], "street": "Hauptstr. 3",
        "postcode": "10115",
        "city": "Berlin", "organisation": "Müller GmbH", "Lieblingsfarbe": "blau",
    }  # fmt: skip
    assert event.stated_at is not None
    assert event.stated_at.isoformat() == "2024-04-03T10:15:00+00:00"


@pytest.mark.parametrize(
    "header",
    [
        "id,first name,last name,email,phone,postal code,city",
        "ID;Vorname;Nachname;E-Mail-Adresse;Telefonnummer;PLZ;Ort",
        "id;imię;nazwisko;adres e-mail;numer telefonu;kod pocztowy;miasto",
        "id;prénom;nom de famille;courriel;téléphone;code postal;ville",
        "id;nombre;apellidos;correo electrónico;teléfono;código postal;ciudad",
        "id;primeiro nome;sobrenome;email;telefone;CEP;cidade",
        "Id,FirstName,LastName,EMail,PhoneNumber,ZipCode,City",
    ],
)
def test_headers_in_six_languages_name_the_same_fields(tmp_path: Path, header: str) -> None:
    mark = ";" if ";" in header else ","
    row = mark.join(["7", "Ana", "Lopez", "ana@example.com", "+34 91 555 00 11", "28001", "Madrid"])
    path = write(tmp_path, "people.csv", f"{header}\n{row}\n")
    found = list(fields_of(path, "people").values())
    assert found == [None, "given_name", "family_name", "email", "phone", "postcode", "city"]
    assert propose(path, "people").mapping.id == [header.split(mark, maxsplit=1)[0]]


def test_values_tell_what_a_file_without_header_holds(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},Anna Meyer {n},anna{n}@example.com,+49 30 123456{n}" for n in range(1000, 1030))
    found = fields_of(write(tmp_path, "bare.csv", rows), "people")
    assert list(found.values())[1:] == ["full_name", "email", "phone"]


def test_a_header_that_the_values_contradict_is_not_believed(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},no,{n}" for n in range(20))
    found = fields_of(write(tmp_path, "odd.csv", f"id,email,city\n{rows}\n"), "people")
    assert found == {"id": None, "email": None, "city": None}


def test_dates_that_can_be_read_in_two_ways_are_pointed_out(tmp_path: Path) -> None:
    path = write(
        tmp_path, "o.csv", "order id,customer id,order date,total\n1,7,03/04/2024,5\n2,8,05/06/2024,6\n"
    )
    german, american = propose(path, "orders"), propose(path, "orders", country="US")
    assert german.mapping.reading["order date"].date == "day_first"
    assert american.mapping.reading["order date"].date == "month_first"
    assert any("two ways" in note for note in german.notes)


def test_rows_without_any_id_are_named_by_their_content(tmp_path: Path) -> None:
    people = write(tmp_path, "p.csv", "name,city\nAnna Meyer,Bern\nBen Kurz,Wien\n")
    assert propose(people, "people").mapping.id == [WHOLE_ROW]
    visits = write(tmp_path, "v.csv", "page url,visited at\n/a,2024-01-01 10:00\n/a,2024-01-01 10:00\n")
    mapping = propose(visits, "page_views").mapping
    assert mapping.id == [WHOLE_ROW, OCCURRENCE]
    ids = [one[0].body.external_id for one in map_rows(visits, mapping)]  # type: ignore[index]
    assert len(set(ids)) == 2


def test_an_organisations_number_that_people_share_is_no_identifier_of_theirs(tmp_path: Path) -> None:
    rows = "\n".join(f"{n},Anna{n},Meyer{n},{n % 3},a{n}@example.com" for n in range(30))
    found = fields_of(
        write(tmp_path, "c.csv", f"contact id,first name,last name,account id,email\n{rows}\n"), "contacts"
    )
    assert found["account id"] == "organisation_ref"


def test_amounts_whose_currency_is_unknown_are_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, "o.csv", "order id,customer id,order date,total\n1,7,2024-03-04,5\n")
    mapping = propose(path, "orders").mapping
    with pytest.raises(UnusableMappingError, match="“total” holds amounts of money"):
        check_mapping(mapping, "csv", ["order id", "customer id", "order date", "total"])
    assert (
        propose(
            write(tmp_path, "e.csv", "order id,customer id,order date,total EUR\n1,7,2024-03-04,5\n"),
            "orders",
        ).mapping.currency
        == "EUR"
    )
