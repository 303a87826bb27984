"""Composes what is shown of raw records: each place under the rule of the fields that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from regard.access.load_roles import Role
from regard.access.mask_values import mask_shape

Json = dict[str, Any]
Uses = Mapping[str, Sequence[tuple[str, str]]]
"""Place -> (target, field) of everything that it becomes."""

_PARTIES = ("person", "organisation")
# Parts of an item that are no field of it, and the field whose rule they stand under.
_PARTS = {"id": "external_id", "party": "external_id", "unit_price": "amount"}


class StreamLens:
    """What a role may see of raw records; `shown` gathers the names of the fields that left in clear.

    A place is open when the role sees in clear everything it becomes. One that becomes nothing was
    classified by nobody: it is C3.
    """

    def __init__(self, role: Role) -> None:
        self._policy = role.policy
        self.blind = not role.may("customers")
        self.shown: set[str] = set()

    def place(self, uses: Sequence[tuple[str, str]], samples: Sequence[str]) -> list[str]:
        """The samples of a place, or how they are written."""
        if not self.is_open(uses):
            return [mask_shape(sample) for sample in samples]
        self.shown |= {_PARTS.get(field, field) for _, field in uses}
        return list(samples)

    def is_open(self, uses: Sequence[tuple[str, str]]) -> bool:
        """Whether the values of a place that becomes these may be seen."""
        if self.blind:
            return False
        names = [(target, _PARTS.get(field, field)) for target, field in uses]
        return all(self._shows(*one) for one in names) if names else self._shows_unknown()

    def item(self, item: Json) -> Json:
        """What a record states, each field under its own rule; `masked` names those shown by their shape."""
        target = item["target"]
        fields = {name: self._field(target, name, value) for name, value in item["fields"].items()}
        masked = [name for name in fields if not self._open(target, name)]
        told = {**item, "fields": fields, "masked": masked}
        for name in ("id", "party"):
            if told.get(name) and not self._open(target, "external_id"):
                told[name] = mask_shape(str(told[name]))
        return told

    def example(self, target: str, name: str, bad: Json) -> Json:
        """A value that was found wanting."""
        value = self._field(target, name, bad["value"])
        return {**bad, "value": value, "masked": not self._open(target, name)}

    def summary(self) -> str:
        """The names of the fields that left in clear, for the audit."""
        return f"show={','.join(sorted(self.shown))}"

    def _field(self, target: str, name: str, value: object) -> object:
        if self._open(target, name):
            return value
        if isinstance(value, list):
            return [mask_shape(_as_text(one)) for one in value]
        return mask_shape(_as_text(value))

    def _open(self, target: str, name: str) -> bool:
        if self.blind or not self._shows(target, name):
            return False
        self.shown.add(name)
        return True

    def _shows(self, target: str, field: str) -> bool:
        if field == "time":
            return True
        if target in _PARTIES or field == "external_id":
            return self._policy.shows(field)
        return self._policy.shows_entry(target, field)

    def _shows_unknown(self) -> bool:
        return self._policy.classes.get("C3") == "show"


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def compose_stream(lens: StreamLens, described: Json, uses: Uses) -> Json:
    """A stream's places with samples, and what some of its records state, as the role may see them."""
    places = [
        {
            **place,
            "samples": lens.place(uses.get(place["path"], ()), place["samples"]),
            "masked": bool(place["samples"]) and not lens.is_open(uses.get(place["path"], ())),
        }
        for place in described["places"]
    ]
    records = [
        {
            **record,
            "id": record["id"] if lens.place([("person", "id")], [record["id"]]) == [record["id"]] else "•••",
            "items": [lens.item(item) for item in record["items"]],
        }
        for record in described["records"]
    ]
    return {**described, "places": places, "records": records}


def compose_profile(lens: StreamLens, described: Json) -> Json:
    """A source's profile; examples of values under the rule of their field."""
    kinds = [
        {
            **kind,
            "fields": [
                {**one, "worst": [lens.example(kind["kind"], one["field"], bad) for bad in one["worst"]]}
                for one in kind["fields"]
            ],
        }
        for kind in described["kinds"]
    ]
    return {**described, "kinds": kinds}
