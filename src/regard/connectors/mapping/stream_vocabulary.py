"""The words by which streams and places of unknown systems say what they are, from `stream_words.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import msgspec

from regard.connectors.files.recognise_columns import normalise_words

_SHORTEST_PLURAL = 3
_FOLDS = (("ae", "a"), ("oe", "o"), ("ue", "u"))


class _File(msgspec.Struct, forbid_unknown_fields=True):
    nothing: list[str]
    parts: list[str]
    fillers: list[str]
    staff: list[str]
    wrappers: list[str]
    money: list[str]
    company: list[str]
    individual: list[str]
    company_flags: list[str]
    kinds_of_party: list[str]
    keys: list[str]
    values: list[str]
    starts: list[str]
    conditions: list[str]
    deleted_flags: list[str]
    deleted_times: list[str]
    created: list[str]
    abbreviations: dict[str, str]
    mail_events: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class StreamWords:
    """Each list of the file; `mail_events` leads from a sender's word to Regard's."""

    nothing: frozenset[str]
    parts: frozenset[str]
    fillers: frozenset[str]
    staff: frozenset[str]
    wrappers: frozenset[str]
    money: frozenset[str]
    company: frozenset[str]
    individual: frozenset[str]
    company_flags: frozenset[str]
    kinds_of_party: frozenset[str]
    keys: frozenset[str]
    values: frozenset[str]
    starts: frozenset[str]
    conditions: frozenset[str]
    deleted_flags: frozenset[str]
    deleted_times: frozenset[str]
    created: frozenset[str]
    abbreviations: dict[str, str]
    mail_events: dict[str, str]


@cache
def stream_words() -> StreamWords:
    """The shipped list, read when first asked for."""
    raw = resources.files(__package__).joinpath("stream_words.toml").read_bytes()
    file = msgspec.toml.decode(raw, type=_File)
    lists = {
        name: frozenset(value)
        for name in _File.__struct_fields__
        if isinstance(value := getattr(file, name), list)
    }
    events = {word: meaning for meaning, words in file.mail_events.items() for word in words}
    return StreamWords(**lists, abbreviations=file.abbreviations, mail_events=events)


def spellings(words: str) -> list[str]:
    """Normalised words as they are, with abbreviations written out, and with ae, oe, ue as a, o, u."""
    known = stream_words().abbreviations
    found = [words, " ".join(full for word in words.split() if (full := known.get(word, word)))]
    folded = words
    for sign, plain in _FOLDS:
        folded = folded.replace(sign, plain)
    return list(dict.fromkeys([*found, folded]))


def name_tokens(name: str) -> list[str]:
    """The telling words of a stream's name: `public.tbl_Order_Header` is `order`."""
    tokens = [token for token in normalise_words(name.rpartition(".")[2]).split() if not token.isdigit()]
    fillers = stream_words().fillers
    while len(tokens) > 1 and tokens[-1] in fillers:
        tokens.pop()
    while len(tokens) > 1 and tokens[0] in fillers:
        tokens.pop(0)
    return tokens


def singular(word: str) -> str:
    """A plural in English or Spanish as one: `companies`, `boxes`, `orders`."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST_PLURAL
    return word[:-1] if plural else word
