"""The command `regard` does what it says, and what goes wrong is a sentence with a remedy."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tests.free_port import free_port

from regard.db.migrate import read_migrations
from regard.db.pool import connect, open_pool
from regard.eventlog.check_keyring import open_keyring
from regard.identity.keep_models import shipped_model
from regard.processes.command_line import EXIT_FAILED, EXIT_TRY_AGAIN, run_command
from regard.processes.end_program import EXIT_MISCONFIGURED
from regard.processes.settings import read_settings
from regard.processes.wiring import open_foundation, open_user_desk

FORGED_LOOK = """
INSERT INTO access.audit_read (writer, seq, at, user_id, username, role, session, action, customer_id, asked,
    fields, results, decision, request_id, policy, hash)
VALUES (gen_random_uuid(), 1, now(), gen_random_uuid(), 'ada', 'sales_rep', '', 'view', NULL, '', '',
    1, 'allow', '', '', decode(repeat('00', 32), 'hex'))
"""


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    """Point the command at a database and a data folder of the test's own."""

    def point(url: str) -> None:
        monkeypatch.setenv("REGARD_DATABASE_URL", url)
        monkeypatch.setenv("REGARD_HOME", str(tmp_path))
        monkeypatch.setenv("REGARD_HOST", "127.0.0.1")
        monkeypatch.setenv("REGARD_PORT", str(free_port()))

    return point


async def execute(url: str, sql: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def make_administrator(url: str) -> None:
    settings = read_settings()
    async with open_foundation(settings, url, "test") as foundation, open_user_desk(foundation) as desk:
        await desk.add_user("ada", "Ada", "a password long enough", ["administrator"])


def test_migrate_applies_all_files_and_then_none(
    on: object, empty_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(empty_database_url)
    assert run_command(["migrate"]) == 0
    assert capsys.readouterr().out.split() == [migration.name for migration in read_migrations()]
    assert run_command(["migrate"]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"


def test_rebuild_of_an_empty_log_reads_no_event(
    on: object, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(database_url)
    assert run_command(["rebuild"]) == 0
    assert capsys.readouterr().out == "Rebuilt everything from 0 events.\n"


def test_a_setup_code_is_printed_until_there_is_an_administrator(
    on: object, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(database_url)
    assert run_command(["setup-code"]) == 0
    assert len(capsys.readouterr().out.strip().split("-")) == 5
    asyncio.run(make_administrator(database_url))
    assert run_command(["setup-code"]) == EXIT_FAILED
    assert "exists already" in capsys.readouterr().err


def test_doctor_finds_a_new_installation_unmigrated_and_a_migrated_one_well(
    on: object, empty_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(empty_database_url)
    assert run_command(["doctor"]) == EXIT_FAILED
    assert "run `regard migrate`" in capsys.readouterr().out
    run_command(["migrate"])
    capsys.readouterr()
    run_command(["doctor"])
    database = next(line for line in capsys.readouterr().out.splitlines() if "database:" in line)
    assert database.startswith("well")


def doctor_lines(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What the doctor says of each thing, with its verdict in front."""
    run_command(["doctor"])
    lines = [line.partition(":") for line in capsys.readouterr().out.splitlines()]
    return {head.split(maxsplit=1)[1]: head.split()[0] + told for head, _, told in lines}


def test_doctor_names_events_that_could_not_be_applied_and_the_remedy(
    on: object, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(database_url)
    assert doctor_lines(capsys)["customers"].startswith("well ")
    insert = "INSERT INTO pipeline.parked_event VALUES (0, 1, 'shop', 'e1', 'why', now())"
    asyncio.run(execute(database_url, insert))
    said = doctor_lines(capsys)["customers"]
    assert said.startswith("WRONG 1 acknowledged events")
    assert "1 of shop" in said
    assert "regard rebuild" in said


def test_doctor_names_a_chosen_model_that_cannot_be_read(
    on: object, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(database_url)
    assert doctor_lines(capsys)["matching model"].startswith("well not looked at")
    asyncio.run(choose_what_is_not_kept(database_url, read_settings().key_path))
    said = doctor_lines(capsys)["matching model"]
    assert said.startswith("WRONG tuned-1 was chosen and cannot be read")
    assert f"{shipped_model().version} decides meanwhile" in said


async def choose_what_is_not_kept(url: str, key: Path) -> None:
    pool = await open_pool(url)
    async with pool.acquire() as connection:
        await open_keyring(connection, key)
    await pool.close()
    await execute(url, "INSERT INTO identity.model_use VALUES ('e1', 'tuned-1', 'd', now(), 'ann', '')")


def test_doctor_walks_the_chain_of_the_audit(
    on: object, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on(database_url)
    assert doctor_lines(capsys)["audit"] == "well 0 rows, chain unbroken"
    asyncio.run(execute(database_url, FORGED_LOOK))
    said = doctor_lines(capsys)["audit"]
    assert said.startswith("WRONG")
    assert "does not fit together at row 1" in said


def test_a_database_that_does_not_answer_is_worth_another_try(
    on: object, capsys: pytest.CaptureFixture[str]
) -> None:
    on("postgresql://me:s3cret@127.0.0.1:1/crm")
    assert run_command(["worker"]) == EXIT_TRY_AGAIN
    said = capsys.readouterr().err
    assert "regard: The database me@127.0.0.1:1/crm cannot be used" in said
    assert "s3cret" not in said


def test_another_root_key_than_the_database_was_sealed_with_is_refused(
    on: object, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on(database_url)
    assert run_command(["rebuild"]) == 0
    (tmp_path / "root.key").write_text("ab" * 32 + "\n")
    assert run_command(["rebuild"]) == EXIT_MISCONFIGURED
    assert "is not the key that this database was sealed with" in capsys.readouterr().err


def test_a_port_in_use_is_named_with_a_way_out(on: object, capsys: pytest.CaptureFixture[str]) -> None:
    on("postgresql://nobody@127.0.0.1:1/none")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run_command(["serve", "--port", str(port)]) == EXIT_TRY_AGAIN
    said = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1, port {port}: another program uses it" in said
    assert "REGARD_PORT=" in said


def test_a_wrong_setting_is_refused_before_anything_is_started(
    on: object, capsys: pytest.CaptureFixture[str]
) -> None:
    on("oracle://somewhere")
    assert run_command(["serve"]) == EXIT_MISCONFIGURED
    assert "REGARD_DATABASE_URL" in capsys.readouterr().err


def test_a_data_folder_that_cannot_be_made_is_named(
    on: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    on("")
    (tmp_path / "file").write_text("")
    assert run_command(["migrate", "--home", str(tmp_path / "file" / "data")]) == EXIT_MISCONFIGURED
    assert "REGARD_HOME" in capsys.readouterr().err


def test_an_unexpected_failure_is_logged_without_its_message(
    on: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_settings: object) -> None:
        raise ZeroDivisionError("ada@example.org")

    on("")
    monkeypatch.setenv("REGARD_LOG_FORMAT", "json")
    monkeypatch.setattr("regard.processes.command_line.OpenedDatabase", fail)
    assert run_command(["migrate"]) == EXIT_FAILED
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "program_failed"
    assert line["exception"][0] == "builtins.ZeroDivisionError"
    assert "ada@example.org" not in json.dumps(line)
