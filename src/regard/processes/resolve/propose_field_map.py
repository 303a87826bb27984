"""Proposes a MAP.toml for files from their headers and the values of their first rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from regard.connectors.files.choose_keys import choose_id
from regard.connectors.files.describe_mapping import WHOLE_ROW
from regard.connectors.files.describe_table import BadRow, Cells
from regard.connectors.files.load_fields import ImportField, fields_of
from regard.connectors.files.match_fields import match_column
from regard.connectors.files.recognise_columns import ColumnFacts, collect_facts
from regard.processes.resolve.check_types import reads_as
from regard.processes.resolve.guess_type import guess_type
from regard.processes.resolve.guess_values import guess_numbered, is_numbered
from regard.processes.resolve.open_rows import open_rows
from regard.processes.resolve.read_field_map import FIELD_TYPES, IGNORE, bare_name

_SAMPLE = 2_000
_MOSTLY = 0.9
_LIKE = "the header says something like it"
_IDS = frozenset({"id", "record id", "row id", "unique id", "external id", "customer id", "uuid"})
_NUMBER = re.compile(r"[A-Za-z]{0,3}[-_]?\d+")
_FEWEST_SURE = 0.6
_FEWEST_NUMBERED = 2
_NAMES = frozenset({"name", "namen", "naam", "navn", "namn", "nombre", "nome"})
_OTHER_NAMES = {
    "name": "organisation", "tax_id": "government_id", "user_id": "account_id", "anonymous_id": "device_id"
}  # fmt: skip
# What headers call a whole address in one cell, and a source; the fields of an import have no such thing.
_ADDRESS = frozenset({"address", "full address", "postal address", "adresse", "anschrift", "adres"})
_ISSUERS = {"ssn": "US", "social security number": "US", "pesel": "PL", "nino": "GB", "steuer id": "DE"}
_SOURCE = frozenset({"source", "source dataset", "source system", "data source", "dataset", "quelle"})
_MOST_SOURCES = 50
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = """\
# What the columns hold, guessed from {files}: look it over, then run
#   regard resolve {files} --fields MAP.toml --out who.csv
# Types: {types},
# and ignore. Numbers may name who gives them out: {{ type = "government_id", issuer = "US" }}.
"""


def propose_field_map(paths: Sequence[Path]) -> str:
    """The text of a map for these files, with a reason beside every guess."""
    columns, samples = _sample(paths)
    rows = [row for sample in samples for row in sample]
    facts = collect_facts(columns, rows)
    fields = _fields()
    guessed = {column.name: _guess(column, fields) for column in facts}
    guessed |= {name: (type_, "by its values alone") for name, type_ in guess_numbered(facts).items()}
    guessed |= _names_beside_given(facts, guessed)
    sure = {type_ for type_, reason in guessed.values() if reason != _LIKE}
    for name, (type_, reason) in guessed.items():
        if reason == _LIKE and type_ in sure:
            guessed[name] = IGNORE, f"it looks like {type_}, which another column is for sure"
    source = next((column.name for column in facts if _is_source(column)), None)
    id_column = _choose_id(facts, rows, bare_name(paths[0])) or _numbering(facts, guessed)
    repeated = _repeats(id_column, source, samples) if id_column else 0
    named = " ".join(str(path) for path in paths)
    lines = [_HEAD.format(files=named, types=_wrap(FIELD_TYPES))]
    if any(map(is_numbered, facts)):
        lines.append("# There is no header: the columns are numbered. Give each the type of what it holds.")
    lines += _id_lines(id_column, repeated, len(rows))
    if id_column is not None and repeated:
        guessed[id_column] = "account_id", "equal ones speak for one customer; or ignore"
        id_column = None
    lines += _source_lines(paths, source)
    lines += [
        "# link_only = true  # when no two records of one source are the same customer",
        '# kind = "person"  # or "organisation"; else it is decided row by row',
        '# country = "DE"  # of telephone numbers that do not say theirs',
        "",
        "[fields]",
    ]
    lines += list(_field_lines(facts, guessed, {id_column, source}))
    return "\n".join(lines) + "\n"


def _choose_id(facts: Sequence[ColumnFacts], rows: Sequence[Cells], stream: str) -> str | None:
    """The column that names rows by its header, though values may repeat; else numbers at the front."""
    ids = choose_id(facts, rows, "person", stream, {}, None)
    if len(ids) == 1 and ids[0] != WHOLE_ROW:
        return ids[0]
    named = next((column.name for column in facts if column.words in _IDS and column.filled > _MOSTLY), None)
    if named is not None:
        return named
    first = facts[0] if facts else None
    if first is not None and is_numbered(first) and first.distinct == 1.0 and first.filled == 1.0:
        return first.name if all(map(_NUMBER.fullmatch, first.values)) else None
    return None


def _numbering(facts: Sequence[ColumnFacts], guessed: Mapping[str, tuple[str, str]]) -> str | None:
    """A column of different numbers that no field explains ('V0001', 'V0002'), whatever its header."""
    for column in facts:
        if is_numbered(column) or guessed[column.name][0] != IGNORE or len(column.values) < _FEWEST_NUMBERED:
            continue
        written = all(map(_NUMBER.fullmatch, column.values))
        lettered = column.position == 0 or not any(value.isdigit() for value in column.values)
        if written and lettered and column.distinct == 1.0 and column.filled == 1.0:
            return column.name
    return None


def _names_beside_given(
    facts: Sequence[ColumnFacts], guessed: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """NAME beside VORNAME is the family name, where it is one word and there is no other."""
    types = {type_ for type_, _ in guessed.values()}
    if "given_name" not in types or "family_name" in types:
        return {}
    plain = (column for column in facts if guessed[column.name][0] == "full_name" and column.words in _NAMES)
    return {
        column.name: ("family_name", "the given name has a column of its own")
        for column in plain
        if sum(" " in value.strip() for value in column.values) * 2 < len(column.values)
    }


def _repeats(id_column: str, source: str | None, samples: Sequence[Sequence[Cells]]) -> int:
    """How many different rows of one source share their id; a file is a source unless a column says it."""
    seen: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for number, sample in enumerate(samples):
        for row in sample:
            seen[row.get(source, "") if source else number, row.get(id_column, "")].add(str(row))
    return sum(len(rows) for rows in seen.values() if len(rows) > 1)


def _id_lines(id_column: str | None, repeated: int, of: int) -> list[str]:
    if id_column is None:
        return ['# id = "…"  # no column looks like an id: rows are named by their number']
    if not repeated:
        return [f"id = {_quote(id_column)}"]
    return [
        f"# id = {_quote(id_column)}  # {repeated:,} of {of:,} rows share one with a different row.",
        "# If rows of one id are one customer for sure, take the # away before `id` and here:",
        '# repeated_ids = "join"',
    ]


def _sample(paths: Sequence[Path]) -> tuple[list[str], list[list[Cells]]]:
    """All columns of all files, in order, and the first sound rows of each file."""
    columns: dict[str, None] = {}
    rows: list[list[Cells]] = []
    for path in paths:
        opened = open_rows(path)
        try:
            columns |= dict.fromkeys(opened.columns)
            found = chain.from_iterable(block for _, block in opened.blocks())
            sound = (cells for cells in found if not isinstance(cells, BadRow))
            some = islice(sound, _SAMPLE // len(paths) + 1)
            rows.append([dict(zip(opened.columns, cells, strict=True)) for cells in some])
        finally:
            opened.close()
    return list(columns), rows


def _fields() -> list[ImportField]:
    """The fields of persons, and those of organisations that persons do not have."""
    both: Mapping[str, ImportField] = {**fields_of("organisation"), **fields_of("person")}
    return [field for field in both.values() if _OTHER_NAMES.get(field.id, field.id) in FIELD_TYPES]


def _guess(facts: ColumnFacts, fields: Sequence[ImportField]) -> tuple[str, str]:
    """The likeliest type of a column, and why."""
    if facts.words in _ADDRESS:
        return "address", "the header says so"
    if facts.words in _ISSUERS:
        return "government_id", "the header says so"
    if not facts.values:
        return guess_type(facts.name) or IGNORE, "it is empty in the first rows"
    found = match_column(facts, fields)
    unsure = found.field is None or found.confidence < _FEWEST_SURE
    if unsure or not found.reason.startswith("The header"):
        named = guess_type(facts.name)
        if named not in ("", IGNORE) and reads_as(named, facts.values):
            return named, _LIKE
    if found.field is None or unsure:
        hint = "category" if facts.distinct < 0.5 else "text"
        return IGNORE, f'not recognised; "{hint}" compares it too'
    type_ = _OTHER_NAMES.get(found.field, found.field)
    if type_ == "organisation" and facts.words == "name":
        return "full_name", "it may be an organisation's"
    return type_, found.reason[0].lower() + found.reason[1:].rstrip(".")


def _is_source(facts: ColumnFacts) -> bool:
    return facts.words in _SOURCE and facts.filled > 0.98 and len(set(facts.values)) <= _MOST_SOURCES


def _source_lines(paths: Sequence[Path], source: str | None) -> list[str]:
    if source is not None:
        return [f"source = {_quote(source)}"]
    lines = ['# source = "…"  # a column that says which source a row is from; else each file is one:']
    return lines + [
        f"#   [sources] {_quote(path.name)} = {_quote(bare_name(path))}  # at the end" for path in paths
    ]


def _field_lines(
    facts: Sequence[ColumnFacts], guessed: Mapping[str, tuple[str, str]], others: set[str | None]
) -> Iterator[str]:
    for column in facts:
        if column.name in others:
            continue
        type_, reason = guessed[column.name]
        issuer = _ISSUERS.get(column.words)
        value = f'{{ type = "{type_}", issuer = "{issuer}" }}' if issuer else f'"{type_}"'
        key = column.name if _BARE_KEY.fullmatch(column.name) else _quote(column.name)
        yield f"{key} = {value}  # {reason}"


def _quote(text: str) -> str:
    """A basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _wrap(words: Sequence[str]) -> str:
    half = len(words) // 2
    return ", ".join(words[:half]) + ",\n# " + ", ".join(words[half:])
