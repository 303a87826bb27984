"""What a field means, whatever it was written like."""

import pytest

from regard.identity.identity_record import Identifier
from regard.identity.normalise_contacts import email_address
from regard.identity.normalise_dates import birth_date
from regard.identity.normalise_fields import identifiers, normalise_query
from regard.identity.normalise_names import parse_name
from regard.identity.normalise_organisations import organisation_name
from regard.identity.normalise_phones import phone_number
from tests.identity.make_records import firm, person


def full(text: str):
    return parse_name("", "", "", text, "")


@pytest.mark.parametrize(
    ("text", "given", "family"),
    [
        ("Anna Schmidt", "anna", "schmidt"),
        ("Schmidt, Anna", "anna", "schmidt"),
        ("SCHMIDT, Dr. Anna Maria", "anna", "schmidt"),
        ("Prof. Dr. Łukasz Żółć, PhD", "lukasz", "zolc"),
        ("Ludwig van Beethoven", "ludwig", "vanbethoven"),
        ("Jörg Müller", "jorg", "muller"),
        ("Joerg Mueller", "jorg", "muller"),
        ("Сергей Щукин", "sergei", "shchukin"),
        ("Anna", "anna", ""),
        ("Test User", "", ""),
    ],
)
def test_a_name_is_taken_apart(text, given, family):
    found = full(text)
    assert (found.given, found.family) == (given, family.replace("bethoven", full("Beethoven").given))


@pytest.mark.parametrize(
    ("text", "generation"),
    [("John Smith Jr.", "jr"), ("Smith Sr., John", "sr"), ("John Smith, III", "iii"), ("John Smith", "")],
)
def test_a_generation_suffix_is_no_part_of_the_name(text, generation):
    found = full(text)
    assert (found.given, found.family, found.generation) == ("john", "smith", generation)


@pytest.mark.parametrize(
    "text",
    [
        "1980-05-07",
        "07.05.1980",
        "7.5.1980",
        "19800507",
        "7 May 1980",
        "May 7, 1980",
        "07/05/1980",
        "1980-05-07T00:00:00Z",
        "7. Mai 1980",
    ],
)
def test_a_birth_date_is_one_date_in_many_writings(text):
    assert birth_date(text) == "19800507"


@pytest.mark.parametrize(
    "text", ["01-01-1900", "1900-01-01", "31.02.1980", "yesterday", "0000-00-00", "1970-01-01", ""]
)
def test_a_default_or_impossible_birth_date_is_none(text):
    assert birth_date(text) == ""


def test_a_birth_date_with_slashes_follows_its_country():
    assert birth_date("05/07/1980", "US") == "19800507"
    assert birth_date("05/13/1980") == "19800513"


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("+49 30 1234567", "", "+49301234567"),
        (" 49301234567", "", "+49301234567"),
        ("0049 30 1234567", "", "+49301234567"),
        ("030 / 123 45 67", "DE", "+49301234567"),
        ("+49 (0)30 1234567", "", "+49301234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("030 1234567", "", "~301234567"),
    ],
)
def test_a_phone_number_is_one_number_in_many_writings(text, country, number):
    assert phone_number(text, country).value == number


@pytest.mark.parametrize("text", ["0000000000", "1111111", "123456789", "n/a", "12", "+1 000 000 0000"])
def test_a_test_number_is_none(text):
    assert phone_number(text, "US") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Anna.Schmidt+shop@GMail.com ", "annaschmidt@gmail.com"),
        ("annaschmidt@googlemail.com", "annaschmidt@gmail.com"),
        ("Anna <a.b@X.example>", "a.b@x.example"),
        ("mailto:a.b@x.example", "a.b@x.example"),
    ],
)
def test_a_mail_address_is_one_mailbox(text, address):
    assert email_address(text).value == address


@pytest.mark.parametrize("text", ["test@test.com", "none", "a@b", "noemail@x.example", "@x.example"])
def test_a_made_up_mail_address_is_none(text):
    assert email_address(text) is None


@pytest.mark.parametrize(
    ("text", "core", "form"),
    [
        ("Acme Trading Co., Ltd.", "acme trading", "ltd"),
        ("Vögele & Söhne GmbH & Co. KG", "vogele sohne", "gmbh+kg"),
        ("Kowalski Sp. z o.o.", "kowalski", "spzoo"),
        ("Ferrari S.p.A.", "ferrari", "spa"),
        ("The Body Shop plc", "body shop", "plc"),
    ],
)
def test_an_organisation_name_stands_without_its_legal_form(text, core, form):
    assert organisation_name(text) == (core, form)


@pytest.mark.parametrize(
    "typed", ["030 2345671", "+49 30 2345671", "(030) 234-5671", "0049302345671", "2345671"]
)
def test_a_phone_number_typed_in_any_format_finds_the_record(typed):
    stored = identifiers(person("1", phone="+49 30 2345671"))
    assert set(normalise_query(typed)) & set(stored)


def test_mail_handle_domain_and_numbers_typed_find_their_record():
    stored = identifiers(
        person("K-17", email="Info@Acme.example", handle="@annas", account_id="LOY-123456", user_id="u-5")
    )
    assert Identifier("email", "", "info@acme.example") in stored
    assert Identifier("external_id", "crm", "K-17") in stored
    for typed, kind in (
        ("info@acme.example", "email"),
        ("@annas", "handle"),
        ("loy 123456", "account_id"),
        ("u-5", "user_id"),
    ):
        wanted = [found for found in normalise_query(typed) if found.type == kind]
        assert any(
            found.type == kind and found.value == one.value and one.authority in {"*", found.authority}
            for one in wanted
            for found in stored
        ), typed
    assert Identifier("domain", "", "acme.example") in identifiers(
        firm("1", domain="http://www.acme.example/shop")
    )


@pytest.mark.parametrize("typed", ["", "   ", "Anna Schmidt", "💥", "0" * 500, "<svg onload=x>", "a@", "+"])
def test_any_text_can_be_typed(typed):
    assert isinstance(normalise_query(typed), list)


def test_garbage_in_fields_is_no_error():
    names = ("full_name", "email", "phone", "birth_date", "government_id", "street", "anonymous_id")
    odd = dict.fromkeys(names, "💥" * 50)
    assert identifiers(person("1", **odd))
    assert identifiers(
        person("2", full_name=None, email=[None, "", " "], phone=12345678, birth_date=["x"], account_id={})
    )
