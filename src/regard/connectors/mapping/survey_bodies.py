"""Looks at a sample of raw bodies: which places they have, how each is headed, and what stands there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regard.connectors.files.recognise_columns import ColumnFacts, is_empty, normalise_words
from regard.connectors.mapping.mask_steps import MASKED, mask_step
from regard.connectors.read_values import plain_text

_DEEPEST = 5
_MOST_BODIES = 500
_MOST_PLACES = 1_000
_FEWEST_NAMES = 5
# Words that say how a value is written, not what it is.
GENERIC_WORDS = frozenset(
    {"value", "amount", "raw", "content", "rendered", "text", "name", "iso", "date", "number", "full"}
)


@dataclass(slots=True)
class PlaceSurvey:
    """One place of the sample: its values as text, one a body at most, and how many bodies have it.

    `told` is the path without the object that holds the whole record.
    """

    path: str
    position: int
    values: list[str] = field(default_factory=list)
    whole_numbers: bool = True
    told: str = ""

    def __post_init__(self) -> None:
        """A place is told as it is until the survey finds out what the record lies in."""
        self.told = self.told or self.path

    @property
    def parent(self) -> str:
        """The place of the object that it is a part of; empty at the top."""
        return self.path.rpartition(".")[0]

    @property
    def last(self) -> str:
        """Its own name."""
        return self.path.rpartition(".")[2]

    def headers(self) -> list[str]:
        """What a table would call it, the whole way first: `customer email`, `email`."""
        parts = [part.removesuffix("[*]") for part in self.path.split(".")]
        found = [" ".join(parts), " ".join(parts[-2:]), parts[-1]]
        if len(parts) > 1 and normalise_words(parts[-1]) in GENERIC_WORDS:
            found.append(parts[-2])
        return list(dict.fromkeys(normalise_words(one) for one in found))

    def facts(self, header: str, total: int) -> ColumnFacts:
        """What the sample shows of it under one of its headers."""
        return ColumnFacts(header, self.position, total, tuple(self.values))


@dataclass(slots=True)
class BodySurvey:
    """The places of a sample, and of each list of objects the survey of its elements."""

    total: int = 0
    places: dict[str, PlaceSurvey] = field(default_factory=dict)
    lists: dict[str, BodySurvey] = field(default_factory=dict)

    def look_at(self, body: Mapping[str, Any]) -> None:
        """Add one body."""
        self.total += 1
        self._walk(body, "", 1)

    def leave_out_masked(self) -> None:
        """Forget the places below keys that look like values: no path names them for all records."""
        for found in (self.places, self.lists):
            for path in [path for path in found if MASKED in path.split(".")]:
                del found[path]
        for elements in self.lists.values():
            elements.leave_out_masked()

    def unwrap(self, names: Collection[str]) -> None:
        """Leave out of what is told an object of one of these names that holds the record and its id."""
        tops = {place.path.partition(".")[0] for place in self.places.values() if "." in place.path}
        for top in tops:
            inside = [place for place in self.places.values() if place.path.startswith(f"{top}.")]
            has_id = any(normalise_words(place.path.partition(".")[2]).endswith("id") for place in inside)
            if normalise_words(top) in names and has_id and "id" not in self.places:
                for place in inside:
                    place.told = place.path.partition(".")[2]

    def drop_common_prefix(self) -> None:
        """Leave out of what is told a word with which most names begin: `hs_call_title`, `ad_street`."""
        names = [normalise_words(place.told.rpartition(".")[2]) for place in self.places.values()]
        firsts = [name.split()[0] for name in names if " " in name]
        most = max(set(firsts), key=firsts.count, default="")
        if len(names) < _FEWEST_NAMES or firsts.count(most) * 5 < len(names) * 3:
            return
        for place in self.places.values():
            parent, dot, last = place.told.rpartition(".")
            words = normalise_words(last).split()
            if words[:1] == [most] and len(words) > 1:
                place.told = f"{parent}{dot}{'_'.join(words[1:])}"

    def _walk(self, value: Mapping[str, Any], prefix: str, depth: int) -> None:
        for key, one in value.items():
            path = f"{prefix}{_step(str(key))}"
            if isinstance(one, Mapping):
                if depth < _DEEPEST:
                    self._walk(one, f"{path}.", depth + 1)
            elif isinstance(one, list):
                self._list(path, one)
            elif (text := plain_text(one)) is not None and not is_empty(text):
                self._note(path, text, whole=isinstance(one, int) and not isinstance(one, bool))

    def _list(self, path: str, elements: Sequence[Any]) -> None:
        objects = [one for one in elements if isinstance(one, Mapping)]
        if objects:
            survey = self.lists.setdefault(path, BodySurvey())
            for one in objects[:50]:
                survey.look_at(one)
            return
        texts = [text for one in elements if (text := plain_text(one)) and not is_empty(text)]
        if texts:
            self._note(f"{path}[*]", texts[0], whole=False)

    def _note(self, path: str, text: str, *, whole: bool) -> None:
        if path not in self.places and len(self.places) >= _MOST_PLACES:
            return
        place = self.places.setdefault(path, PlaceSurvey(path, len(self.places)))
        place.values.append(text[:1_000])
        place.whole_numbers = place.whole_numbers and whole


def survey_bodies(bodies: Sequence[Mapping[str, Any]]) -> BodySurvey:
    """The survey of the first bodies."""
    survey = BodySurvey()
    for body in bodies[:_MOST_BODIES]:
        survey.look_at(body)
    return survey


def _step(key: str) -> str:
    key = mask_step(key)
    return f'"{key}"' if any(sign in key for sign in ".[]") else key

