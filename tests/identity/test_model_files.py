"""A model on paper is the model: nothing is lost, a change is noticed, and what is wrong is named."""

import dataclasses
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.identity.evidence_fields import EVIDENCE_FIELDS
from regard.identity.match_model import Chances, KindModel, MatchModel, default_model
from regard.identity.read_model_file import ModelFileError, read_model_file
from regard.identity.write_model import digest_of, named_by_content, write_model

CHANCE = st.floats(min_value=5e-324, max_value=1.0)
BITS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.one_of(st.none(), TEXT, st.lists(TEXT, max_size=3).map(tuple))


@st.composite
def kinds(draw: st.DrawFn) -> KindModel:
    fields = draw(st.lists(st.sampled_from(EVIDENCE_FIELDS), unique_by=lambda field: field.name, max_size=5))
    levels = {
        field.name: {
            level: Chances(draw(CHANCE), draw(CHANCE), draw(CHANCE))
            for level in draw(st.lists(st.sampled_from(field.levels), unique=True, min_size=1))
        }
        for field in fields
    }
    groups = [(field.name, group) for field in fields for group in set(field.group_of.values())]
    tables = {group: draw(st.dictionaries(VALUES, BITS, max_size=4)) for group in groups}
    names = frozenset(field.name for field in fields)
    return KindModel(draw(BITS), draw(BITS), names, draw(st.floats(0, 1)), levels, tables)


MODELS = st.builds(
    MatchModel,
    st.sampled_from(["a", "Größe-1"]),
    st.sampled_from(["", "DE"]),
    st.just(default_model().limits),
    kinds(),
    kinds(),
)


@given(MODELS)
@settings(max_examples=150, deadline=None)
def test_a_model_read_back_is_the_same_to_the_last_bit(model: MatchModel) -> None:
    text = write_model(model)
    back = read_model_file(text)
    assert back == model
    assert write_model(back) == text


def test_the_shipped_model_can_be_written_and_read() -> None:
    assert read_model_file(write_model(default_model())) == default_model()


@given(MODELS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_equal_models_have_one_name_whatever_the_order_of_their_parts(
    model: MatchModel, dice: random.Random
) -> None:
    person = model.person
    shuffled = dataclasses.replace(
        model,
        version="made elsewhere",
        person=dataclasses.replace(
            person,
            levels=_shuffled(person.levels, dice),
            frequencies={key: _shuffled(table, dice) for key, table in person.frequencies.items()},
        ),
    )
    assert digest_of(shuffled) == digest_of(model)
    assert named_by_content(shuffled, "x").version == named_by_content(model, "x").version
    again = named_by_content(named_by_content(model))
    assert again.version == named_by_content(model).version


def _shuffled(table: dict, dice: random.Random) -> dict:
    entries = list(table.items())
    dice.shuffle(entries)
    return dict(entries)


def test_another_weight_is_another_version() -> None:
    model = default_model()
    changed = dataclasses.replace(model, person=dataclasses.replace(model.person, prior=-14.000000000000002))
    assert named_by_content(changed).version != named_by_content(model).version


def change(path: str, value: object) -> str:
    """The shipped model as JSON with one entry changed; None takes it out."""
    raw = json.loads(write_model(default_model()))
    del raw["digest"]
    *way, last = path.split("/")
    at = raw
    for step in way:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return json.dumps(raw)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("version", "", "version: this must be a text"),
        ("default_country", "Germany", "default_country"),
        ("limits/loose", None, "limits.loose: this must be a number"),
        ("limits/piece_records", 2.5, "limits.piece_records: this must be a whole number"),
        ("person/prior", True, "person.prior: this must be a number"),
        ("person/lean", 2, "person.lean"),
        ("person/single", ["given"], "person.single: there is no field “given”"),
        ("person/levels/email/exakt", {"m": 1, "u": 1, "h": 1}, "do you mean “exact”"),
        ("person/levels/email/exact", {"m": 0, "u": 1, "h": 1}, "person.levels.email.exact.m: a chance"),
        ("person/levels/mail", {}, "person.levels.mail: there is no field “mail”"),
        ("person/levels/email", 3, "person.levels.email: this entry is missing or no table"),
        ("person/frequencies/given_name/exact/values", [["anna"]], "exact.values[0]: this must be a pair"),
        ("person/frequencies/given_name/exact/values", [[3, 1.0]], "exact.values[0]: a value must be"),
        ("person/frequencies/given_name/close", {"values": []}, "there is no group of values “close”"),
        ("person/weight", 1, "person.weight: there is no entry “weight”"),
        ("organisation", None, "organisation: this entry is missing"),
        ("regard_match_model", 7, "format 1 is read here"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(path: str, value: object, said: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        read_model_file(change(path, value), "m.json")
    assert str(caught.value).startswith("m.json: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"person": NaN}', "[" * 100_000, '{"comparisons": []}'])
def test_what_is_no_model_at_all_is_refused(text: str) -> None:
    with pytest.raises(ModelFileError):
        read_model_file(text)


def test_a_weight_changed_by_hand_is_noticed() -> None:
    raw = json.loads(write_model(default_model()))
    raw["person"]["prior"] = -2.0
    with pytest.raises(ModelFileError, match="the content was changed"):
        read_model_file(json.dumps(raw))
    del raw["digest"]
    assert read_model_file(json.dumps(raw)).person.prior == -2.0


def test_every_part_of_a_model_is_written() -> None:
    raw = json.loads(write_model(default_model()))
    assert {field.name for field in dataclasses.fields(MatchModel)} <= set(raw)
    for kind in ("person", "organisation"):
        assert {field.name for field in dataclasses.fields(KindModel)} == set(raw[kind])
