"""Cuts batches into portions that one transaction takes in a short time. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from regard.connectors.connector_contract import RawRecord

MOST_RECORDS = 1_000
MOST_STATES = 8
"""How often one record may change within a transaction: each time is a round of its own."""


def cut_batch(records: Sequence[RawRecord]) -> list[Sequence[RawRecord]]:
    """The records in their order, in portions; at least one portion, empty where there are no records."""
    ends = find_ends([(one.stream, one.external_id) for one in records])
    return [records[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def find_ends(names: Sequence[object]) -> list[int]:
    """Where the portions of a row of names end; the last is its length."""
    ends: list[int] = []
    times: Counter[object] = Counter()
    begun = 0
    for index, name in enumerate(names):
        if index - begun == MOST_RECORDS or times[name] == MOST_STATES:
            ends.append(index)
            times.clear()
            begun = index
        times[name] += 1
    return [*ends, len(names)]
