"""What one file taught can be used on the next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.files import HEADER, PEOPLE, people, resolve, write


@pytest.mark.parametrize("mode", ["batch", "stream"])
def test_a_model_learnt_on_one_file_decides_on_the_next(tmp_path: Path, capsys: Any, mode: str) -> None:
    rows = people(200) + [row.replace("p", "q", 1) for row in people(200)[::2]]
    first = write(tmp_path / "first.csv", HEADER + "".join(rows))
    model = tmp_path / "model.json"
    learnt = resolve(tmp_path, capsys, [first], "--save-model", str(model))
    assert learnt.code == 0
    version = json.loads(model.read_text())["version"]
    assert learnt.report["model"]["version"] == version

    again = resolve(tmp_path, capsys, [first], "--model", str(model), "--mode", mode)
    assert again.text == learnt.text
    assert again.report["model"]["version"] == version
    assert again.report["model"]["trained"] == "before"
    assert again.report["model"]["weights"] == learnt.report["model"]["weights"]

    second = write(tmp_path / "second.csv", HEADER + "".join([*people(3), "x" + people(1)[0]]))
    few = resolve(tmp_path, capsys, [second], "--model", str(model), "--mode", mode)
    assert few.groups == {frozenset({"p0", "xp0"}), frozenset({"p1"}), frozenset({"p2"})}
    assert few.report["model"]["version"] == version


def test_a_file_that_is_no_model_is_named(tmp_path: Path, capsys: Any) -> None:
    rows = write(tmp_path / "crm.csv", PEOPLE)
    wrong = resolve(tmp_path, capsys, [rows], "--model", str(write(tmp_path / "m.json", "{}")))
    assert wrong.code == 78
    assert "m.json: this is no match model of Regard" in wrong.said
    resolve(tmp_path, capsys, [rows], "--report", str(tmp_path / "r.json"))
    report = resolve(tmp_path, capsys, [rows], "--model", str(tmp_path / "r.json"))
    assert report.code == 78
    assert "this is the report of a run (--report)" in report.said
    assert "--save-model" in report.said
    missing = resolve(tmp_path, capsys, [rows], "--model", str(tmp_path / "none.json"))
    assert missing.code == 78
    assert "none.json: the model cannot be read (No such file" in missing.said


def test_a_model_is_not_written_over_what_is_read_or_written(tmp_path: Path, capsys: Any) -> None:
    rows = write(tmp_path / "crm.csv", PEOPLE)
    for other in (rows, tmp_path / "out.csv"):
        done = resolve(tmp_path, capsys, [rows], "--save-model", str(other))
        assert done.code == 78
        assert "name another file" in done.said


@pytest.mark.parametrize("mode", ["batch", "stream"])
def test_a_saved_model_knows_a_mailbox_that_many_shared(tmp_path: Path, capsys: Any, mode: str) -> None:
    """Few rows do not show it: in the file that taught, the till's mailbox stood on every third row."""
    till, own = "till@shop.example", "anna.brandt@home.example"
    shared = [f"t{n},{GIVEN[n % 8]},{family},,{till}\n" for n, family in enumerate(FAMILIES)]
    first = write(tmp_path / "first.csv", HEADER + "".join([*people(160), *shared]))
    model = tmp_path / "model.json"
    assert resolve(tmp_path, capsys, [first], "--save-model", str(model)).code == 0
    rows = [f"1,Anna,Brandt,,{till}\n", f"2,Anna,,,{till}\n", f"3,Eva,Lang,,{own}\n", f"4,Eva,,,{own}\n"]
    second = write(tmp_path / "second.csv", HEADER + "".join(rows))
    few = resolve(tmp_path, capsys, [second], "--model", str(model), "--mode", mode)
    assert few.groups == {frozenset("1"), frozenset("2"), frozenset("34")}


GIVEN = ("Anna", "Jan", "Maria", "Peter", "Ute", "Karl", "Eva", "Otto")
HEADS = ("Har", "Lin", "Bek", "Vos", "Rod", "Nis", "Mar", "Tol", "Wen")
TAILS = ("mann", "ing", "berg", "stein", "sen", "feld", "bach", "au", "ow")
FAMILIES = [head + tail for head in HEADS for tail in TAILS]
