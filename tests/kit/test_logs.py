"""The logs tell what went wrong and where, and never a customer's values."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from regard.kit.errors import RegardError
from regard.kit.logs import configure_logs, describe_exception


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def lines_of(captured: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in captured.splitlines()]


def test_a_line_is_json_with_its_event_its_program_and_the_time_in_utc(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs("worker", log_format="json")
    structlog.get_logger("some.room").info("batch_applied", events=3)
    (line,) = lines_of(capsys.readouterr().err)
    assert (line["event"], line["program"], line["events"], line["level"]) == (
        "batch_applied",
        "worker",
        3,
        "info",
    )
    assert str(line["timestamp"]).endswith("Z")


@pytest.mark.parametrize("through", ["structlog", "standard library"])
def test_the_message_of_an_exception_stays_out_and_its_type_code_and_place_are_told(
    capsys: pytest.CaptureFixture[str], through: str
) -> None:
    class TakenError(RegardError):
        code = "taken"

    configure_logs("api", log_format="json")
    try:
        try:
            raise ValueError("Key (email)=(ada@example.org) already exists")
        except ValueError as cause:
            raise TakenError("ada@example.org is taken") from cause
    except TakenError:
        if through == "structlog":
            structlog.get_logger().error("failed", exc_info=True)
        else:
            logging.getLogger("some.library").exception("failed")
    written = capsys.readouterr().err
    assert "ada@example.org" not in written
    (line,) = lines_of(written)
    told = "\n".join(line["exception"])
    assert "TakenError [taken]" in told
    assert "builtins.ValueError" in told
    assert "test_logs.py:" in told


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("api", log_format="json", level="warning")
    structlog.get_logger().info("quiet")
    logging.getLogger("other").info("quiet")
    assert capsys.readouterr().err == ""


def test_exceptions_that_cause_each_other_are_described_once() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert describe_exception(first) == ["builtins.ValueError", "builtins.KeyError"]


def test_what_failed_side_by_side_is_told_one_by_one() -> None:
    group = ExceptionGroup("both", [KeyError("a"), ValueError("b")])
    assert describe_exception(group) == [
        "builtins.ExceptionGroup", "builtins.KeyError", "builtins.ValueError",
    ]  # fmt: skip


def test_addresses_that_sources_are_asked_at_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("intake", log_format="json")
    logging.getLogger("httpx").info("HTTP Request: GET https://api.example/people?api_key=secret")
    assert "secret" not in capsys.readouterr().err
