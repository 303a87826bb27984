"""Cases a user would settle at a glance."""

import pytest

from tests.identity.make_records import firm, index_of, judgement, person, same_customer, together

ANNA = {"given_name": "Anna", "family_name": "Schmidt"}
BERND = {"given_name": "Bernd", "family_name": "Schmidt"}
HOME = {"street": "Hauptstraße 5", "postcode": "10115", "city": "Berlin", "country": "DE"}


def test_a_web_visitor_joins_the_user_who_signed_in_on_that_browser():
    visitor = person("a1", "web", anonymous_id="a1")
    user = person("17", "web", day=1, user_id="17", anonymous_id=["a0", "a1"], email="anna@schmidt.example")
    index = index_of(visitor, user)
    assert same_customer(index, visitor, user)
    assert index.customer_of(user.record_id) == visitor.record_id


def test_the_same_browser_id_at_another_source_means_nothing():
    assert not together(
        person("a1", "web", anonymous_id="a1"), person("17", "app", user_id="17", anonymous_id="a1")
    )


def test_a_shared_device_does_not_merge_its_two_users_and_leaves_the_visitor_alone():
    visitor = person("a1", "web", anonymous_id="a1")
    anna = person("17", "web", user_id="17", anonymous_id="a1", email="anna@x.example", **ANNA)
    carl = person(
        "18",
        "web",
        user_id="18",
        anonymous_id="a1",
        email="carl@y.example",
        given_name="Carl",
        family_name="Wolf",
    )
    index = index_of(visitor, anna, carl)
    assert not same_customer(index, anna, carl)
    assert index.members(visitor.record_id) == (visitor.record_id,)


def test_two_user_ids_without_names_on_one_device_stay_two():
    one = person("17", "web", user_id="17", anonymous_id="a1")
    two = person("18", "web", user_id="18", anonymous_id="a1")
    assert not together(one, two)


def test_a_visitor_who_told_a_mail_address_joins_the_user_of_the_same_browser():
    visitor = person("a1", "web", anonymous_id="a1", given_name="Anna")
    user = person("17", "web", user_id="17", anonymous_id="a1", **ANNA)
    assert together(visitor, user)


def test_a_helpdesk_requester_known_only_by_mail_joins_the_owner_of_the_mailbox():
    assert together(
        person("1", email="anna.schmidt@web.de", **ANNA),
        person("r9", "helpdesk", email="Anna.Schmidt@web.de"),
    )


@pytest.mark.parametrize("mail", ["info@acme.example", "sales@acme.example", "noreply@acme.example"])
def test_a_role_mailbox_does_not_make_two_people_one(mail):
    assert not together(person("1", email=mail, **ANNA), person("2", "helpdesk", email=mail))


def test_a_couple_with_one_mailbox_stays_two_people_and_the_mail_alone_belongs_to_neither():
    anna, bernd = (
        person("1", email="schmidts@web.de", **ANNA),
        person("2", "shop", email="schmidts@web.de", **BERND),
    )
    requester = person("r", "helpdesk", email="schmidts@web.de")
    index = index_of(anna, bernd, requester)
    assert not same_customer(index, anna, bernd)
    assert index.members(requester.record_id) == (requester.record_id,)


def test_a_family_landline_at_one_address_does_not_merge_the_family():
    phone = "030 12345678"
    anna = person("1", phone=phone, **ANNA, **HOME)
    bernd = person("2", "shop", phone=phone, **BERND, **HOME)
    assert not together(anna, bernd)


def test_a_landline_alone_names_nobody():
    assert not together(
        person("1", phone="+493012345678", **ANNA), person("2", "calls", phone="+493012345678")
    )


def test_a_mobile_number_and_a_first_name_are_enough():
    assert together(
        person("1", phone="+4915112345678", **ANNA),
        person("2", "calls", phone="0151 12345678", country="DE", full_name="Anna"),
    )


def test_twins_stay_apart():
    born = {"birth_date": "2001-05-07", "phone": "030 12345678"}
    assert not together(person("1", **ANNA, **HOME, **born), person("2", "shop", **BERND, **HOME, **born))


def test_father_and_son_of_one_name_and_address_stay_apart_by_their_suffix():
    father = person("1", full_name="John Smith Sr.", **HOME)
    son = person("2", "shop", full_name="John Smith Jr.", **HOME)
    assert not together(father, son)


@pytest.mark.parametrize(
    "son",
    [
        {"given_name": "Karl Jr.", "family_name": "Brandt"},
        {"given_name": "Karl", "family_name": "Brandt jun."},
        {"given_name": "Karl", "family_name": "Brandt", "full_name": "Karl Brandt Jr."},
        {"given_name": "Karl", "family_name": "Brandt", "generation": "Jr"},
        {"full_name": "Karl Jr. Brandt"},
        {"full_name": "Brandt, Karl, Jr."},
    ],
)
def test_a_suffix_that_only_the_son_bears_keeps_him_from_a_father_who_shares_the_rest(son):
    home = {**HOME, "phone": "+49 30 12345678"}
    father = {"given_name": "Karl", "family_name": "Brandt", **home}
    assert not together(person("1", **father), person("2", "shop", **son, **home))
    # A suffix left out does not part one person who is known by more.
    born = {"birth_date": "1980-02-03"}
    assert together(person("1", **father, **born), person("2", "shop", **son, **home, **born))


