"""Weights of a whole address from weights of its parts, for models that compare the parts one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ADDRESS_PARTS = ("street", "address", "house_number", "unit", "postcode", "city", "state", "country")
"""Field types that are parts of the one address that records are compared by."""

Outcome = Literal["agrees", "close", "differs"]
_STREET = ("street", "address")
_HOUSE = ("house_number", "unit")
_AREA = ("state", "country")
_PLACE = ("postcode", "city", *_AREA)

_OUTCOMES: Mapping[str, tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], Outcome], ...]]] = {
    "exact": (_STREET, (((*_STREET, *_HOUSE, *_PLACE), "agrees"),)),
    "close": (_STREET, ((_STREET, "close"), ((*_HOUSE, *_PLACE), "agrees"))),
    "street": (_STREET, (((*_STREET, *_PLACE), "agrees"),)),
    "neighbour": (_HOUSE, ((_STREET, "agrees"), (_HOUSE, "differs"), (_PLACE, "agrees"))),
    "postcode": (("postcode",), ((_PLACE, "agrees"),)),
    "city": (("city",), ((("city", *_AREA), "agrees"), (("postcode",), "differs"))),
    "moved_postcode": (("postcode",), (((*_STREET, *_HOUSE), "differs"), (_PLACE, "agrees"))),
    "moved_city": (
        ("city",),
        (((*_STREET, *_HOUSE, "postcode"), "differs"), (("city", *_AREA), "agrees")),
    ),
    "elsewhere": (ADDRESS_PARTS, ((ADDRESS_PARTS, "differs"),)),
}
"""Level of the address -> (parts of which one must be weighed, what each part says at this level)."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a model says of one part: outcome -> (m, u), and the labels it has for each outcome."""

    comparison: str
    chances: Mapping[str, tuple[float, float]]
    labels: Mapping[str, tuple[str, ...]]


def combine_parts(parts: Mapping[str, Part]) -> dict[str, tuple[float, float]]:
    """Level of the address -> (m, u): the product over the parts, each at what it says at that level.

    A part without the outcome says nothing. Levels that no part stands for are left out.
    """
    found = {}
    for level, (needed, outcomes) in _OUTCOMES.items():
        said = [(name, outcome) for names, outcome in outcomes for name in names if name in parts]
        if not any(name in needed and outcome in parts[name].chances for name, outcome in said):
            continue
        m = u = 1.0
        for name, outcome in said:
            mine = parts[name].chances.get(outcome, (1.0, 1.0))
            m, u = m * mine[0], u * mine[1]
        found[level] = m, u
    return found
