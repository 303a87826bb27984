"""Loads the roles from their files, strictly: a role that cannot be followed to the letter is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from regard.access.decide_policy import Action, Policy, make_policy
from regard.access.field_registry import FieldClass, FieldRegistry, RulesUnreadableError, shipped_registry
from regard.access.principal import NotAllowedError
from regard.events.interaction_events import INTERACTION_TYPES

ROLE_NAMES = (
    "support_agent", "sales_rep", "account_manager", "marketer", "data_steward", "privacy_officer",
    "administrator",
)  # fmt: skip
RIGHTS = frozenset({"customers", "identity", "merge", "export", "audit", "sources", "import", "models"})
_VITALS = 5
# The display name is made of these, so it may not be seen where one of them may not.
_PARTS_OF_NAME = ("full_name", "given_name", "middle_name", "family_name")


class _Timeline(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    types: list[str]
    filter: str


class _Desktop(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    id: str
    title: str
    vitals: list[str]
    contacts: list[str]
    profile: list[str]
    left: list[str]
    centre: list[str]
    right: list[str]


class _RoleFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    title: str
    may: list[str]
    classes: dict[FieldClass, Action]
    fields: dict[str, Action] = {}
    timeline: _Timeline | None = None
    desktop: _Desktop | None = None


@dataclass(frozen=True, slots=True)
class Desktop:
    """What the screen of a role is made of; names of vitals, cards and filters are those of the views."""

    id: str
    title: str
    vitals: tuple[str, ...]
    contacts: tuple[str, ...]
    profile: tuple[str, ...]
    left: tuple[str, ...]
    centre: tuple[str, ...]
    right: tuple[str, ...]
    filter: str


@dataclass(frozen=True, slots=True)
class Role:
    """One role: its rights, its policy, and its desktop unless it sees no customers."""

    name: str
    title: str
    policy: Policy
    desktop: Desktop | None

    def may(self, right: str) -> bool:
        """Whether the role has the right."""
        return right in self.policy.rights

    def require(self, right: str) -> None:
        """Raise `NotAllowedError` unless the role has the right."""
        if not self.may(right):
            raise NotAllowedError(f"the role “{self.title}” does not have the right “{right}”")


def read_role(name: str, raw: str, registry: FieldRegistry, place: str) -> Role:
    """A role from its TOML text; raises `RulesUnreadableError` naming file and key."""
    try:
        file = msgspec.toml.decode(raw, type=_RoleFile)
    except msgspec.DecodeError as error:
        raise RulesUnreadableError(f"{place}: {error}") from None
    _check(file, registry, place)
    for field, action in file.fields.items():
        _check_override(field, action, registry, place)
    types = frozenset(file.timeline.types) if file.timeline else frozenset()
    policy = make_policy(name, file.classes, file.fields, types, frozenset(file.may), registry)
    if policy.shows("name"):
        for part in _PARTS_OF_NAME:
            if not policy.shows(part):
                raise RulesUnreadableError(
                    f"{place}: fields.name is shown, so fields.{part} must be shown too"
                )
    return Role(name, file.title, policy, _desktop(file))


def _desktop(file: _RoleFile) -> Desktop | None:
    d = file.desktop
    if d is None or file.timeline is None:
        return None
    return Desktop(
        d.id, d.title, tuple(d.vitals), tuple(d.contacts), tuple(d.profile),
        tuple(d.left), tuple(d.centre), tuple(d.right), file.timeline.filter,
    )  # fmt: skip


def _check(file: _RoleFile, registry: FieldRegistry, place: str) -> None:
    for right in file.may:
        if right not in RIGHTS:
            raise RulesUnreadableError(
                f"{place}: may names “{right}”; the rights are {', '.join(sorted(RIGHTS))}"
            )
    for class_ in ("C0", "C1", "C2", "C3"):
        if class_ not in file.classes:
            raise RulesUnreadableError(
                f"{place}: classes.{class_} is missing; write show, mask, exists or hide"
            )
    if file.classes.get("C4", "hide") != "hide":
        raise RulesUnreadableError(f"{place}: classes.C4 is never shown; leave it out")
    for type_ in file.timeline.types if file.timeline else []:
        if type_ not in INTERACTION_TYPES:
            raise RulesUnreadableError(
                f"{place}: timeline.types names “{type_}”, which is no type of interaction"
            )
    if "customers" in file.may:
        _check_desktop(file, registry, place)
    elif any(action != "hide" for action in [*file.classes.values(), *file.fields.values()]):
        raise RulesUnreadableError(f"{place}: without the right “customers” every class must be hide")


def _check_override(field: str, action: Action, registry: FieldRegistry, place: str) -> None:
    type_, _, name = field.partition(".")
    of_a_type = type_ in INTERACTION_TYPES and f"interaction.{name}" in registry.rules
    if field not in registry.rules and not of_a_type:
        raise RulesUnreadableError(f"{place}: fields.{field} is not in access/fields.toml; classify it there")
    rule = registry.rules.get(field)
    if rule is not None and rule.class_ == "C4" and action != "hide":
        raise RulesUnreadableError(f"{place}: fields.{field} is of class C4, which is never shown")


def _check_desktop(file: _RoleFile, registry: FieldRegistry, place: str) -> None:
    if file.desktop is None or file.timeline is None:
        raise RulesUnreadableError(f"{place}: a role that sees customers needs [timeline] and [desktop]")
    if len(file.desktop.vitals) != _VITALS:
        raise RulesUnreadableError(f"{place}: desktop.vitals must name exactly {_VITALS}")
    for key in ("contacts", "profile"):
        for field in getattr(file.desktop, key):
            if field not in registry.rules:
                raise RulesUnreadableError(
                    f"{place}: desktop.{key} names “{field}”, not in access/fields.toml"
                )


@cache
def shipped_roles() -> Mapping[str, Role]:
    """The roles that come with Regard, by name."""
    folder = files(__package__).joinpath("roles")
    roles = {}
    for name in ROLE_NAMES:
        raw = folder.joinpath(f"{name}.toml").read_text("utf-8")
        roles[name] = read_role(name, raw, shipped_registry(), f"access/roles/{name}.toml")
    return roles


def role_of(name: str) -> Role:
    """The role of this name; raises `NotAllowedError` for one that is no more."""
    role = shipped_roles().get(name)
    if role is None:
        raise NotAllowedError(f"there is no role “{name}” any more; ask the administrator for another")
    return role
