"""Names that agree in part: double names, particles, alike names of siblings; titles; postcodes cut short."""

from __future__ import annotations

import dataclasses

import pytest

from regard.identity.block_records import blocking_keys
from regard.identity.compare_names import family_level, given_level
from regard.identity.compare_values import address_level
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import default_model
from regard.identity.normalise_addresses import Address
from regard.identity.normalise_fields import features
from regard.identity.normalise_names import parse_name
from regard.identity.normalise_organisations import organisation_name
from tests.identity.make_records import person, together


def family(text: str) -> tuple[str, tuple[str, ...]]:
    found = parse_name("", "", text, "", "")
    return found.family, found.family_parts


@pytest.mark.parametrize(("one", "two"), [("lea", "lena"), ("paul", "paula"), ("kai", "karin")])
def test_alike_names_that_many_bear_are_two_names_and_no_slip(one: str, two: str) -> None:
    assert given_level(one, two) == given_level(two, one) == "two_names"


def test_two_names_somewhat_alike_are_just_different() -> None:
    assert given_level("anna", "jana") == "different"
    assert given_level("ahna", "jana") == "loose"


def test_siblings_with_alike_names_at_one_address_are_two() -> None:
    home = {
        "family_name": "Petersen", "email": "familie.petersen@web.de", "phone": "04794 12345",
        "street": "Deichweg 12", "postcode": "26506", "city": "Norden",
    }  # fmt: skip
    assert not together(person("1", given_name="Paula", **home), person("2", given_name="Paul", **home))
    assert together(person("1", given_name="Paula", **home), person("2", given_name="Palua", **home))


def test_a_model_saved_before_takes_two_names_for_names_somewhat_alike() -> None:
    person_weights = default_model().person
    levels = {**person_weights.levels["given_name"]}
    del levels["two_names"]
    older = dataclasses.replace(person_weights, levels={**person_weights.levels, "given_name": levels})
    assert older.weigh("given_name", "two_names").bits == older.weigh("given_name", "loose").bits != 0.0
    assert older.weigh("given_name", "two_names").level == "two_names"


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("García", "García López", ("part", "garcia")),
        ("Garcia", "García Gomez Ruiz", ("part", "garcia")),
        ("Pereira", "Pereirra Gomez", ("part", None)),
        ("García López", "García Lopes", ("close", None)),
        ("Müller-Lang", "Lang", ("part", "lang")),
        ("Meyer geb. Schmidt", "Schmidt", ("part", "schmidt")),
        ("de Jong", "Jong", ("exact", "jong")),
        ("van den Berg", "Berg", ("exact", "berg")),
        ("van den Berg", "van der Berg", ("exact", "berg")),
        ("García García", "García", ("part", "garcia")),
        ("Leblanc", "Le Blanc", ("exact", "blanc")),
    ],
)
def test_half_of_a_double_name_is_a_part_and_a_particle_is_nothing(
    one: str, two: str, expected: tuple[str, str | None]
) -> None:
    assert family_level(family(one), family(two)) == family_level(family(two), family(one)) == expected


def test_who_goes_by_half_of_a_double_name_meets_the_whole() -> None:
    one = features(person("1", given_name="Lucía", family_name="Doseteo García"))
    two = features(person("2", given_name="Lucía", family_name="García"))
    assert {key for key, _ in blocking_keys(one)} & {key for key, _ in blocking_keys(two)}


@pytest.mark.parametrize(("one", "two"), [("ls6", "ls64ap"), ("1012", "1012ab")])
def test_a_postcode_written_in_part_is_no_other_postcode(one: str, two: str) -> None:
    assert address_level(Address(postcode=one), Address(postcode=two)) is None
    assert address_level(Address(postcode=one), Address(postcode="ab1")) == "elsewhere"


@pytest.mark.parametrize(
    ("name", "sex"),
    [
        ("Mrs R Smith", "f"), ("Herr Dr. Jan Weber", "m"), ("Sra. Carmen Ruiz", "f"), ("Anna Lang", ""),
        ("Mr & Mrs J Smith", ""), ("Mr and Mrs Smith", ""), ("Dr. Anna Lang", ""), ("Mrs", ""),
    ],
)  # fmt: skip
def test_a_title_tells_the_sex(name: str, sex: str) -> None:
    assert features(person("1", full_name=name)).sex == sex


def test_a_column_outranks_the_title_and_may_hold_titles() -> None:
    assert features(person("1", full_name="Mr A. Lang", sex="female")).sex == "f"
    assert features(person("1", full_name="A. Lang", sex="Mrs.")).sex == "f"


def test_mr_and_mrs_of_one_initial_are_two() -> None:
    home: dict[str, object] = {"street": "Mill Lane 4", "postcode": "LS6 4AP", "city": "Leeds"}
    assert not together(person("1", full_name="Mr R Pennyworth", **home), _mrs(home))
    assert together(person("1", full_name="Ms R Pennyworth", **home), _mrs(home))


def _mrs(home: dict[str, object]) -> IdentityRecord:
    return person("2", full_name="Mrs Rose Pennyworth", **home)


@pytest.mark.parametrize("text", ["Ehlers Werke GmbH u. Co. KG", "Ehlers Werke GmbH und Co. KG"])
def test_the_co_of_a_legal_form_is_no_part_of_the_name(text: str) -> None:
    assert organisation_name(text) == organisation_name("Ehlers Werke GmbH & Co. KG")
