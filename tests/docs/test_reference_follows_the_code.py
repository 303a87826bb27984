"""Whatever a user can set, send or see is in the reference."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from regard.access.load_roles import RIGHTS
from regard.access.mask_values import MASKS
from regard.connectors import interactions_api
from regard.connectors.records_api import SINGLE_FIELDS
from regard.db.pool import Pool
from regard.events.interaction_events import INTERACTION_TYPES
from regard.events.record_events import MULTIPLE_FIELDS
from regard.processes.command_line import make_parser
from regard.processes.settings import Settings
from tests.docs.pages import REFERENCE, name_of, pages, read, write_reference

BUILD_VARIABLES = {"REGARD_SKIP_UI"}


def rows_of(path: Path, heading: str) -> list[list[str]]:
    """The cells of the tables below a heading, up to the next one of its rank."""
    rank = heading.partition(" ")[0]
    text = read(path).split(f"\n{heading}\n", maxsplit=1)[1]
    text = re.split(rf"^{rank} ", text, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.md")), ids=lambda path: path.stem)
def test_what_is_made_from_the_code_is_up_to_date(path: Path) -> None:
    text = read(path)
    assert write_reference().render_page(text) == text, f"run `make docs`: {name_of(path)} is out of date"


def test_every_made_part_has_its_place_in_a_page() -> None:
    written = {
        name for path in REFERENCE.glob("*.md") for name in re.findall(r"the code: ([a-z-]+)", read(path))
    }
    assert written == set(write_reference().SECTIONS)


def test_every_canonical_field_of_a_record_is_described_and_no_other() -> None:
    rows = rows_of(REFERENCE / "fields-and-types.md", "## Fields of a record")
    named = {row[0].strip("`*"): row[0].endswith("*") for row in rows}
    assert set(named) == SINGLE_FIELDS | MULTIPLE_FIELDS | {"organisation_ref"}
    assert {name for name, starred in named.items() if starred} == MULTIPLE_FIELDS


def test_every_type_of_interaction_is_described_and_no_other() -> None:
    rows = rows_of(REFERENCE / "fields-and-types.md", "## Types of interactions")
    assert [row[0].strip("`") for row in rows] == list(INTERACTION_TYPES)


def test_every_common_field_of_an_interaction_is_described_and_no_other() -> None:
    rows = rows_of(REFERENCE / "fields-and-types.md", "## Fields of an interaction")
    common = interactions_api._TEXTS | interactions_api._NUMBERS
    assert {row[0].strip("`") for row in rows} == common | {"due_at", "lines", "status", "amount", "currency"}


def test_the_words_of_consent_are_described() -> None:
    text = read(REFERENCE / "fields-and-types.md")
    words = (*interactions_api.PURPOSES, *interactions_api.CHANNELS, *interactions_api.STATES)
    assert [word for word in words if f"`{word}`" not in text] == []


def test_every_right_and_every_mask_is_described() -> None:
    page = REFERENCE / "roles-and-fields.md"
    assert {row[0].strip("`") for row in rows_of(page, "## Rights")} == RIGHTS
    assert set(MASKS) <= {row[0].strip("`") for row in rows_of(page, "## Fields")}


async def test_every_table_and_column_of_a_migrated_database_is_listed(pool: Pool) -> None:
    rows = await pool.fetch(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'public', 'db')"
    )
    listed = {
        (schema, table, column)
        for schema, tables in write_reference().read_tables().items()
        for table, (_, columns) in tables.items()
        for column, _ in columns
    }
    assert {tuple(row) for row in rows} == listed


def test_every_variable_that_a_page_names_is_a_setting() -> None:
    known = {f"REGARD_{name.upper()}" for name in Settings.model_fields} | BUILD_VARIABLES
    for path in pages():
        assert set(re.findall(r"REGARD_[A-Z_]+[A-Z]", read(path))) <= known, name_of(path)


def test_every_command_that_a_page_names_exists() -> None:
    known = set(write_reference()._subcommands(make_parser()))
    for path in pages():
        named = set(re.findall(r"(?:^|`)regard ([a-z][a-z-]+)", read(path), re.MULTILINE))
        assert named <= {command.partition(" ")[0] for command in known}, name_of(path)
