"""What a card is: a block of the screen, made from a scene, drawn by one of nine renderers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from regard.views.compose_sentence import see_entry, sentence_of, tone_of
from regard.views.customer_data import RawEntry
from regard.views.show_scene import Scene

CardKind = Literal["fields", "list", "table", "timeline", "metric", "chart", "matrix", "text", "actions"]
ROWS = 3


@dataclass(frozen=True, slots=True)
class Made:
    """The content of a card. `sources` are those that feed it; `empty` is said when there is nothing."""

    payload: dict[str, Any]
    sources: frozenset[str] = frozenset()
    total: int | None = None
    empty: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One kind of card. `make` gives None when the role sees nothing of it.

    `types` are the interactions it needs, `entries` how many of each, `needs` what else must be read
    (`changes`, `accesses`, `household`), `depends` the kinds of change after which it must be made anew.
    """

    id: str
    kind: CardKind
    title: str
    make: Callable[[Scene], Made | None]
    depends: frozenset[str]
    types: tuple[str, ...] = ()
    entries: int = 8
    needs: frozenset[str] = frozenset()


def rows_made(
    rows: Sequence[dict[str, Any]], sources: frozenset[str], empty: str, total: int | None = None
) -> Made:
    """A card of rows, or the sentence that says there are none."""
    return Made({"rows": list(rows)}, sources, total if rows else None, None if rows else empty)


def list_entries(
    scene: Scene, entries: Sequence[RawEntry], empty: str, total: int | None = None
) -> Made | None:
    """A list card of interactions; None when the role sees none of their types."""
    rows = [list_row(scene, entry) for entry in entries[:ROWS]]
    return rows_made(rows, frozenset(entry.source for entry in entries[:ROWS]), empty, total)


def list_row(scene: Scene, entry: RawEntry) -> dict[str, Any]:
    """An interaction as a row of a list."""
    seen = see_entry(scene.redactor, entry)
    return {
        "id": entry.id,
        "title": seen.title or (f"{_noun(entry.type)} {seen.number}" if seen.number else sentence_of(seen)),
        "detail": seen.number if seen.title else None,
        "amount": seen.amount,
        "status": seen.status,
        "tone": tone_of(seen.status),
        "at": None if entry.undated else entry.at,
        "source": entry.source,
        "source_title": scene.titles.title(entry.source),
    }


def _noun(type_: str) -> str:
    return type_.replace("_", " ").capitalize()
