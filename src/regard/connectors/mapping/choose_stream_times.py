"""Guesses where a record says when it happened and when it changed last."""

from __future__ import annotations

import re
from collections.abc import Sequence

from regard.connectors.files.load_fields import PARTY_TARGETS, load_fields
from regard.connectors.mapping.match_places import Headings, is_wrapper
from regard.connectors.mapping.recognise_times import holds_times
from regard.connectors.mapping.stream_vocabulary import spellings, stream_words
from regard.connectors.mapping.survey_bodies import PlaceSurvey

_DAY_ONLY = re.compile(r"\d{4}-\d\d-\d\d")
# When it took place rather than when somebody wrote it down, for what is planned ahead.
_PLANNED = frozenset({"meeting", "call"})
_OF_PLANS = frozenset({"validity", "valid", "due", "deadline", "expiry", "expires", "delivery", "birth"})


def choose_stream_times(
    places: Sequence[PlaceSurvey], target: str, headings: Headings
) -> tuple[str | None, str | None]:
    """The places of when it happened (interactions only) and of when the record changed last."""
    timed = [place for place in places if _is_near(place) and holds_times(place.values)]
    words = load_fields().date_words
    updated = _best(timed, headings, words["updated_at"], "")
    if target in PARTY_TARGETS:
        return None, updated
    others = [place for place in timed if place.path != updated]
    occurred = _best(others, headings, words["occurred_at"], target)
    return occurred or _only_time(others, headings), updated


def _is_near(place: PlaceSurvey) -> bool:
    """At the top, or in objects that say nothing of their own."""
    return all(is_wrapper(part) for part in place.told.split(".")[:-1])


def _best(places: Sequence[PlaceSurvey], headings: Headings, words: Sequence[str], target: str) -> str | None:
    ranked = []
    for place in places:
        names = {one for heading in headings(place) for one in spellings(heading)}
        scores = [score for name in names if (score := _score(name, words, target))]
        if scores:
            exact = 0.1 * (1 - sum(1 for one in place.values[:50] if _DAY_ONLY.fullmatch(one))
                           / max(1, len(place.values[:50])))  # fmt: skip
            depth = 0.05 * place.told.count(".")
            ranked.append(
                (max(scores) + exact + 0.2 * _filled(place, places) - depth, -place.position, place.path)
            )
    return max(ranked)[2] if ranked else None


def _score(name: str, words: Sequence[str], target: str) -> float:
    """What a name is worth: the record's own time before the time when somebody entered it."""
    if name in stream_words().created and name in words:
        return 0.8
    if name in words:
        return 1.2 if target in _PLANNED and name in stream_words().starts else 1.0
    if target in _PLANNED and name in stream_words().starts:
        return 1.15
    parts = target.split("_")
    behind = " ".join(token for token in name.split() if token not in parts)
    if behind != name and behind in words:
        return 1.1
    return 0.0


def _filled(place: PlaceSurvey, places: Sequence[PlaceSurvey]) -> float:
    most = max(len(one.values) for one in places)
    return len(place.values) / most if most else 0.0


def _only_time(places: Sequence[PlaceSurvey], headings: Headings) -> str | None:
    """The single time of a record, if it is not that of a plan."""
    due = next(one.words for one in load_fields().fields if one.id == "due_at")
    found = [
        place.path for place in places
        if not any(
            name in due or _OF_PLANS & set(name.split())
            for heading in headings(place) for name in spellings(heading)
        )
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None
