"""Knows what people call each source and how fresh it is, asked anew every few seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.kit.tell_dates import tell_moment

_queries = NamedQueries(__package__, "views.sql")
_KEPT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class SourceTitle:
    """One source; `expected_every` is in seconds, None when nothing is expected of it."""

    title: str
    last_received_at: datetime | None
    expected_every: float | None


@dataclass(frozen=True, slots=True)
class SourceTitles:
    """All sources at one moment."""

    by_slug: dict[str, SourceTitle] = field(default_factory=dict)

    def title(self, slug: str) -> str:
        """What people call the source."""
        known = self.by_slug.get(slug)
        return known.title if known else slug

    def freshness(self, slugs: set[str], now: datetime) -> dict[str, object]:
        """How fresh a block fed by these sources is, and a sentence when one of them is late."""
        known = [self.by_slug[slug] for slug in slugs if slug in self.by_slug]
        seen = [source.last_received_at for source in known if source.last_received_at]
        late = [source for source in known if _is_late(source, now)]
        fresh: dict[str, object] = {"as_of": max(seen, default=None), "late": bool(late)}
        if late:
            at = late[0].last_received_at
            since = f"since {tell_moment(at)}" if at else "yet"
            fresh["sentence"] = f"{late[0].title} has sent nothing {since}"
        return fresh


def _is_late(source: SourceTitle, now: datetime) -> bool:
    if source.expected_every is None:
        return False
    if source.last_received_at is None:
        return True
    return (now - source.last_received_at).total_seconds() > source.expected_every


class SourceBook:
    """Reads the sources at most every three seconds."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._titles = SourceTitles()
        self._read_at: datetime | None = None

    async def titles(self, now: datetime) -> SourceTitles:
        """The sources as of a moment ago."""
        if self._read_at is None or not timedelta() <= now - self._read_at < _KEPT:
            rows = await self._pool.fetch(_queries["read_sources"])
            self._titles = SourceTitles(
                {
                    row["slug"]: SourceTitle(row["title"], row["last_received_at"], row["expected_every"])
                    for row in rows
                }
            )
            self._read_at = now
        return self._titles
