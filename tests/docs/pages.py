"""What the tests of the documentation share: pages, tracked files, and the script that makes tables."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"
_CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@cache
def pages() -> tuple[Path, ...]:
    """Every page written for people."""
    return (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    """A page without its blocks of code, in which a link is no link."""
    return _CODE_BLOCK.sub("", text)


def tracked_files() -> list[Path]:
    """What git tracks and what is about to be; empty where there is no git, as in a source distribution."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = (ROOT / name for name in done.stdout.split("\0") if name)
    return [path for path in found if path.is_file() and not path.is_symlink()]


@cache
def write_reference() -> ModuleType:
    """The script docs/write_reference.py as a module."""
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "docs" / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_targets() -> dict[str, str]:
    """The targets of the Makefile that `make help` shows, with what they do."""
    return dict(re.findall(r"^([a-z]+):.*?## (.*)$", read(ROOT / "Makefile"), re.MULTILINE))
