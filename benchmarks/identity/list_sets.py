"""The sets by name, and how each is made. A name may end in a seed: `historical_s3`.

Sizes are part of the name where a set has them: `customers_100k`, `demo_hostile_30k_s2`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.identity.make_company_set import make_company
from benchmarks.identity.make_customer_set import make_customers
from benchmarks.identity.make_historical_set import make_historical
from benchmarks.identity.make_register_set import make_registers
from benchmarks.identity.make_truth_set import make_truth_set
from benchmarks.identity.make_voter_set import make_voters
from benchmarks.identity.read_public_sets import (
    SetMissingError,
    make_fake_1000,
    make_febrl3,
    make_febrl4,
)

USUAL = (
    "febrl3", "febrl4", "fake_1000", "psp_multi", "demo_real_s1", "demo_real_s2", "demo_hostile_s3",
    "historical", "voters", "truthset", "customers_10k", "hubs_12k",
)  # fmt: skip
"""What `python -m benchmarks.identity` measures when nothing is asked for."""

_NAME = re.compile(r"(?P<base>.+?)(?:_(?P<size>\d+)(?P<unit>[km]))?(?:_s(?P<seed>\d+))?")
_UNITS = {"k": 1_000, "m": 1_000_000}

Maker = Callable[[Path, int, int], None]
"""folder, size (0: the usual one), seed."""


def _company(profile: str) -> Maker:
    def make(folder: Path, size: int, seed: int) -> None:
        make_company(folder, size or 10_000, seed, profile)

    return make


MAKERS: Mapping[str, tuple[str, Maker]] = {
    "febrl3": ("5,000 records, up to 5 duplicates a person", lambda folder, size, seed: make_febrl3(folder)),
    "febrl4": ("5,000 + 5,000 records, one pair a person", lambda folder, size, seed: make_febrl4(folder)),
    "fake_1000": ("1,000 records of 251 persons", lambda folder, size, seed: make_fake_1000(folder)),
    "psp_multi": (
        "seven registers of 17,000 simulated people",
        lambda folder, size, seed: make_registers(folder, seed),
    ),
    **{
        f"demo_{profile}": (f"the demo company's records, {profile} data; size: customers", _company(profile))
        for profile in ("clean", "real", "hostile")
    },
    "historical": (
        "about ten near-duplicates a person; size: persons",
        lambda folder, size, seed: make_historical(folder, size or 1_600, seed),
    ),
    "voters": (
        "five lists of name and town, 40 % with mistakes; size: records a list",
        lambda folder, size, seed: make_voters(folder, size or 5_000, seed, 0.4),
    ),
    "voters_apart": (
        "the same, and the map says that no list has duplicates",
        lambda folder, size, seed: make_voters(folder, size or 5_000, seed, 0.4, apart=True),
    ),
    "voters_ages": (
        "the same with ages and 20 % mistakes",
        lambda folder, size, seed: make_voters(folder, size or 5_000, seed, 0.2, ages=True),
    ),
    "truthset": (
        "cases a steward would recognise, 330 records",
        lambda folder, size, seed: make_truth_set(folder, 5, seed),
    ),
    "customers": (
        "a retailer's five sources; size: records",
        lambda folder, size, seed: make_customers(folder, size or 10_000, seed),
    ),
    "hubs": (
        "the same, a sixth of the records on one mailbox and one phone; size: records",
        lambda folder, size, seed: make_customers(
            folder, (size or 12_000) * 5 // 6, seed, (size or 12_000) // 6
        ),
    ),
}


def make_set(name: str, folder: Path) -> None:
    """Write the set called ``name`` into the folder; SetMissingError says what a set lacks."""
    found = _NAME.fullmatch(name)
    maker = MAKERS.get(found["base"]) if found else None
    if found is None or maker is None:
        message = f"There is no set called {name!r}. Sets: {', '.join(MAKERS)}, with _10k and _s2 behind."
        raise SetMissingError(message)
    size = int(found["size"]) * _UNITS[found["unit"]] if found["size"] else 0
    maker[1](folder, size, int(found["seed"] or 1))
