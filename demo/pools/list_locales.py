"""All locales with their share of the customers, and names written in other scripts."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from demo.pools.describe_locale import Locale, read_locale

CODES: tuple[str, ...] = ("GB", "US", "DE", "PL", "BR")
SHARES: tuple[float, ...] = (0.32, 0.14, 0.30, 0.16, 0.08)


def all_locales() -> tuple[Locale, ...]:
    """The pools in the order of `SHARES`."""
    return tuple(read_locale(code) for code in CODES)


@dataclass(frozen=True, slots=True)
class Script:
    """Names in another script, each (as written, in Latin letters)."""

    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]


@functools.cache
def other_scripts(sex: str) -> tuple[Script, ...]:
    """Cyrillic, Chinese, Japanese, Korean and Greek names of men (`M`) or women (`F`)."""
    path = Path(__file__).with_name("other_scripts.json")
    entries: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))[sex]
    return tuple(Script(_pairs(entry["given"]), _pairs(entry["family"])) for entry in entries)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((native, latin) for native, _, latin in (word.partition("=") for word in text.split()))


HOSTILE_NAMES: tuple[str, ...] = (
    "<svg onload=alert(1)>",
    '=HYPERLINK("http://x","y")',
    "'; DROP TABLE customers; --",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "+cmd|' /C calc'!A0",
    "\u202eevil\u202c Müller",
    "محمد عبد الله",
    "שרה כהן",
    "👩‍👩‍👧‍👦 Familie 🦄",
    "Z̵̡̛a̶l̴g̵o̷ ̶N̸a̶m̵e̴",
    "null",
    "None",
    "undefined",
    "NaN",
    'O\'Brien-Smith "Bob"',
    "Robert\u200b\u200dTables",
    "ﬁancé Ǆungla",
    "A" * 300,
    "../../etc/passwd",
    "\\x00\\u0000 %00",
    "İstanbul ıIiİ ß ẞ",
    "-1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Ｆｕｌｌ　Ｗｉｄｔｈ",
    "javascript:alert(1)",
)

JOB_TITLES: tuple[str, ...] = (
    "Office Manager",
    "Head of Facilities",
    "Purchasing Manager",
    "Managing Director",
    "Executive Assistant",
    "Operations Manager",
    "Finance Manager",
    "HR Manager",
    "Team Assistant",
    "Accountant",
    "Buyer",
    "Founder",
    "Restaurant Manager",
)
STAFF: tuple[str, ...] = (
    "Hannah Fried",
    "Tomás Rocha",
    "Ewa Lis",
    "Callum Reid",
    "Jonas Brandt",
    "Mei Sullivan",
)
"""Own agents and account owners of the demo company."""
