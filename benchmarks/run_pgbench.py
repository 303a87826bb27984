"""Runs the statement that opens a customer under bare pgbench, as the limit that the machine sets."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.show_table import Spread
from regard.db.choose_account import clean_environment
from regard.db.embedded_server import EmbeddedServer

_PARAMETER = re.compile(r"\$(\d)")


class PgbenchFailedError(Exception):
    """pgbench ended badly; the text is its last line."""


@dataclass(frozen=True, slots=True)
class PgbenchResult:
    """Transactions a second, their latencies, and the CPU seconds of pgbench itself."""

    transactions: int
    seconds: float
    latency: Spread
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Transactions a second."""
        return self.transactions / self.seconds


def write_script(statement: str, first: str) -> str:
    """A script for pgbench: `$1` becomes the expression `first`, `$2` the variable `v2` and so on."""
    return _PARAMETER.sub(lambda found: first if found[1] == "1" else f":v{found[1]}", statement) + ";\n"


def run_pgbench(
    server: EmbeddedServer, script: str, variables: Mapping[str, str], clients: int, seconds: float
) -> PgbenchResult:
    """Run a script with prepared statements against the embedded server; raises `PgbenchFailedError`."""
    lasting = max(1, round(seconds))
    defined = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
    with tempfile.TemporaryDirectory(prefix="regard-pgbench-") as folder:
        path = Path(folder, "script.sql")
        path.write_text(script, encoding="utf-8")
        command = [
            str(server.binaries.program("pgbench")), "-n", "-M", "prepared", "-f", str(path), *defined,
            "-c", str(clients), "-j", str(min(2, clients)), "-T", str(lasting),
            "-l", "--log-prefix", str(Path(folder, "log")),
            "-h", str(server.folders.socket), "-p", "5432", "-U", "regard", "regard",
        ]  # fmt: skip
        with Path(folder, "out").open("w+b") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, env=clean_environment(server.binaries.environment)
            )
            # As `wait` does, but it tells what this one child has cost.
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            said = out.read().decode("utf-8", "replace").strip()
        if process.returncode != 0:
            raise PgbenchFailedError(said.splitlines()[-1] if said else "pgbench said nothing")
        latencies = [
            int(line.split()[2]) / 1e6
            for log in Path(folder).glob("log.*")
            for line in log.read_text(encoding="ascii").splitlines()
        ]
        return PgbenchResult(
            len(latencies), lasting, Spread.of_seconds(latencies), usage.ru_utime + usage.ru_stime
        )
