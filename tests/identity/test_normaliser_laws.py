"""Laws of the normalisers: any text is read, a read value reads as itself, writing does not matter."""

import unicodedata
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from regard.identity.fold_text import fold, name_token, words
from regard.identity.normalise_addresses import postal_address
from regard.identity.normalise_contacts import email_address
from regard.identity.normalise_dates import birth_date
from regard.identity.normalise_fields import features
from regard.identity.normalise_names import parse_name
from regard.identity.normalise_organisations import organisation_name, web_domain
from regard.identity.normalise_phones import phone_number
from regard.identity.normalise_words import plain_words
from tests.identity.make_records import firm, person

FIELDS = [
    *("given_name", "middle_name", "family_name", "full_name", "generation", "birth_date", "sex", "email"),
    *("phone", "house_number", "street", "unit", "city", "postcode", "state", "country", "government_id"),
    *("account_id", "device_id", "handle", "user_id", "organisation", "name", "legal_form", "domain"),
    *("tax_id", "category:occupation", "text:note"),
]
PIECES = [
    *(
        "Anna",
        "van der",
        "Müller",
        "O'Neill",
        "Jr.",
        "Dr.",
        "née",
        "(Bob)",
        '"',
        "N/A",
        "GmbH",
        "& Co",
        "t/a",
    ),
    *(
        "c/o",
        "12a",
        "#4",
        "Flat",
        "P.O. Box",
        "5th",
        "Straße",
        "+49",
        "(0)30",
        "1234567",
        "ext. 5",
        "@",
        "x.de",
    ),
    *("+tag", "[at]", "1980", "05", "/", "-", ".", ",", "May", "мая", "Сергей", "ООО", "さと", "うゃ", "っ"),
    *("محمد", "王小明", "김", "\u0301", "\x00", "\u200b", "²", "Ⅳ", "٣", "ß", "İ"),
]
LISTS = st.lists(st.sampled_from(PIECES), max_size=6)
ANY_TEXT = st.one_of(st.text(max_size=40), LISTS.map(" ".join), LISTS.map("".join))
LETTERS = st.text(
    st.characters(whitelist_categories=["Lu", "Ll", "Lo", "Nd", "Zs", "Pd"], max_codepoint=0x52F)
    | st.sampled_from(" -'."),
    max_size=30,
)


def variants(text):
    """The same text composed, decomposed, widely spaced, and in capitals where they can be taken back."""
    yield unicodedata.normalize("NFC", text)
    yield unicodedata.normalize("NFD", text)
    yield "  " + text.replace(" ", "  ") + "\t"
    if text.upper().lower() == text.lower():
        yield text.upper()


@given(st.dictionaries(st.sampled_from(FIELDS), ANY_TEXT | st.lists(ANY_TEXT, max_size=2), max_size=8))
@settings(max_examples=120)
def test_no_record_is_too_odd_to_be_read_and_reading_is_pure(fields):
    for record in (person("1", **fields), firm("1", **fields)):
        assert features(record, "DE") == features(record, "DE")


@given(ANY_TEXT)
@settings(max_examples=150)
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert words(words(text)) == words(text)
    assert name_token(name_token(fold(text))) == name_token(fold(text))


@given(ANY_TEXT)
@settings(max_examples=120)
def test_a_read_value_reads_as_itself(text):
    if mail := email_address(text):
        assert email_address(mail.value) == mail
    if (phone := phone_number(text, "DE")) and phone.value.startswith("+"):
        assert phone_number(phone.value) == phone
    assert birth_date(birth_date(text)) == birth_date(text)
    assert web_domain(web_domain(text)) == web_domain(text)
    assert plain_words(plain_words(text)) == plain_words(text)


@given(
    st.sampled_from(["Anna", "Ludwig", "María Belén", "Jean-Pierre", "Dr. Łukasz", "Robert (Bob)"]),
    st.sampled_from(["Schmidt", "van der Berg", "García López", "O'Brien III", "Dostoevskiy", "Mueller"]),
)
def test_a_read_name_reads_as_itself(first, last):
    found = parse_name(first, "", last, "", "")
    again = parse_name(found.given, found.middle, found.family, "", found.generation)
    assert again[:4] == found[:4]


@given(LETTERS)
@settings(max_examples=120)
def test_names_and_places_do_not_depend_on_writing(text):
    for other in variants(text):
        assert fold(other) == fold(text)
        assert words(other) == words(text)
        assert organisation_name(other) == organisation_name(text)
        assert parse_name("", "", other, "", "") == parse_name("", "", text, "", "")
        assert parse_name(other, "", "", "", "") == parse_name(text, "", "", "", "")
        assert postal_address({"city": other, "street": other}) == postal_address(
            {"city": text, "street": text}
        )


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2026, 12, 31)))
def test_every_day_reads_the_same_in_every_writing(day):
    wanted = birth_date(day.isoformat())
    for form in ("%Y%m%d", "%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%Y-%m-%dT00:00:00"):
        assert birth_date(day.strftime(form)) == wanted, form
