"""The glossary has every word once; house, dependencies and decisions are described as they are."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from regard.access.decide_policy import ACTIONS
from regard.eventlog.append_events import Outcome
from regard.events.record_events import PartyKind
from tests.docs.pages import ROOT, name_of, read

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
WORDS = (
    "source", "connector", "source record", "event", "interaction", "identifier", "evidence",
    "membership", "match decision", "judgement", "customer", "profile", "golden record",
    "survivorship", "provenance", "timeline", "consent", "preference", "indicator", "segment",
    "household", "account", "card", "desktop", "steward", "quarantine", "destination", "delivery",
    "purpose", "verification level", "field class", "stream", "external id", "record id", "version",
    "principal", "role", "right", "policy", "session", "view", "audit", "ingest key", "root key",
    "keyring", "lease", "epoch", "partition", "position", "projection", "rebuild", "change feed",
    "thread", "guest", "extra", "upsert", "patch", "mapping", "dry run", "dialect", "clock", "door",
    "room", "law", "hub", "piece", "solver", "level", "bits", "blocking key", "vital", "alert",
    "setup code", "envelope", "subject", "body", "occurred at", "stated at", "received at",
    "migration",
)  # fmt: skip


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read(ROOT / "pyproject.toml"))


def glossary_words() -> list[str]:
    """The words that begin an entry, in small letters."""
    entries = re.findall(r"^\*\*.*?(?=:|\. )", read(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    return [word.lower() for entry in entries for word in re.findall(r"\*\*(.+?)\*\*", entry)]


def test_the_glossary_has_every_word_of_the_code() -> None:
    wanted = {*WORDS, *ACTIONS, *get_args(PartyKind), *get_args(Outcome)}
    assert sorted(wanted - set(glossary_words())) == []


def test_no_word_of_the_glossary_has_two_entries() -> None:
    assert [word for word, times in Counter(glossary_words()).items() if times > 1] == []


def test_the_architecture_lists_every_room_with_the_duty_it_states_itself() -> None:
    layers = reversed(pyproject()["tool"]["importlinter"]["contracts"][0]["layers"])
    rooms = [room for layer in layers for room in layer.split(" | ")]
    listed = re.findall(r"^\| `(\w+)` \| (.*) \|$", read(ROOT / "ARCHITECTURE.md"), re.MULTILINE)
    assert [(room, importlib.import_module(f"regard.{room}").__doc__) for room, _ in listed] == listed
    assert sorted(room for room, _ in listed) == sorted(rooms)


def test_the_architecture_draws_the_import_contract() -> None:
    layers = list(reversed(pyproject()["tool"]["importlinter"]["contracts"][0]["layers"]))
    drawn = re.search(r"^kit < .*? processes$", read(ROOT / "ARCHITECTURE.md"), re.MULTILINE | re.DOTALL)
    assert drawn is not None
    assert [" ".join(layer.strip("( )\n").split()) for layer in drawn[0].split("<")] == layers


def test_the_way_of_one_event_names_files_that_exist() -> None:
    named = re.findall(r"^ *(\w+/\w+\.py)", read(ROOT / "ARCHITECTURE.md"), re.MULTILINE)
    assert len(named) > 8
    assert [name for name in named if not (ROOT / "src" / "regard" / name).is_file()] == []


def test_every_runtime_dependency_has_its_reason() -> None:
    wanted = {re.split(r"[\[<>=!~ ]", line)[0] for line in pyproject()["project"]["dependencies"]}
    table = read(ROOT / "docs" / "dependencies.md").split("## For building", maxsplit=1)[0]
    assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)) == wanted


def test_every_development_dependency_is_named() -> None:
    wanted = {re.split(r"[\[<>=!~ ]", line)[0] for line in pyproject()["dependency-groups"]["dev"]}
    assert [name for name in wanted if f"`{name}`" not in read(ROOT / "docs" / "dependencies.md")] == []


@pytest.mark.parametrize("path", DECISIONS, ids=name_of)
def test_a_decision_record_has_its_four_parts_and_one_line_to_quote(path: Path) -> None:
    text = read(path)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Rule", "Consequences", "Alternatives"]
    rule = text.split("## Rule\n", maxsplit=1)[1].split("## ", maxsplit=1)[0].strip()
    assert re.fullmatch(r"(> .*\n?)+", rule)
    assert text.startswith(f"# {path.name[:4]} ")


def test_decision_records_are_numbered_without_gaps_and_listed() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = read(ROOT / "docs" / "decisions" / "README.md")
    titles = [read(path).splitlines()[0].removeprefix("# ").split(" ", maxsplit=1) for path in DECISIONS]
    lines = [
        f"| [{number}]({path.name}) | {title} |"
        for path, (number, title) in zip(DECISIONS, titles, strict=True)
    ]
    assert [line for line in lines if line not in index] == []
