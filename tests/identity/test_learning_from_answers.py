"""What stewards answer moves the weights a little, in the right direction and in any order."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from regard.identity.hold_features import FeatureTable
from regard.identity.learn_from_answers import AnsweredPair, learn_from_answers
from regard.identity.match_model import KindModel, default_model
from regard.identity.normalise_fields import features
from tests.identity.make_records import firm, person

TABLE = FeatureTable(default_model())
ANNA = person("1", given_name="Anna", family_name="Kowalska", email="anna@x.example", city="Bern")
ANN = person("2", given_name="Anne", family_name="Kowalska", email="anna@x.example", city="Basel")
JAN = person("3", given_name="Jan", family_name="Kowalska", email="anna@x.example", city="Bern")
ACME = firm("4", name="Acme GmbH", domain="acme.example")
ACNE = firm("5", name="Acne GmbH", domain="acme.example")


def pair(one, two, same: bool, weight: float = 1.0) -> AnsweredPair:
    rows = [TABLE.row(features(record, "")) for record in (one, two)]
    return AnsweredPair(one.kind, TABLE.pattern(*rows), same, weight)


ANSWERS = [pair(ANNA, ANN, True), pair(ANNA, JAN, False), pair(ANN, JAN, False, 0.5), pair(ACME, ACNE, True)]


def taught(*answers: AnsweredPair):
    return learn_from_answers(default_model(), TABLE.fields, answers)


def test_without_answers_nothing_changes() -> None:
    assert taught() == default_model()


def test_an_answer_that_two_are_one_makes_what_they_show_speak_more_for_one() -> None:
    level = TABLE.fields[0].read(ANSWERS[0].pattern[0])[0]
    before = default_model().person.weigh("given_name", level).bits
    once, often = taught(ANSWERS[0]), taught(*[ANSWERS[0]] * 50)
    assert before < once.person.weigh("given_name", level).bits < often.person.weigh("given_name", level).bits
    assert (
        once.person.weigh("given_name", "exact").bits
        < default_model().person.weigh("given_name", "exact").bits
    )


def test_an_answer_that_two_are_not_one_makes_what_they_share_a_thing_of_households() -> None:
    before, after = default_model().person, taught(*[ANSWERS[1]] * 20).person
    assert after.weigh("email", "exact").household > before.weigh("email", "exact").household
    assert after.weigh("email", "exact").bits == before.weigh("email", "exact").bits
    apart, joined = _scores(after), _scores(before)
    assert apart < joined


def _scores(weights: KindModel) -> float:
    model = replace(default_model(), person=weights)
    table = FeatureTable(model)
    return table.score(*(table.row(features(record, "")) for record in (ANNA, JAN)))


def test_answers_about_persons_leave_firms_alone_and_the_reverse() -> None:
    assert taught(*ANSWERS[:3]).organisation == default_model().organisation
    assert taught(ANSWERS[3]).person == default_model().person


def test_a_few_answers_do_not_turn_a_weight_over() -> None:
    before, after = default_model().person, taught(*[ANSWERS[0]] * 5).person
    for field, levels in before.levels.items():
        for level in levels:
            assert abs(after.weigh(field, level).bits - before.weigh(field, level).bits) < 1


@given(st.permutations(ANSWERS * 3))
def test_the_order_of_answers_does_not_matter_to_the_last_bit(answers: list[AnsweredPair]) -> None:
    assert taught(*answers) == taught(*ANSWERS * 3)
