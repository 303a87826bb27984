"""A person's name is the same name however a source writes it."""

import pytest

from regard.identity.fold_text import fold, says_nothing
from regard.identity.normalise_names import generation_of, name_roots, parse_name


def full(text):
    return parse_name("", "", "", text, "")


@pytest.mark.parametrize(
    ("text", "given", "middle", "family", "generation"),
    [
        ("Robert (Bob) Smith", "robert", "", "smith", ""),
        ('Robert "Bob" Smith', "robert", "", "smith", ""),
        ("MARIA GARCÍA LÓPEZ", "maria", "", "garcialopez", ""),
        ("Juan de la Cruz García", "juan", "", "delacruzgarcia", ""),
        ("José Silva Neto", "jose", "", "silva", "neto"),
        ("João Pereira Filho", "joao", "", "pereira", "jr"),
        ("Smith, John, Jr.", "john", "", "smith", "jr"),
        ("John Jr. Smith", "john", "", "smith", "jr"),
        ("Lee Jun Ho", "lee", "jun", "ho", ""),
        ("Amartya Sen", "amartya", "", "sen", ""),
        ("John Smith 2nd", "john", "", "smith", "ii"),
        ("Peter Müller d. J.", "peter", "", "muller", "jr"),
        ("Mr. Smith", "", "", "smith", ""),
        ("Dr. med. Anna Schmidt", "anna", "", "schmidt", ""),
        ("DUPONT Jean-Marie", "jean", "marie", "dupont", ""),
        ("LINDA Lewis", "linda", "", "lewis", ""),
        ("J. R. R. Tolkien", "j", "r r", "tolkien", ""),
        ("Ludwig van der Berg", "ludwig", "", "vanderberg", ""),
        ("Mohammed bin Salman Al-Saud", "mohammed", "salman", "alsaud", ""),
        ("John O' Brien", "john", "", "obrien", ""),
        ("John Mc Donald", "john", "", "mcdonald", ""),
        ("Yo-Yo Ma", "yo", "yo", "ma", ""),
        ("王小明", "王小明", "", "", ""),
        ("김철수", "cheolsu", "", "kim", ""),
        ("Иванов, Пётр Сергеевич", "petr", "sergeevich", "ivanov", ""),
        ("n/a", "", "", "", ""),
    ],
)
def test_a_full_name_is_taken_apart(text, given, middle, family, generation):
    found = full(text)
    assert (found.given, found.middle, found.family, found.generation) == (given, middle, family, generation)


@pytest.mark.parametrize(
    "text",
    [
        "Anna Schmidt geb. Meyer",
        "Anna Schmidt (née Meyer)",
        "Schmidt, Anna geb. Meyer",
        "Anna Schmidt, geb. Meyer",
    ],
)
def test_a_former_name_is_kept_beside_the_family_name(text):
    found = full(text)
    assert (found.given, found.family) == ("anna", "schmidt")
    assert set(found.family_parts) == {"schmidt", "meyer"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohammed", "Muhammad"),
        ("Mohammed", "محمد"),
        ("Ahmed", "Ahmad"),
        ("Yusuf", "Joseph"),
        ("Giuseppe", "Beppe"),
        ("Wojciech", "Wojtek"),
        ("Małgorzata", "Gosia"),
        ("José", "Pepe"),
        ("Francisco", "Paco"),
        ("Konstantinos", "Kostas"),
        ("Hans", "Johannes"),
        ("Fritz", "Friedrich"),
        ("Liz", "Elisabeth"),
        ("Kate", "Katarzyna"),
        ("Саша", "Alexander"),
        ("Guillaume", "William"),
        ("Piet", "Pieter"),
        ("Sasha", "Alexandra"),
        ("Олена", "Elena"),
    ],
)
def test_forms_of_one_name_have_a_root_in_common(one, other):
    first, second = (set(name_roots(full(text).given)) for text in (one, other))
    assert first & second, (first, second)


@pytest.mark.parametrize(
    ("one", "other"), [("Anna", "Peter"), ("Maria", "Robert"), ("Paul", "Karl"), ("Jan", "Eva")]
)
def test_two_names_have_no_root_in_common(one, other):
    assert not set(name_roots(full(one).given)) & set(name_roots(full(other).given))


def test_a_nickname_in_brackets_adds_its_roots():
    assert set(full("Anthony (Bob) Smith").roots) >= {"anthony", "robert"}


def test_columns_and_full_text_agree():
    assert parse_name("Jean-Pierre", "", "de la Tour", "", "") == full("Jean Pierre de la Tour")
    assert (
        parse_name("Abdul Rahman", "", "Khan", "", "").given
        == parse_name("Abdulrahman", "", "Khan", "", "").given
    )
    assert parse_name("Anna", "", "", "Anna Schmidt", "").family == "schmidt"


@pytest.mark.parametrize("text", ["N/A", "none", "NULL", "-", "unknown", "unbekannt", "Brak", "nan"])
def test_a_word_for_nothing_is_no_name(text):
    assert parse_name(text, text, text, "", "") == full("")
    assert parse_name(text, "", "Smith", "", "").given == ""


def test_christopher_null_has_a_name():
    assert (full("Christopher Null").given, full("Christopher Null").family) == ("christopher", "null")


@pytest.mark.parametrize(
    ("text", "found"),
    [("Jr", "jr"), ("Junior", "jr"), ("hijo", "jr"), ("2nd", "ii"), ("2", "ii"), ("IV", "iv"), ("x", "")],
)
def test_a_generation_has_a_column_of_its_own(text, found):
    assert generation_of(text) == found


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Достоевский", "dostoevskii"),
        ("Григорій", "hryhorii"),
        ("Παπαδοπούλου", "papadopoulou"),
        ("さとう きょうこ", "satou kyouko"),
        ("サトウ", "satou"),
        ("ﾃｽﾄ", "tesuto"),
        ("محمد", "mhmd"),
        ("גד", "gd"),
        ("გიორგი", "giorgi"),
        ("Nguyễn", "nguyen"),
        ("Straße", "strasse"),
        ("１２３", "123"),
        ("١٢٣", "123"),
        ("김철수", "gimcheolsu"),
        ("O’Neill", "o'neill"),
        ("a–b", "a-b"),
    ],
)
def test_scripts_are_folded_to_latin_where_there_is_a_plain_reading(text, latin):
    assert fold(text) == latin


def test_words_for_nothing_are_known_in_any_case():
    assert all(map(says_nothing, ("N/A", " n/a ", "Unbekannt", "(NULL)", "—", "Неизвестно", "")))
    assert not any(map(says_nothing, ("Berlin", "Nadia", "0", "x1")))
