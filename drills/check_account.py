"""Holds what was acknowledged against what is there: log, timeline, figures, and a rebuild."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from benchmarks.run_installation import COMMAND, Installation, InstallationError
from benchmarks.show_table import Table, tell

from drills.write_events import AMOUNT_MINOR, SOURCE
from regard.db.named_queries import NamedQueries
from regard.db.pool import Connection, connect
from regard.pipeline.rebuild_projections import digest_customers

_QUERIES = NamedQueries(__package__, "drills.sql")
_LONGEST_REBUILD = 1_800


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of what is wrong; all of them must be nothing."""

    lost: int
    doubled: int
    unasked: int
    out_of_line: int
    parked: int
    not_in_view: int
    wrong_in_view: int
    wrong_figures: int

    @property
    def wrong(self) -> int:
        """Everything that is wrong."""
        return sum(getattr(self, name) for name in self.__slots__)


def check_account(place: Installation, table: Table, ledger: Path) -> int:
    """Put the account into the table, rebuild and compare; gives the number of things that are wrong."""
    wanted = _read_ledger(ledger)
    account = asyncio.run(_take_account(place.url, wanted))
    for name in Account.__slots__:
        table.put(name.replace("_", " "), getattr(account, name))
    before = asyncio.run(_digests(place.url))
    place.stop("worker")
    tell("rebuilding")
    log = place.home / "rebuild.log"
    with log.open("ab") as out:
        done = subprocess.run(
            [*COMMAND, "rebuild"], env=place.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            timeout=_LONGEST_REBUILD, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise InstallationError(f"the rebuild ended with {done.returncode}; see {log}")
    after = asyncio.run(_digests(place.url))
    differ = sum(before.get(one) != after.get(one) for one in before.keys() | after.keys())
    table.put("customers that a rebuild makes differently", differ, f"of {len(after):,}")
    return account.wrong + differ


def _read_ledger(ledger: Path) -> dict[str, str]:
    """Event id -> the customer's id at the source."""
    wanted: dict[str, str] = {}
    with ledger.open(encoding="ascii") as lines:
        for line in lines:
            event_id, _, party = line.strip().partition(" ")
            wanted[event_id] = party
    return wanted


async def _take_account(url: str, wanted: dict[str, str]) -> Account:
    connection = await connect(url)
    try:
        kept = {
            row["event_id"]: int(row["times"])
            for row in await connection.fetch(_QUERIES["read_orders_of_log"], SOURCE)
        }
        missing, foreign = await _compare_timeline(connection, wanted)
        return Account(
            lost=len(wanted.keys() - kept.keys()),
            doubled=sum(times - 1 for times in kept.values()),
            unasked=len(kept.keys() - wanted.keys()),
            out_of_line=int(await connection.fetchval(_QUERIES["count_numbers"])),
            parked=int(await connection.fetchval(_QUERIES["count_parked"])),
            not_in_view=missing,
            wrong_in_view=foreign,
            wrong_figures=await _compare_figures(connection, wanted),
        )
    finally:
        await connection.close()


async def _compare_timeline(connection: Connection, wanted: dict[str, str]) -> tuple[int, int]:
    due = Counter((event_id.replace("order-", "O"), party) for event_id, party in wanted.items())
    rows = await connection.fetch(_QUERIES["read_orders_of_timeline"], SOURCE)
    shown = Counter((row["external_id"], row["party"]) for row in rows)
    return (due - shown).total(), (shown - due).total()


async def _compare_figures(connection: Connection, wanted: dict[str, str]) -> int:
    due = Counter(wanted.values())
    wrong = 0
    for row in await connection.fetch(_QUERIES["read_figures"], SOURCE):
        orders = due.pop(row["party"], 0)
        wrong += (row["orders"] or 0, row["minor"] or 0) != (orders, orders * AMOUNT_MINOR)
    return wrong + len(due)


async def _digests(url: str) -> dict[UUID, str]:
    connection = await connect(url)
    try:
        return await digest_customers(connection)
    finally:
        await connection.close()
