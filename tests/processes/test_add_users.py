"""Users are made from the terminal, with the roles they may work in."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from regard.access.create_users import UserUnsuitableError
from regard.access.hash_passwords import PasswordPool
from regard.access.sign_in import SignIn
from regard.processes.add_users import read_password
from regard.processes.command_line import run_command
from regard.processes.settings import read_settings
from regard.processes.supervise_children import EXIT_MISCONFIGURED
from regard.processes.wiring import open_foundation

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def installation(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The command works on a database and a data folder of the test's own; gives the database's address."""
    monkeypatch.setenv("REGARD_DATABASE_URL", database_url)
    monkeypatch.setenv("REGARD_HOME", str(tmp_path))
    return database_url


def add(monkeypatch: pytest.MonkeyPatch, password: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    return run_command(["add-user", *arguments])


async def sign_in_roles(url: str, username: str, password: str) -> tuple[str, ...]:
    passwords = PasswordPool()
    async with open_foundation(read_settings(), url, "test") as ground:
        sign_in = SignIn(ground.pool, ground.keyring, ground.clock, passwords)
        _, principal = await sign_in.sign_in(username, password, "192.0.2.1")
    passwords.close()
    return principal.roles


def test_a_new_user_can_sign_in_and_begins_in_the_first_role(
    installation: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    roles = ["--role", "support_agent", "--role", "data_steward"]
    assert add(monkeypatch, PASSWORD, "bea", "--name", "Bea Braun", *roles) == 0
    assert capsys.readouterr().out == "bea can sign in as support_agent, data_steward.\n"
    assert asyncio.run(sign_in_roles(installation, "bea", PASSWORD)) == ("support_agent", "data_steward")


@pytest.mark.usefixtures("installation")
def test_a_second_user_of_the_same_name_and_a_short_password_are_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(monkeypatch, PASSWORD, "bea", "--role", "marketer") == 0
    assert add(monkeypatch, PASSWORD, "Bea", "--role", "marketer") == EXIT_MISCONFIGURED
    assert add(monkeypatch, "short", "carl", "--role", "marketer") == EXIT_MISCONFIGURED
    said = capsys.readouterr().err
    assert "there is a user named Bea already" in said
    assert "15 to 128 characters" in said


def test_a_password_that_is_typed_differently_the_second_time_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter([PASSWORD, PASSWORD + "!"])
    with pytest.raises(UserUnsuitableError):
        read_password(lambda _prompt: next(answers))
