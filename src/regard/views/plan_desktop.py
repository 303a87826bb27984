"""Plans once, per role, what its desktop needs; refuses a role that asks for what is not there."""

from __future__ import annotations

from dataclasses import dataclass

from regard.access.field_registry import RulesUnreadableError
from regard.access.load_roles import Role
from regard.views.alert_rules import ALERT_TYPES
from regard.views.card_catalogue import CARDS_BY_ID
from regard.views.card_shape import Card
from regard.views.compose_timeline import FILTERS, filter_types
from regard.views.vital_catalogue import VITALS_BY_ID
from regard.views.vital_shape import Vital

# Kinds of change, as the change feed tells them, that touch the parts of a view that are no cards.
HEADER_DEPENDS = frozenset({"record", "identity", "ties"})
EVERYTHING = frozenset({"record", "identity", "ties", "timeline", "consent", "indicators"})
_REGIONS = ("left", "centre", "right")


@dataclass(frozen=True, slots=True)
class DesktopPlan:
    """The cards by region, the vitals, and what must be read for them."""

    role: Role
    cards: tuple[tuple[str, Card], ...]
    vitals: tuple[Vital, ...]
    types: list[str]
    filter: str
    filter_types: list[str]
    entries_per_type: int
    needs: frozenset[str]

    def changed_cards(self, kinds: frozenset[str]) -> list[str]:
        """The ids of the blocks that these kinds of change may have touched."""
        changed = [card.id for _, card in self.cards if card.depends & kinds]
        if kinds & HEADER_DEPENDS:
            changed.append("header")
        return [*changed, "vitals", "alerts"] if kinds else []


def plan_desktop(role: Role) -> DesktopPlan | None:
    """The plan of a role's desktop; None for a role that sees no customers; raises `RulesUnreadableError`."""
    desktop = role.desktop
    if desktop is None:
        return None
    place = f"access/roles/{role.name}.toml"
    if desktop.filter not in FILTERS:
        raise RulesUnreadableError(
            f"{place}: timeline.filter “{desktop.filter}” is none of {', '.join(FILTERS)}"
        )
    cards = [(region, _card(name, region, place)) for region in _REGIONS for name in getattr(desktop, region)]
    vitals = tuple(_vital(name, role, place) for name in desktop.vitals)
    shown = filter_types(desktop.filter, role.policy.types)
    wanted = {t for _, card in cards for t in card.types} | {t for v in vitals for t in v.types}
    wanted = (wanted | set(ALERT_TYPES)) & role.policy.types | set(shown)
    return DesktopPlan(
        role=role,
        cards=tuple(cards),
        vitals=vitals,
        types=sorted(wanted),
        filter=desktop.filter,
        filter_types=shown,
        entries_per_type=max((card.entries for _, card in cards if card.types), default=8),
        needs=frozenset[str]().union(*(c.needs for _, c in cards), *(v.needs for v in vitals)),
    )


def _card(name: str, region: str, place: str) -> Card:
    if name not in CARDS_BY_ID:
        raise RulesUnreadableError(
            f"{place}: desktop.{region} names “{name}”; the cards are {', '.join(CARDS_BY_ID)}"
        )
    return CARDS_BY_ID[name]


def _vital(name: str, role: Role, place: str) -> Vital:
    vital = VITALS_BY_ID.get(name)
    if vital is None:
        known = ", ".join(VITALS_BY_ID)
        raise RulesUnreadableError(f"{place}: desktop.vitals names “{name}”; the vitals are {known}")
    for field in vital.derives:
        if not role.policy.shows(field):
            raise RulesUnreadableError(
                f"{place}: desktop.vitals names “{name}”, which derives from {field}, hidden from the role"
            )
    for type_ in vital.types:
        if type_ not in role.policy.types:
            raise RulesUnreadableError(
                f"{place}: desktop.vitals names “{name}”, which derives from {type_}, not in timeline.types"
            )
    return vital
