"""What roles may see, and which role files are refused."""

from __future__ import annotations

from importlib.resources import files

import pytest

from regard.access.field_registry import RulesUnreadableError, read_registry, shipped_registry
from regard.access.load_roles import ROLE_NAMES, read_role, shipped_roles
from regard.events.interaction_events import INTERACTION_TYPES
from regard.views.plan_desktop import plan_desktop

CONTRACT_FIELDS = [
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "generation",
    "honorific",
    "birth_date",
    "sex",
    "email",
    "phone",
    "street",
    "house_number",
    "unit",
    "city",
    "postcode",
    "state",
    "country",
    "language",
    "job_title",
    "organisation",
    "organisation_ref",
    "government_id",
    "account_id",
    "handle",
    "user_id",
    "anonymous_id",
    "device_id",
    "tier",
    "plan",
    "stage",
    "owner",
    "customer_since",
    "picture",
    "note",
    "tags",
    "name",
    "legal_form",
    "domain",
    "tax_id",
    "industry",
    "size",
]
INTERACTION_FIELDS = [
    "title",
    "status",
    "channel",
    "direction",
    "text",
    "amount",
    "currency",
    "quantity",
    "order",
    "ticket",
    "url",
    "campaign",
    "action",
    "reason",
    "due_at",
    "lines",
    "purpose",
    "state",
    "contact_point",
    "rating",
    "duration_seconds",
]


def raw_role(name: str) -> str:
    return files("regard.access").joinpath("roles", f"{name}.toml").read_text("utf-8")


def test_every_canonical_field_has_a_class() -> None:
    known = shipped_registry().rules
    assert [field for field in CONTRACT_FIELDS if field not in known] == []
    assert [field for field in INTERACTION_FIELDS if f"interaction.{field}" not in known] == []


def test_a_field_nobody_classified_is_hidden_from_every_role_even_one_that_shows_its_class() -> None:
    for role in shipped_roles().values():
        assert role.policy.decide("shoe_size").action == "hide"
        for type_ in INTERACTION_TYPES:
            assert role.policy.decide_entry(type_, "colour").action == "hide"


def test_the_text_of_tickets_is_for_support_agents_alone() -> None:
    readers = [
        (name, type_)
        for name, role in shipped_roles().items()
        for type_ in INTERACTION_TYPES
        if role.policy.decide_entry(type_, "text").action == "show"
    ]
    assert readers == [("support_agent", "ticket"), ("support_agent", "message")]


def test_an_interaction_of_a_type_the_role_does_not_see_shows_no_field() -> None:
    policy = shipped_roles()["marketer"].policy
    assert "ticket" not in policy.types
    assert {policy.decide_entry("ticket", field).action for field in INTERACTION_FIELDS} == {"hide"}


def test_the_administrator_sees_no_field_and_has_no_desktop() -> None:
    role = shipped_roles()["administrator"]
    assert {role.policy.decide(field).action for field in shipped_registry().rules} == {"hide"}
    assert role.desktop is None
    assert not role.may("customers")


def test_every_role_that_sees_customers_has_a_desktop_that_can_be_made() -> None:
    plans = {name: plan_desktop(role) for name, role in shipped_roles().items()}
    assert [name for name in ROLE_NAMES if plans[name] is None] == ["administrator"]
    assert all(len(plan.vitals) == 5 for plan in plans.values() if plan)


def test_the_fingerprint_changes_with_any_right() -> None:
    raw = raw_role("marketer")
    other = raw.replace('street = "hide"', 'street = "mask"').replace('unit = "hide"', 'unit = "mask"')
    assert other != raw
    one = read_role("marketer", raw, shipped_registry(), "a")
    two = read_role("marketer", other, shipped_registry(), "a")
    assert one.policy.fingerprint != two.policy.fingerprint


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('C3 = "hide"', 'C3 = "perhaps"', "$.classes"),
        ('C3 = "hide"', "", "classes.C3 is missing"),
        ('organisation = "show"', 'shoe_size = "show"', "fields.shoe_size"),
        ('may = ["customers"', 'may = ["fly", "customers"', "may names “fly”"),
        ('types = ["order",', 'types = ["wedding",', "timeline.types names “wedding”"),
        ('family_name = "show"', "", "fields.family_name must be shown too"),
        ('vitals = ["stage",', "vitals = [", "desktop.vitals must name exactly 5"),
        ('profile = ["stage",', 'profile = ["shoe_size",', "desktop.profile names “shoe_size”"),
        ('title = "Marketer"', 'title = "Marketer"\ncolour = "red"', "colour"),
    ],
)
def test_a_role_file_that_cannot_be_followed_is_refused_with_file_and_key(
    old: str, new: str, told: str
) -> None:
    raw = raw_role("marketer")
    assert old in raw
    with pytest.raises(RulesUnreadableError) as refused:
        read_role("marketer", raw.replace(old, new, 1), shipped_registry(), "access/roles/marketer.toml")
    assert "access/roles/marketer.toml" in str(refused.value)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"stage", "consents"', '"open_tickets", "consents"', "derives from ticket"),
        ('"stage", "consents"', '"weather", "consents"', "desktop.vitals names “weather”"),
        ('left = ["profile"', 'left = ["horoscope"', "desktop.left names “horoscope”"),
        ('filter = "marketing"', 'filter = "gossip"', "timeline.filter “gossip”"),
    ],
)
def test_a_desktop_that_asks_for_what_is_not_there_is_refused(old: str, new: str, told: str) -> None:
    raw = raw_role("marketer")
    assert old in raw
    role = read_role("marketer", raw.replace(old, new, 1), shipped_registry(), "access/roles/marketer.toml")
    with pytest.raises(RulesUnreadableError, match="marketer") as refused:
        plan_desktop(role)
    assert told in str(refused.value)


def test_a_class_that_does_not_exist_and_a_mask_that_does_not_exist_are_refused() -> None:
    for text, told in (
        ('[fields.x]\nclass = "C9"\nlabel = "X"', "C9"),
        ('[fields.x]\nclass = "C2"\nlabel = "X"\nmask = "blur"', "fields.x.mask"),
    ):
        with pytest.raises(RulesUnreadableError) as refused:
            read_registry(text, "access/fields.toml")
        assert told in str(refused.value)