def test_father_and_son_of_one_name_and_address_stay_apart_by_their_birth_dates():
    father = person("1", birth_date="1950-02-03", given_name="Konrad", family_name="Meier", **HOME)
    son = person("2", "shop", birth_date="1982-11-21", given_name="Konrad", family_name="Meier", **HOME)
    assert not together(father, son)


def test_one_name_in_one_city_is_not_one_person():
    assert not together(
        person("1", full_name="John Smith", city="London"),
        person("2", "shop", full_name="John Smith", city="London"),
    )
    assert not together(
        person("1", full_name="Anna Schmidt", **HOME),
        person("2", "shop", full_name="Anna Schmidt", street="Ringweg 9", postcode="12345", city="Berlin"),
    )


def test_two_mailboxes_made_of_one_name_are_no_proof():
    assert not together(
        person("1", full_name="Anna Kramer", email="anna.kramer@gmx.de"),
        person("2", "shop", full_name="Anna Kramer", email="anna.kramer@web.de"),
    )


def test_a_name_alone_is_never_enough():
    assert not together(
        person("1", full_name="Xaver Quandtmeier"), person("2", "shop", full_name="Xaver Quandtmeier")
    )


def test_name_and_address_are_enough_however_they_are_written():
    assert together(
        person("1", full_name="Dr. Anna Müller", street="Hauptstraße 5", postcode="10115", city="Berlin"),
        person("2", "shop", full_name="MUELLER, ANNA", street="Hauptstr. 5", postcode="10115", city="BERLIN"),
    )


def test_a_nickname_a_typo_and_another_script_are_the_same_person_when_mail_or_birth_date_say_so():
    assert together(
        person("1", full_name="Robert Alen", birth_date="1971-06-24"),
        person("2", full_name="Bob Allen", birth_date="24.06.1971"),
    )
    assert together(
        person("1", full_name="Сергей Иванов", birth_date="1980-03-17"),
        person("2", full_name="Sergei Ivanov", birth_date="17 March 1980"),
    )


def test_given_and_family_name_in_the_wrong_columns_are_seen_through():
    assert together(
        person("1", given_name="Hall", family_name="Isla", birth_date="1985-02-07"),
        person("2", "shop", given_name="Isla", family_name="Hall", birth_date="1985-02-07"),
    )


def test_two_different_government_ids_outweigh_a_common_name_and_birth_date():
    born = {"full_name": "Mary Jones", "birth_date": "1990-04-04"}
    assert not together(
        person("1", government_id="US:123-45-6780", **born),
        person("2", government_id="US:987-65-4320", **born),
    )


def test_a_default_birth_date_is_no_evidence():
    assert not together(
        person("1", full_name="John Smith", birth_date="01-01-1900"),
        person("2", full_name="John Smith", birth_date="1900-01-01"),
    )


def test_organisations_are_one_by_tax_id_by_domain_or_by_name_without_legal_form():
    assert together(
        firm("1", name="Acme Werke GmbH", tax_id="DE811234567"),
        firm("2", "billing", name="Acme", tax_id="DE 811 234 567"),
    )
    assert together(
        firm("1", name="Northwind Traders Ltd", domain="northwind.example"),
        firm("2", domain="https://www.northwind.example/"),
    )
    assert together(
        firm("1", name="Vögele & Söhne GmbH & Co. KG"), firm("2", "billing", name="VOEGELE UND SOEHNE")
    )


def test_firms_of_one_group_with_other_legal_forms_or_names_stay_apart():
    assert not together(firm("1", name="Acme GmbH", city="Berlin"), firm("2", name="Acme AG", city="Berlin"))
    assert not together(
        firm("1", name="Acme Logistics GmbH", domain="acme.example"),
        firm("2", name="Acme Foods GmbH", domain="acme.example"),
    )


def test_a_person_and_an_organisation_are_never_one_even_when_somebody_says_so():
    boss = person("1", full_name="Acme Werke", email="info@acme.example", phone="+493012345678")
    acme = firm("1", name="Acme Werke", email="info@acme.example", phone="+493012345678")
    assert not together(boss, acme)
    assert not same_customer(index_of(boss, acme, judged=[judgement(1, "same", [boss], [acme])]), boss, acme)


def test_what_a_person_judges_outranks_what_a_source_merged_before_or_after():
    anna, carl = person("1", full_name="Anna Nowak"), person("2", full_name="Carl Wolf")
    for number in (1, 3):
        link = judgement(number, "same", [anna], [carl], "source:crm")
        assert same_customer(index_of(anna, carl, judged=[link]), anna, carl)
        parted = judgement(2, "different", [anna], [carl], "ann")
        for both in ([link, parted], [parted, link]):
            assert not same_customer(index_of(anna, carl, judged=both), anna, carl)


def test_people_of_one_firm_with_its_switchboard_and_address_stay_apart():
    office = {"organisation": "Acme GmbH", "phone": "+49 30 12345678", **HOME}
    assert not together(
        person("1", email="anna@acme.example", **ANNA, **office),
        person("2", email="carl@acme.example", given_name="Carl", family_name="Wolf", **office),
    )
