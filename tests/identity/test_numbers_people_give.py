"""Mailboxes, dates, addresses and official numbers, in the writings they come in."""

import pytest

from regard.identity.normalise_addresses import postal_address
from regard.identity.normalise_contacts import email_address, email_addresses, handle_name
from regard.identity.normalise_dates import birth_date, read_birth_date
from regard.identity.normalise_numbers import government_number, opaque_id
from regard.identity.normalise_organisations import organisation_name, web_domain
from regard.identity.normalise_words import plain_words, sex_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("anna [at] web [dot] de", "anna@web.de"),
        ("ａｎｎａ＠web.de", "anna@web.de"),
        ('"anna.b"@x.de', "anna.b@x.de"),
        ("anna@gmail,com", "anna@gmail.com"),
        ("a.n.n.a+x@googlemail.com", "anna@gmail.com"),
        ("anna@me.com", "anna@icloud.com"),
        ("anna.b@protonmail.com", "annab@proton.me"),
        ("anna@gmial.com", "anna@gmial.com"),
        ("anna @ x.de", "anna@x.de"),
        ("1234567@qq.com", "1234567@qq.com"),
        ("MAILTO:Anna@X.de", "anna@x.de"),
    ],
)
def test_a_mailbox_is_one_however_written(text, address):
    assert email_address(text).value == address


@pytest.mark.parametrize(
    "text", ["xxx@x.de", "a@a.com", "anna@nomail.com", "no.email@x.de", "not provided", "anna@x.invalid"]
)
def test_a_mailbox_nobody_has_is_none(text):
    assert email_address(text) is None


def test_several_mailboxes_in_one_field_and_mailboxes_of_a_duty():
    assert [mail.value for mail in email_addresses("a.b@x.de; C.D@y.de")] == ["a.b@x.de", "c.d@y.de"]
    assert [
        email_address(text).shared for text in ("no-reply@x.de", "sales2@x.de", "biuro@x.pl", "anna@x.de")
    ] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1856", "18560000"),
        ("1856-00-00", "18560000"),
        ("c. 1856", "18560000"),
        ("ca. 1856", "18560000"),
        ("1856.0", "18560000"),
        ("1856-05", "18560500"),
        ("05/1856", "18560500"),
        ("May 1856", "18560500"),
        ("7 MAY 1856", "18560507"),
        ("1604-04-03", "16040403"),
        ("0999-01-02", ""),
        ("7 мая 1980 г.", "19800507"),
        ("7 de mayo de 1980", "19800507"),
        ("7 maja 1980", "19800507"),
        ("1980年5月7日", "19800507"),
        ("07-MAY-80", "19800507"),
        ("7/V/1980", "19800507"),
        ("07051980", "19800507"),
        ("29348", "19800507"),
        ("19800507.0", "19800507"),
        ("7.5.20", "20200507"),
        ("7.5.30", "19300507"),
        ("34", ""),
        ("34 years", ""),
        ("1850-01-01", "18500101"),
        ("1899-12-30", ""),
        ("n/a", ""),
        ("29.02.1981", ""),
    ],
)
def test_a_birth_date_may_be_old_or_partly_known(text, value):
    assert birth_date(text) == value


def test_a_date_whose_order_is_open_keeps_its_other_reading():
    assert read_birth_date("05/07/1980") == ("19800705", "19800507")
    assert read_birth_date("05/07/1980", "US") == ("19800507", "")
    assert read_birth_date("05/07/1980", "GB") == ("19800705", "")
    assert read_birth_date("05.07.1980") == ("19800705", "")
    assert read_birth_date("05/13/1980") == ("19800513", "")
    assert read_birth_date("1980-05-07") == ("19800507", "")


@pytest.mark.parametrize(
    ("street", "country", "parts"),
    [
        ("Hauptstraße 12a", "DE", ("haupt st", "12a", "")),
        ("Hauptstr. 12 a", "DE", ("haupt st", "12a", "")),
        ("12 High Street, Apt 4B", "US", ("high st", "12", "4b")),
        ("12 High St #4b", "US", ("high st", "12", "4b")),
        ("Flat 3, 12 High Street", "GB", ("high st", "12", "3")),
        ("12/34 High St", "AU", ("high st", "34", "12")),
        ("ul. Długa 12/3", "PL", ("dluga", "12", "3")),
        ("Długa 12 m. 3", "PL", ("dluga", "12", "3")),
        ("ul. 3 Maja 12", "PL", ("3 maja", "12", "")),
        ("12 5th Ave", "US", ("5th ave", "12", "")),
        ("12-14 High St", "GB", ("high st", "12", "")),
        ("104-20 Jamaica Ave", "US", ("jamaica ave", "104-20", "")),
        ("P.O. Box 123", "US", ("pobox", "123", "")),
        ("Postfach 123", "DE", ("pobox", "123", "")),
        ("c/o Anna Schmidt, Main St 5", "", ("main st", "5", "")),
        ("12 bis, rue de la Paix", "FR", ("r de la paix", "12bis", "")),
        ("Calle Mayor 5, 3º B", "ES", ("c mayor", "5", "3ob")),
        ("123 North Main Street", "US", ("n main st", "123", "")),
        ("Kalverstraat 5", "NL", ("kalver st", "5", "")),
        ("Saint John's Road", "GB", ("st johns rd", "", "")),
    ],
)
def test_a_street_is_one_street_in_many_writings(street, country, parts):
    found = postal_address({"street": street}, country)
    assert (found.street, found.number, found.unit) == parts


