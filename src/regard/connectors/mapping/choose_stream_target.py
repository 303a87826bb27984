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
_ADDRESSES = ("address", "adress", "anschrift", "direccion", "endereco", "mail", "phone", "telefon")
_VAGUE = frozenset({"transactions", "transaction"})
_OF_TICKETS = frozenset({"ticket id", "case id", "conversation id", "ticket", "thread id", "issue id"})


@dataclass(frozen=True, slots=True)
class SampleSigns:
    """What a sample shows besides the names of its places.

    `names_party` says that the records hold the id of a party; `tells_person` that they hold an address of
    somebody; `has_text` that somebody wrote something; `mail_events` that they tell what became of mails;
    `has_time` that they say when, `has_money` that they hold sums.
    """

    names_party: bool = False
    tells_person: bool = False
    has_text: bool = False
    mail_events: bool = False
    has_time: bool = False
    has_money: bool = False
    columns: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class ChosenTarget:
    """The target, None when the records tell of no customer, and why."""

    target: str | None
    reason: str


def choose_stream_target(facts: Sequence[ColumnFacts], stream: str, signs: SampleSigns) -> ChosenTarget:
    """The likeliest target by the name of the stream, the names of the places, and what stands there."""
    named = () if _is_vague(stream, signs) else targets_named(stream)
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


def _is_vague(stream: str, signs: SampleSigns) -> bool:
    """Whether a name says something about money where there is none: transactions of a ticket."""
    return bool(_VAGUE & set(name_tokens(stream))) and not signs.has_money


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
    (lambda s: s.has_text and bool(_OF_TICKETS & s.columns), "message", 3.6),
    (lambda s: s.has_text and bool({"to", "recipient", "cc"} & s.columns), "message", 1.6),
    (lambda s: bool({"gateway", "payment method", "card", "psp reference"} & s.columns), "payment", 1.2),
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
    if tokens and tokens[-1].endswith(("address", "addresses", "adresse", "adressen")):
        return True
    return any(form in known for phrase in ends for form in _forms(phrase))


def holds_addresses(stream: str) -> bool:
    """Whether a stream's name says that its rows are addresses or numbers of somebody."""
    tokens = name_tokens(stream)
    return bool(tokens) and is_part_of_party(stream) and any(word in tokens[-1] for word in _ADDRESSES)
