"""Runs a program that reads a source: no shell, a clean environment, limits, an end for its children."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceMisbehavesError,
    SourceUnavailableError,
)
from regard.connectors.programs import start_limited
from regard.connectors.programs.sweep_folders import make_folder, sweep_folders

_LONGEST_LINE = 32 * 1024 * 1024
_KEPT_LINES = 30
_LONGEST_TAIL = 600
_FILE_BYTES = 4 * 1024**3
_GRACE = 5.0
_LAST_WAIT = 2.0
# What a program may need of the machine's surroundings; nothing else of ours reaches it.
_PASSED_ON = (
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "TZ",
)  # fmt: skip
_PERSONAL = re.compile(r"[\w.+-]+@[\w.-]+|\d{5,}|(?<=[=:])\s*[\w./+-]{20,}")


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """What one run may cost."""

    memory_mb: int = 2048
    minutes: float = 60.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the administrator's folder, with arguments that always come first."""

    path: Path
    arguments: tuple[str, ...] = ()
    limits: ProgramLimits = ProgramLimits()

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.path.name


def find_program(folder: Path | None, name: str) -> Path:
    """The program of that name below the folder; raises `SettingsRefusedError`.

    A link in the folder may lead anywhere: only the administrator can lay one.
    """
    if folder is None:
        raise SettingsRefusedError("programs are not run here: no folder for them is set up")
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts:
        raise SettingsRefusedError("name the program by its place below the folder for connectors")
    path = folder.joinpath(*parts)
    if not path.is_file() or not os.access(path, os.X_OK):
        raise SettingsRefusedError(
            f"there is no program “{name[:100]}” in the folder for connectors ({folder}); an administrator"
            " has to put it, or a link to it, there"
        )
    return path


class ProgramRun:
    """One run, in a folder of its own that only its owner can read and that goes with it."""

    def __init__(self, program: Program, secrets: Mapping[str, Any]) -> None:
        self._program = program
        self._hidden = sorted(_texts(secrets), key=len, reverse=True)
        self._folder = make_folder()
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._process: asyncio.subprocess.Process | None = None
        self.status: int | None = None

    def write(self, name: str, content: Any) -> str:  # noqa: ANN401 - any JSON
        """Keep a JSON file for the program; gives its path."""
        path = self._folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file)
        return str(path)

    async def lines(self, *arguments: str) -> AsyncGenerator[bytes, None]:
        """What the program writes, line by line; `status` is set when it has ended.

        Raises `SourceMisbehavesError` for a line that is too long, `SourceUnavailableError` when time is up.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._program.limits.minutes * 60
        process = await self._start(arguments)
        assert process.stdout is not None
        assert process.stderr is not None
        watcher = asyncio.create_task(self._keep_errors(process.stderr))
        try:
            while True:
                async with asyncio.timeout_at(ends):
                    line = await process.stdout.readline()
                if not line:
                    break
                yield line
            async with asyncio.timeout_at(ends):
                self.status = await process.wait()
        except TimeoutError:
            raise SourceUnavailableError(
                f"the program {self._program.name} did not end within {self._program.limits.minutes:g} min"
                " and was stopped; raise its time in the settings"
            ) from None
        except ValueError:
            raise SourceMisbehavesError(
                f"the program {self._program.name} wrote a line of more than {_LONGEST_LINE // 1024**2} MB"
            ) from None
        finally:
            await self._kill(process)
            with suppress(TimeoutError):
                await asyncio.wait_for(watcher, 1.0)

    async def close(self) -> None:
        """End what still runs and remove the folder with the secrets."""
        if self._process is not None:
            await self._kill(self._process)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def last_words(self) -> str:
        """The end of what the program wrote as errors, without secrets and without what may be personal."""
        text = " ".join(line.strip() for line in self._errors if line.strip())
        for secret in self._hidden:
            text = text.replace(secret, "…")
        return _PERSONAL.sub("…", text)[-_LONGEST_TAIL:].strip()

    async def _start(self, arguments: Sequence[str]) -> asyncio.subprocess.Process:
        # What others left who were killed must not wait for the next start of Regard.
        await asyncio.to_thread(sweep_folders)
        limits = self._program.limits
        numbers = (limits.memory_mb * 1024**2, int(limits.minutes * 60), _FILE_BYTES)
        command = [sys.executable, "-I", start_limited.__file__, *map(str, numbers), str(self._program.path)]
        self._process = await asyncio.create_subprocess_exec(
            *command, *self._program.arguments, *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=self._folder, env=self._environment(), start_new_session=True, limit=_LONGEST_LINE,
        )  # fmt: skip
        return self._process

    def _environment(self) -> dict[str, str]:
        own = {"HOME": str(self._folder), "TMPDIR": str(self._folder), "LANG": "C.UTF-8"}
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED": "1", **own, **passed_on}

    async def _keep_errors(self, stream: asyncio.StreamReader) -> None:
        while True:
            # A flood without line ends is read in pieces and forgotten.
            piece = await stream.read(65_536)
            if not piece:
                return
            self._errors.extend(line[:500] for line in piece.decode("utf-8", "replace").splitlines())

    async def _kill(self, process: asyncio.subprocess.Process) -> None:
        """End the program and everything it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _GRACE)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await _until_gone(process.pid)


async def _until_gone(group: int) -> None:
    """Wait until nothing of the process group runs: a signal that was sent is not yet a process that ended.

    What its first process left behind is reaped by the machine, which may never do so: the wait is bounded.
    """
    ends = asyncio.get_running_loop().time() + _LAST_WAIT
    while asyncio.get_running_loop().time() < ends:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        await asyncio.sleep(0.01)


def _texts(value: Any) -> list[str]:  # noqa: ANN401
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [str(value)] if isinstance(value, str | int) and len(str(value)) > 3 else []
