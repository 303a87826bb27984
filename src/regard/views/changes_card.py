"""The card of records that came to the customer or left it."""

from __future__ import annotations

from regard.views.card_shape import ROWS, Card, Made, rows_made
from regard.views.customer_data import RawChange
from regard.views.show_scene import Scene

_CAUSES = {
    "judgement": "because somebody judged so",
    "judgement withdrawn": "because a judgement was taken back",
    "records": "because of what the records say",
}


def change_sentence(change: RawChange, customer_id: str) -> str:
    """What happened to the record, in words."""
    if change.after == customer_id:
        return "A record joined" if change.before else "A first record came"
    return "A record left"


def cause_words(cause: str) -> str:
    """Why it happened."""
    return _CAUSES.get(cause, cause.replace("_", " "))


def make_changes(scene: Scene) -> Made | None:
    """The newest first."""
    titles = {record.id: scene.titles.title(record.source) for record in scene.data.records}
    rows = [
        {
            "id": f"{change.record}-{number}",
            "title": change_sentence(change, str(scene.data.id)),
            "detail": cause_words(change.cause),
            "amount": None,
            "status": None,
            "tone": "neutral",
            "at": change.at,
            "source": None,
            "source_title": titles.get(change.record),
        }
        for number, change in enumerate(scene.data.changes[:ROWS])
    ]
    total = len(scene.data.changes)
    return rows_made(rows, frozenset(), "The records have not changed hands", total)


CARD = Card(
    "changes",
    "list",
    "Merges and splits",
    make_changes,
    frozenset({"identity"}),
    needs=frozenset({"changes"}),
)
