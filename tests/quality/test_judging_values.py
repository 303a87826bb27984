"""Every value is judged: what is wrong with it, what it probably means, and never more than can be known."""

from __future__ import annotations

from datetime import date

import phonenumbers
import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.quality.judge_emails import _ODD_ENDS, _PLAIN
from regard.quality.judge_values import JUDGED, judge_fields, judge_value
from regard.quality.value_verdict import REASONS

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("field", "text", "country", "verdict", "reason", "value"),
    [
        ("email", "ann@example.com", "", "ok", "", "ann@example.com"),
        ("email", "Ann Lee <ann@web.de>", "", "fixed", "mail_repaired", "ann@web.de"),
        ("email", "ann @web,de", "", "fixed", "mail_repaired", "ann@web.de"),
        ("email", "ann@web", "", "invalid", "not_an_address", "ann@web"),
        ("email", "test@test.com", "", "suspect", "placeholder", "test@test.com"),
        ("email", "x@mailinator.com", "", "suspect", "disposable_mail", "x@mailinator.com"),
        ("email", "ann@mail.com", "", "ok", "", "ann@mail.com"),
        ("phone", " 442079460001", "", "fixed", "plus_was_lost", "+442079460001"),
        ("phone", "030 1234567", "DE", "ok", "", "+49301234567"),
        ("phone", "030 1234567", "", "suspect", "no_country", "030 1234567"),
        ("phone", "Tel: 030 1234567", "DE", "fixed", "number_repaired", "+49301234567"),
        ("phone", "4.12E+08", "DE", "invalid", "spreadsheet_number", "4.12E+08"),
        ("phone", "000000", "DE", "suspect", "placeholder", "000000"),
        ("phone", "ask at the door", "DE", "invalid", "not_a_number", "ask at the door"),
        ("birth_date", "1980-02-03", "", "ok", "", "1980-02-03"),
        ("birth_date", "31.02.1980", "DE", "invalid", "not_a_date", "31.02.1980"),
        ("birth_date", "01.01.1970", "DE", "suspect", "default_date", "01.01.1970"),
        ("birth_date", "2030-01-01", "", "invalid", "in_the_future", "2030-01-01"),
        ("full_name", "Anna Brzezińska-O’Neil", "", "ok", "", "Anna Brzezińska-O’Neil"),
        ("full_name", "Müller GmbH", "", "suspect", "name_of_firm", "Müller GmbH"),
        ("full_name", "ann@example.com", "", "invalid", "name_is_mail", "ann@example.com"),
        ("family_name", "MÃ¼ller", "", "suspect", "broken_characters", "MÃ¼ller"),
        ("country", "Deutschland", "", "fixed", "country_repaired", "DE"),
        ("country", "Narnia", "", "invalid", "unknown_country", "Narnia"),
        ("postcode", "1234", "DE", "fixed", "spreadsheet_number", "01234"),
        ("postcode", "12 345", "DE", "invalid", "postcode_form", "12 345"),
        ("postcode", "anything", "XX", "ok", "", "ANYTHING"),
        ("tax_id", "DE136695976", "", "ok", "", "136695976"),
        ("tax_id", "DE136695975", "", "invalid", "wrong_check_digit", "DE136695975"),
        ("government_id", "44051401458", "PL", "ok", "", "44051401458"),
        ("government_id", "44051401459", "PL", "invalid", "wrong_check_digit", "44051401459"),
        ("domain", "https://www.acme.com/x", "", "fixed", "registration_repaired", "acme.com"),
    ],
)
def test_a_value_gets_the_verdict_a_careful_clerk_would_give(
    field: str, text: str, country: str, verdict: str, reason: str, value: str
) -> None:
    judged = judge_value(field, text, country, TODAY)
    assert (judged.verdict, judged.reason, judged.value) == (verdict, reason, value)


def test_a_slip_of_the_fingers_is_asked_back() -> None:
    assert judge_value("email", "ann@gmial.com", "", TODAY).suggestion == "ann@gmail.com"


def test_the_country_of_the_record_goes_before_that_of_its_source() -> None:
    [_, phone] = judge_fields({"country": "Polska", "phone": ["601 234 567"]}, "DE", TODAY)
    assert phone.value == "+48601234567"


@given(st.sampled_from(sorted(JUDGED)), st.text(max_size=60), st.sampled_from(["", "DE", "US", "GB", "XX"]))
def test_whatever_is_written_gets_a_verdict_with_a_known_reason(field: str, text: str, country: str) -> None:
    judged = judge_value(field, text, country, TODAY)
    assert judged.verdict in ("ok", "fixed", "suspect", "invalid")
    assert (judged.reason == "") == (judged.verdict == "ok")
    assert judged.reason in REASONS or judged.verdict == "ok"
    assert judged.raw == text


@given(st.text(max_size=40))
def test_an_address_that_was_fixed_is_well_afterwards(text: str) -> None:
    judged = judge_value("email", text, "", TODAY)
    if judged.verdict == "fixed":
        assert judge_value("email", judged.value, "", TODAY).verdict in ("ok", "suspect")


_WORD = st.text(alphabet="abcz019-._+", min_size=1, max_size=12)


_ENDS = st.sampled_from(["com", "de", "example", "test", "local", "c", "co.uk", "invalid", "xn--p1ai"])


@given(_WORD, _WORD, _ENDS)
def test_the_short_way_for_plain_addresses_agrees_with_the_library(local: str, host: str, end: str) -> None:
    text = f"{local}@{host}.{end}"
    if _PLAIN.fullmatch(text) and ".." not in text and not text.endswith(_ODD_ENDS):
        found = validate_email(text, check_deliverability=False, test_environment=True)
        assert found.normalized == text


@settings(max_examples=300, deadline=None)
@given(st.text("0123456789 -+()/.x;=oO", min_size=6, max_size=18))
def test_a_number_without_a_country_is_searched_for_only_where_the_search_can_find_one(text: str) -> None:
    try:
        phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        found = next(iter(phonenumbers.PhoneNumberMatcher(text, "ZZ")), None)
        assert found is None or "+" in text
