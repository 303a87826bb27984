"""The scene that cards, vitals and alerts are made from: one customer's data, one role's eyes, one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from regard.access.load_roles import Role
from regard.kit.money import to_text
from regard.kit.tell_dates import tell_day
from regard.views.customer_data import CustomerData, RawEntry
from regard.views.redact_values import Redactor
from regard.views.source_titles import SourceTitles

# Instead of a moment, where something is known to have happened and nothing says when.
UNDATED = "Time not stated"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a block of the screen may look at. Every value it lets out passes through `redactor`."""

    data: CustomerData
    role: Role
    redactor: Redactor
    titles: SourceTitles
    now: datetime
    _by_type: dict[str, list[RawEntry]] = field(default_factory=dict)

    def entries(self, *types: str) -> list[RawEntry]:
        """The newest entries of these types that the role may see, newest first."""
        if not self._by_type:
            for entry in self.data.entries:
                self._by_type.setdefault(entry.type, []).append(entry)
        found = [entry for type_ in types for entry in self._by_type.get(type_, ())]
        if len(types) > 1:
            found.sort(key=lambda entry: entry.id)
            found.sort(key=lambda entry: entry.at, reverse=True)
        return found


def money_text(minor: int | None, currency: str | None) -> str | None:
    """An amount for people: `89.90 EUR`; None without amount or currency."""
    if minor is None:
        return None
    if not currency:
        return f"{minor / 100:.2f}"
    return f"{to_text(minor, currency)} {currency}"


def days_between(earlier: datetime, later: datetime) -> int:
    """Whole days from one instant to another."""
    return (later - earlier).days


def ago(at: datetime, now: datetime) -> str:
    """How long ago in words."""
    seconds = (now - at).total_seconds()
    if seconds < 0:
        return f"on {tell_day(at)}"
    if seconds < 3600:
        return "just now" if seconds < 120 else f"{int(seconds // 60)} minutes ago"
    if seconds < 172_800:
        hours = int(seconds // 3600)
        return f"{hours} hour{'s' * (hours > 1)} ago"
    days = int(seconds // 86_400)
    return f"{days} days ago" if days < 60 else f"on {tell_day(at)}"