def test_places_are_one_in_many_writings():
    def place(country="", **parts):
        return postal_address({"city": "x", **parts}, country)

    assert place(city="München").city == place(city="Munich").city == place(city="Muenchen").city
    assert place(city="St. Louis").city == place(city="Saint Louis").city
    assert place(postcode="SW1A 1AA").postcode == place(postcode="sw1a1aa").postcode
    assert place("US", postcode="12345-6789").postcode == "12345"
    assert place("DE", postcode="D-01067").postcode == place("DE", postcode="1067").postcode == "01067"
    assert place("US", state="California").state == "ca"
    assert place(state="n/a").state == ""
    assert postal_address({"city": "Paris", "country": "United States"}).country == "US"
    assert postal_address({"street": "n/a", "city": "-", "postcode": "null"}) is None


def test_an_official_number_has_one_issuer_whatever_it_is_called():
    for issuer in ("US", "usa", "United States", "SSN"):
        assert government_number({"issuer": issuer, "value": "123-45-6780"}) == ("us", "123456780")
    assert government_number("DE 123 456 788") == ("de", "123456788")
    assert government_number({"issuer": "Germany", "value": "DE811234567"}) == ("de", "811234567")
    assert government_number({"issuer": "EIN", "value": "12-3456780"}) == ("us_ein", "123456780")


@pytest.mark.parametrize(
    "text",
    [
        "000-12-3456",
        "666-12-3456",
        "078-05-1120",
        "999-99-9999",
        "123-45-6789",
        "123-00-4567",
        "n/a",
        "0",
        "",
    ],
)
def test_an_official_number_nobody_has_is_none(text):
    assert government_number({"issuer": "US", "value": text}) is None


def test_stand_ins_are_no_device():
    assert [
        opaque_id(text)
        for text in ("0", "null", "00000000-0000-0000-0000-000000000000", "undefined", " ", "n/a")
    ] == [""] * 6
    assert opaque_id(" AbC-1 ") == "AbC-1"


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("ООО «Ромашка»", "romashka", "ooo"),
        ("株式会社トヨタ", "toyota", "株式会社"),
        ("I.B.M. Corp.", "ibm", "inc"),
        ("J & J", "jj", ""),
        ("Smith Ltd t/a The Corner Shop", "smith", "ltd"),
        ("Acme d/b/a Widgets", "acme", ""),
        ("Volvo AB", "volvo", "ab"),
        ("AB Volvo", "volvo", "ab"),
        ("Grupo Bimbo, S.A.B. de C.V.", "group bimbo", "sadecv"),
        ("Nowak spółka z ograniczoną odpowiedzialnością", "nowak", "spzoo"),
        ("Smith Bros.", "smith brothers", ""),
        ("A. Müller e.K.", "a muller", "ek"),
        ("n/a", "", ""),
        ("Ltd", "ltd", ""),
    ],
)
def test_a_firm_is_known_without_its_form(text, core, form):
    assert organisation_name(text) == (core, form)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("www.shop.acme.co.uk", "acme.co.uk"),
        ("http://Acme.com/x?y", "acme.com"),
        ("anna@acme.com.au", "acme.com.au"),
        ("acme.myshopify.com", "acme.myshopify.com"),
        ("anna@gmail.com", ""),
        ("anna@yahoo.co.jp", ""),
        ("facebook.com/acme", ""),
        ("müller.de", "xn--mller-kva.de"),
        ("n/a", ""),
    ],
)
def test_a_domain_is_what_a_firm_registered(text, domain):
    assert web_domain(text) == domain


def test_handles_of_one_network_agree():
    assert handle_name("https://www.linkedin.com/in/anna-s/") == ("linkedin", "anna-s")
    assert handle_name("twitter:@Anna") == handle_name("https://x.com/anna") == ("x", "anna")


def test_sex_and_free_text():
    assert [
        sex_of(text) for text in ("Weiblich", "K", "2", "Мужской", "hombre", "1", "divers", "0", "?")
    ] == [
        "f",
        "f",
        "f",
        "m",
        "m",
        "m",
        "x",
        "",
        "",
    ]
    assert [plain_words(text) for text in ("Weaver; retired", "N/A", "-", "unknown")] == [
        "weaver retired",
        "",
        "",
        "",
    ]
