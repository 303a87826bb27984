"""Small files to resolve, and the command run on them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from regard.processes.command_line import run_command

MAP = """
id = "id"
[fields]
first = "given_name"
last = "family_name"
born = "birth_date"
mail = "email"
"""
HEADER = "id,first,last,born,mail\n"
ANNA = "1,Anna,Kowalska,1984-03-05,anna.kowalska@example.org\n"
ANNA_AGAIN = "2,Anna,Kowalska,05.03.1984,Anna.Kowalska@example.org\n"
PETER = "3,Peter,Lindqvist,1971-11-30,peter@lindqvist.example\n"
PEOPLE = HEADER + ANNA + ANNA_AGAIN + PETER


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def people(count: int, start: int = 0) -> list[str]:
    """Rows of people who have nothing in common."""
    return [
        f"p{number},{_word(number, 'bcdfg')}a,{_word(number * 7 + 3, 'klmnpr')}ö,"
        f"{1940 + number % 60}-{number % 12 + 1:02}-{number % 28 + 1:02},"
        f"{_word(number, 'bcdfg')}{number}@example.org\n"
        for number in range(start, start + count)
    ]


def _word(number: int, consonants: str) -> str:
    """A word that looks like a name, another one for every number."""
    letters = ""
    for _ in range(4):
        number, one = divmod(number, len(consonants))
        letters += consonants[one] + "aeiou"[(number + one) % 5]
    return letters


class Outcome:
    """What a run of the command left behind."""

    def __init__(self, code: int, out: Path, report: Path, said: str) -> None:
        self.code = code
        self.said = said
        self.text = out.read_text() if out.exists() else None
        self.lines = list(csv.DictReader(self.text.splitlines())) if self.text is not None else []
        self.report: Any = msgspec.json.decode(report.read_bytes()) if report.exists() else None

    @property
    def groups(self) -> set[frozenset[str]]:
        """The ids of each customer."""
        found: dict[str, set[str]] = defaultdict(set)
        for line in self.lines:
            found[line["customer"]].add(line["record"])
        return {frozenset(ids) for ids in found.values()}


def resolve(folder: Path, capsys: Any, files: Sequence[Path], *options: str, field_map: str = MAP) -> Outcome:
    """Run `regard resolve` on files with a map."""
    map_path = write(folder / "map.toml", field_map)
    out, report = folder / "out.csv", folder / "report.json"
    code = run_command(
        [
            "resolve",
            *map(str, files),
            "--fields",
            str(map_path),
            "--out",
            str(out),
            "--report",
            str(report),
            *options,
        ]
    )
    return Outcome(code, out, report, capsys.readouterr().err)
