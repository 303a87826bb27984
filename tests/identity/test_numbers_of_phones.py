"""A telephone number is one number however dialled, and the number phonenumbers would read."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata, PhoneNumberType

from regard.identity.normalise_phones import phone_number, phone_numbers

KINDS = [PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.VOIP]


def reading_of(raw, region):
    """(number, line) as phonenumbers says; None for what cannot be a number, line '' for nobody's."""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    kind = phonenumbers.number_type(number)
    line = {0: "landline", 1: "mobile", 7: "mobile", PhoneNumberType.UNKNOWN: ""}.get(kind, "unknown")
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}", line


def dialled(dice, region):
    """Numbers near the true ones of a region: some digits from a real range, the others any."""
    metadata = PhoneMetadata.metadata_for_region(region)
    for kind in KINDS:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        digits = phonenumbers.national_significant_number(example)
        for _ in range(3):
            kept = dice.randrange(1, len(digits) + 1)
            number = digits[:kept] + "".join(dice.choice("0123456789") for _ in digits[kept:])
            yield f"+{example.country_code}{number}", None
            yield (metadata.national_prefix or "") + number, region
            yield number, region


def test_a_number_read_by_its_head_is_the_number_phonenumbers_reads():
    dice = random.Random(11)
    numbers = lines = wrong_lines = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for raw, country in dialled(dice, region):
            found = phone_number(raw, country or "")
            if found is None or raw.startswith("00"):
                continue
            if country and raw.startswith(str(phonenumbers.country_code_for_region(country))):
                continue  # a lost '+' is seen here and not there
            wanted = reading_of(raw, country)
            numbers += 1
            assert (None if found.value.startswith("~") else found.value) == (
                wanted[0] if wanted else None
            ), raw
            if wanted and wanted[1]:
                lines += 1
                # 'unknown' for all of North America, whose numbers do not say what they are
                wrong_lines += found.line != wanted[1] and not found.value.startswith("+1")
    assert numbers > 5_000
    assert wrong_lines <= lines / 1_000


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("Tel.: 030 / 123 45 67", "DE", "+49301234567"),
        ("tel:+49-30-1234567", "", "+49301234567"),
        ("+49 30 1234567 ext. 12", "", "+49301234567"),
        ("030 1234567 Durchwahl 12", "DE", "+49301234567"),
        ("011 49 30 1234567", "US", "+49301234567"),
        ("0011 49 30 1234567", "AU", "+49301234567"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("＋４９ ３０ １２３４５６７", "", "+49301234567"),
        ("O3O 1234567", "DE", "+49301234567"),
        ("491711234567.0", "DE", "+491711234567"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("0 21 11 91234 5678", "BR", "+5511912345678"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("(415) 555-0123", "US", "+14155550123"),
    ],
)
def test_a_phone_number_is_read_through_its_decoration(text, country, number):
    assert phone_number(text, country).value == number


@pytest.mark.parametrize("text", ["4.12E+08", "555-1234", "1234567890", "9999999999", "call me"])
def test_a_made_up_number_is_none(text):
    assert phone_number(text, "US") is None


def test_two_numbers_in_one_field_are_two():
    assert [phone.value for phone in phone_numbers("030 1234567; 0171 2345678", "DE")] == [
        "+49301234567",
        "+491712345678",
    ]
    assert len(phone_numbers("030 / 123 45 67", "DE")) == 1


def test_a_line_is_known_where_the_range_says_it():
    assert phone_number("0171 2345678", "DE").line == "mobile"
    assert phone_number("030 1234567", "DE").line == "landline"
    assert phone_number("(415) 555-2671", "US").line == "unknown"
