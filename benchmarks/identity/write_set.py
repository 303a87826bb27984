"""A set of records on disk: CSV files, `MAP.toml` for `regard resolve`, the truth, tags of hard pairs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal

from demo.roll_dice import Dice

Ref = tuple[str, str]
"""(source, record): names a record within a set."""
Field = str | Mapping[str, str]
"""A field type, or a type with its issuer, as in MAP.toml."""

ID, SOURCE = "unique_id", "source"
TRUTH_COLUMNS = ("source", "record", "entity")
TAG_COLUMNS = ("tag", "verdict", "left_source", "left_record", "right_source", "right_record")


class SetWriter:
    """Collects a set in memory and writes it into ``folder`` on leaving, each file's lines in random order.

    The order in which a generator makes records would betray who belongs to whom.
    """

    def __init__(self, folder: Path, fields: Mapping[str, Field], *, link_only: bool = False) -> None:
        """``fields``: the columns beside id and source, in order, each with its field type."""
        self._folder = folder
        self._fields = dict(fields)
        self._link_only = link_only
        self._lines: dict[str, list[str]] = {}
        self._truth: list[str] = []
        self._tags: list[str] = []
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\n")

    def put(
        self, source: str, record: str, entity: str, values: Mapping[str, str], *, file: str | None = None
    ) -> Ref:
        """A record, and whose it is; columns that ``values`` lacks stay empty. ``file``: else the source."""
        row = [record, source, *(values.get(column, "") for column in self._fields)]
        self._lines.setdefault(file or source, []).append(self._line(row))
        self._truth.append(self._line((source, record, entity)))
        return source, record

    def tag(self, tag: str, verdict: Literal["same", "different"], left: Ref, right: Ref) -> None:
        """A pair of records that is hard to get right; scored apart."""
        self._tags.append(self._line((tag, verdict, *left, *right)))

    def _line(self, row: Sequence[str]) -> str:
        self._writer.writerow(row)
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text

    @property
    def records(self) -> int:
        """How many records were put."""
        return len(self._truth)

    def __enter__(self) -> SetWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        for old in self._folder.glob("*.csv"):
            old.unlink()
        head = self._line((ID, SOURCE, *self._fields))
        dice = Dice("order of lines")
        for name, lines in sorted(self._lines.items()):
            dice.shuffle(lines)
            self._write(f"{name}.csv", [head, *lines])
        self._write("truth.csv", [self._line(TRUTH_COLUMNS), *self._truth])
        if self._tags:
            self._write("tags.csv", [self._line(TAG_COLUMNS), *self._tags])
        self._write("MAP.toml", [map_text(self._fields, link_only=self._link_only)])

    def _write(self, name: str, lines: list[str]) -> None:
        with (self._folder / name).open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)


def map_text(fields: Mapping[str, Field], *, link_only: bool = False) -> str:
    """The MAP.toml of files with the columns `unique_id`, `source` and ``fields``."""
    lines = [f'id = "{ID}"', f'source = "{SOURCE}"']
    if link_only:
        lines.append("link_only = true")
    lines += ["", "[fields]"]
    for column, field in fields.items():
        if isinstance(field, str):
            value = f'"{field}"'
        else:
            value = "{ " + ", ".join(f'{key} = "{text}"' for key, text in field.items()) + " }"
        lines.append(f"{column} = {value}")
    return "\n".join(lines) + "\n"
