"""`regard import` at the terminal: proposal, account, exit code, and errors as sentences."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from regard.db.pool import connect
from regard.processes.command_line import run_command
from regard.processes.show_safely import shown
from tests.conftest import run_apart
from tests.imports.helpers import write

PEOPLE = "id,name,email\n1,Anna,anna@example.com\n2,Ben,ben@example.com\n"


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose database is the test's own."""
    monkeypatch.setenv("REGARD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REGARD_DATABASE_URL", database_url)
    return tmp_path


def count_events(url: str) -> int:
    async def count() -> int:
        connection = await connect(url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM eventlog.event"))
        finally:
            await connection.close()

    return run_apart(count)


def regard_import(*arguments: str | Path) -> int:
    return run_command(["import", "--source", "crm", *map(str, arguments)])


def test_a_file_is_shown_imported_and_accounted_for(
    home: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(home, "customers.csv", PEOPLE)
    assert regard_import(path, "--yes", "--create-source", "CRM") == 0
    said = capsys.readouterr().out
    assert "customers.csv: CSV, utf-8, comma" in said
    assert "Anna · Ben" in said
    assert "read 2 = stored 2 + unchanged 0 + quarantined 0" in said
    assert count_events(database_url) == 2
    assert regard_import(path, "--yes") == 0
    assert "read 2 = stored 0 + unchanged 2 + quarantined 0" in capsys.readouterr().out


def test_a_dry_run_stores_nothing_not_even_the_source(
    home: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(home, "customers.csv", PEOPLE + "3,Cleo\n")
    assert regard_import(path, "--dry-run", "--create-source", "CRM") == 1
    said = capsys.readouterr().out
    assert "would be stored 2" in said
    assert "1 × ragged: customers.csv, row 4" in said
    assert count_events(database_url) == 0
    assert regard_import(path, "--dry-run") == 78
    assert "--create-source" in capsys.readouterr().err


def test_rows_that_are_not_taken_give_exit_code_one_with_reasons(
    home: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = write(home, "a.csv", PEOPLE), write(home, "b.csv", PEOPLE + "4,D\n")
    assert (
        regard_import(
            good, home / "missing.csv", home, bad, "--stream", "people", "--yes", "--create-source", "CRM"
        )
        == 1
    )
    captured = capsys.readouterr()
    assert "no such file" in captured.err
    assert "is a folder" in captured.err
    assert "b.csv, row 4" in captured.out
    assert "All files: read 5" in captured.out
    assert count_events(database_url) == 2


@pytest.mark.parametrize(
    ("ending", "text"), [("json", '{"currency": "EUR"}'), ("toml", 'currency = "EUR"\n')]
)
def test_parts_of_a_mapping_can_be_given_in_a_file(
    home: Path, capsys: pytest.CaptureFixture[str], ending: str, text: str
) -> None:
    path = write(home, "orders.csv", "order id,customer id,order date,total\n1,7,2024-03-04,5\n")
    assert regard_import(path, "--yes", "--create-source", "CRM") == 1
    assert "currency" in capsys.readouterr().err
    assert regard_import(path, "--yes", "--mapping", write(home, f"m.{ending}", text)) == 0
    assert "stored 1" in capsys.readouterr().out


def test_a_broken_mapping_file_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(home, "a.csv", PEOPLE)
    assert regard_import(path, "--yes", "--mapping", write(home, "m.json", "{")) == 78
    assert "m.json is not a mapping" in capsys.readouterr().err
    assert regard_import(path, "--yes", "--mapping", home / "no.toml") == 78
    assert "no.toml cannot be read" in capsys.readouterr().err


def test_without_yes_nothing_is_imported_when_nobody_can_be_asked(
    home: Path, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(home, "a.csv", PEOPLE)
    with (home / "stdin").open("w+") as empty:
        monkeypatch.setattr(sys, "stdin", empty)
        assert regard_import(path, "--create-source", "CRM") == 1
    assert "add --yes" in capsys.readouterr().err
    assert count_events(database_url) == 0


def test_an_unreachable_database_is_said_to_be_unreachable(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGARD_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    assert regard_import(write(home, "a.csv", PEOPLE), "--yes") == 75
    said = capsys.readouterr().err
    assert "127.0.0.1:1" in said
    assert "secret" not in said


def test_values_cannot_steer_the_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = json.dumps({"id": 1, "name": "\x1b[2J\u202egnp.exe", "note": "a\tb"})
    assert regard_import(write(home, "evil.jsonl", row), "--dry-run", "--create-source", "CRM") == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "␛[2J⟨202E⟩gnp.exe" in said
    assert shown("Zoë 👩‍👧") == "Zoë 👩‍👧"
