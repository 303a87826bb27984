"""Finds the places by which a source says that a record is deleted though it is still there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.describe_stream_mapping import Condition
from regard.connectors.mapping.stream_vocabulary import spellings, stream_words
from regard.connectors.read_values import plain_text

_YES = ["1", "true", "True", "t", "T", "Y", "y", "yes", "Yes", "J", "j", "S", "X"]
_NO = frozenset({"0", "false", "False", "f", "F", "N", "n", "no", "No", ""})


def find_deletions(bodies: Sequence[Mapping[str, Any]]) -> list[Condition]:
    """The conditions of which one says that a record is gone: `deleted` is yes, or `deleted_at` is filled."""
    words = stream_words()
    found = []
    for name in dict.fromkeys(name for body in bodies for name in body):
        told = set(spellings(normalise_words(name)))
        values = {plain_text(body.get(name)) for body in bodies} - {None}
        if told & words.deleted_flags and values and values <= {*_YES, *_NO}:
            found.append(Condition(_path(name), is_=_YES))
        elif told & words.deleted_times and not any(str(one).startswith("0") for one in values):
            found.append(Condition(_path(name)))
    return found


def _path(name: str) -> str:
    return f'"{name}"' if any(sign in name for sign in ".[]") else name
