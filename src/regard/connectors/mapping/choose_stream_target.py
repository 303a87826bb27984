"""Guesses what the records of a stream are: parties, a kind of interaction, or nothing about customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from regard.connectors.files.choose_target import clue_scores
from regard.connectors.files.load_fields import load_fields
from regard.connectors.files.recognise_columns import ColumnFacts
from regard.connectors.mapping.stream_vocabulary import name_tokens, singular, spellings, stream_words

_NAMED, _HINTED = 3.0, 2.0
_CLEAR = 1.5
# A row like this is a step of dealing with a customer, whatever its table is called.
_FREE_TEXT = frozenset({"note", "text", "message"})


@dataclass(frozen=True, slots=True)
class SampleSigns:
    """What a sample shows besides the names of its places.

    `names_party` says that the records hold the id of a party; `tells_person` that they hold an address of
    somebody; `has_text` that somebody wrote something; `mail_events` that they tell what became of mails;
    `has_time` that they say when.
    """

    names_party: bool = False
    tells_person: bool = False
    has_text: bool = False
    mail_events: bool = False
    has_time: bool = False
    has_lists: bool = False
    columns: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class ChosenTarget:
    """The target, None when the records tell of no customer, and why."""

    target: str | None
    reason: str


def choose_stream_target(facts: Sequence[ColumnFacts], stream: str, signs: SampleSigns) -> ChosenTarget:
    """The likeliest target by the name of the stream, the names of the places, and what stands there."""
    named = targets_named(stream)
    nothing = not named and _names_nothing(stream)
    scores = clue_scores(facts)
    for rank, target in enumerate(named):
        scores[target] += _NAMED if rank == 0 or named[0] in ("person", "organisation") else _HINTED
    for test, target, weight in _SIGNS:
        if test(signs):
            scores[target] += weight
    best = max(scores, key=lambda one: scores[one])
    if nothing and (best not in ("person", "organisation") or scores[best] < 2.5 or not signs.tells_person):
        return ChosenTarget(None, "The stream's name says that it holds no customers and nothing of theirs.")
    if scores[best] >= _CLEAR or (best in named and scores[best] >= 1.0):
        label = next(one.label for one in load_fields().targets if one.id == best)
        return ChosenTarget(best, f"The headers and the name of the stream point to: {label}.")
    return _fall_back(signs)


def _fall_back(signs: SampleSigns) -> ChosenTarget:
    """When nothing names the records: what happened to a party they name, else somebody, else nothing."""
    if signs.names_party and signs.has_text:
        return ChosenTarget("note", "The records name a party and hold a text: notes are assumed.")
    if signs.tells_person and not signs.names_party:
        return ChosenTarget("person", "Nothing tells what the rows are, but they hold addresses of persons.")
    return ChosenTarget(
        None, "Nothing tells that these records are about customers; nothing is made of them."
    )


_SIGNS: tuple[tuple[Callable[[SampleSigns], bool], str, float], ...] = (
    (lambda s: s.mail_events and s.tells_person, "campaign", 3.5),
    (lambda s: s.names_party and s.has_text and s.has_time and len(s.columns) <= 7, "note", 1.5),
    (lambda s: bool({"expected revenue", "sales stage", "deal name", "deal value"} & s.columns), "deal", 3.5),
    (lambda s: bool({"attendees", "start time", "end time", "invitees", "organizer"} & s.columns)
     and bool({"start time", "start"} & s.columns), "meeting", 2.5),
)  # fmt: skip


@lru_cache(maxsize=10_000)
def targets_named(stream: str) -> tuple[str, ...]:
    """The targets that a name says, likeliest first: the whole name, its last words, its first ones."""
    tokens = name_tokens(stream)
    for phrase in _phrases(tokens):
        found = [one for words in _forms(phrase) for one in _by_word().get(words, ())]
        if found:
            return tuple(dict.fromkeys(found))
        if phrase in stream_words().nothing:
            return ()
    return tuple(_by_compound(tokens))


def _names_nothing(stream: str) -> bool:
    tokens = name_tokens(stream)
    known = stream_words().nothing
    ends = {*_phrases(tokens)} if tokens else set()
    return any(form in known for phrase in ends for form in _forms(phrase))


def _phrases(tokens: Sequence[str]) -> list[str]:
    """The whole name, then its ends from long to short, then its beginnings: a table is what stands last."""
    ends = [" ".join(tokens[start:]) for start in range(len(tokens))]
    beginnings = [" ".join(tokens[:end]) for end in range(len(tokens) - 1, 0, -1)]
    return list(dict.fromkeys([*ends, *beginnings]))


def _forms(phrase: str) -> list[str]:
    head, _, last = phrase.rpartition(" ")
    one = f"{head} {singular(last)}".strip()
    return list(dict.fromkeys([*spellings(phrase), one, f"{phrase}s"]))


@cache
def _by_word() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target in load_fields().targets:
        for word in target.words:
            found.setdefault(word, []).append(target.id)
    return found


def _by_compound(tokens: Sequence[str]) -> list[str]:
    """German words are made of others: `kundenrechnungen` ends with what it is."""
    if not tokens:
        return []
    last = tokens[-1]
    ends = [
        (len(word), target.id)
        for target in load_fields().targets
        for word in target.words
        if len(word) >= 6 and " " not in word and last != word and last.endswith(word)
    ]
    longest = max((length for length, _ in ends), default=0)
    return [target for length, target in ends if length == longest]


def is_part_of_party(stream: str) -> bool:
    """Whether a stream's name says that its rows are parts of parties: their addresses, their numbers."""
    known, tokens = stream_words().parts, name_tokens(stream)
    ends = [" ".join(tokens[start:]) for start in range(len(tokens))]
    return any(form in known for phrase in ends for form in _forms(phrase))


def has_free_text(words: str) -> bool:
    """Whether a name says that somebody wrote what stands there."""
    return bool(_FREE_TEXT & set(words.split()))
