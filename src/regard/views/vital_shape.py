"""What a vital is: one of the five words or numbers at the top of the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from regard.views.show_scene import Scene


@dataclass(frozen=True, slots=True)
class Told:
    """The content of a vital; `sources` are those that feed it."""

    value: str
    hint: str | None = None
    tone: str = "neutral"
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Vital:
    """One kind of vital. A role may have it only if it sees every field of `derives` in clear.

    `types` are the interactions it needs, `needs` what else must be read.
    """

    id: str
    label: str
    tell: Callable[[Scene], Told]
    derives: tuple[str, ...]
    types: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()


def compose_vital(vital: Vital, scene: Scene) -> dict[str, Any]:
    """The vital as the screen takes it; what it derives from counts as shown."""
    for field in vital.derives:
        scene.redactor.text(field, "")
    told = vital.tell(scene)
    return {
        "id": vital.id,
        "label": vital.label,
        "value": told.value,
        "hint": told.hint,
        "tone": told.tone,
        "source_titles": sorted(scene.titles.title(slug) for slug in told.sources),
    }


def sources_of(scene: Scene, *fields: str) -> frozenset[str]:
    """The sources of these golden values."""
    return frozenset(scene.data.golden[field].source for field in fields if field in scene.data.golden)


def sources_of_types(scene: Scene, types: Iterable[str]) -> frozenset[str]:
    """The sources of the newest interactions of these types."""
    return frozenset(entry.source for entry in scene.entries(*types))
