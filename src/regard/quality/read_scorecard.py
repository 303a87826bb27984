"""Reads how good a source is, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from regard.db.pool import Connection
from regard.quality.count_quality import QUERIES, RECORD


@dataclass(slots=True)
class FieldScore:
    """Counts of records by verdict; `reasons` by verdict and reason. `judged` is False without rules."""

    name: str
    filled: int = 0
    ok: int = 0
    fixed: int = 0
    suspect: int = 0
    invalid: int = 0
    judged: bool = False
    reasons: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, verdict: str, reason: str, n: int) -> None:
        """Count a flag."""
        self.filled += n
        if verdict == "filled":
            return
        self.judged = True
        setattr(self, verdict, getattr(self, verdict) + n)
        if reason:
            self.reasons[verdict, reason] = self.reasons.get((verdict, reason), 0) + n

    @property
    def valid_share(self) -> float | None:
        """The share of filled values that are well (ok or fixed); None without rules or values."""
        return (self.ok + self.fixed) / self.filled if self.judged and self.filled else None


@dataclass(slots=True)
class KindScore:
    """The persons or the organisations of a source."""

    source: str
    kind: str
    records: int = 0
    fields: dict[str, FieldScore] = field(default_factory=dict)

    def filled_share(self, name: str) -> float:
        """The share of records in which a field is filled."""
        return self.fields[name].filled / self.records if self.records else 0.0


async def read_scorecard(connection: Connection, source: str | None) -> list[KindScore]:
    """The scores of a source, or of all, the most filled fields first."""
    rows = await connection.fetch(QUERIES["read_counts"], source)
    return build_scorecard((row["source"], row["kind"], row["flag"], row["n"]) for row in rows)


def build_scorecard(counts: Iterable[tuple[str, str, str, int]]) -> list[KindScore]:
    """Scores out of counted flags."""
    scores: dict[tuple[str, str], KindScore] = {}
    for source, kind, flag, n in counts:
        score = scores.setdefault((source, kind), KindScore(source, kind))
        if flag == RECORD:
            score.records += n
            continue
        name, _, rest = flag.partition(":")
        verdict, _, reason = rest.partition(":")
        score.fields.setdefault(name, FieldScore(name)).add(verdict, reason, n)
    for score in scores.values():
        ordered = sorted(score.fields.values(), key=lambda one: (-one.filled, one.name))
        score.fields = {one.name: one for one in ordered}
    return list(scores.values())
