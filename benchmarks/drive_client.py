"""Starts the client processes and reads what they print."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import msgspec

from benchmarks.send_requests import LoadPlan, LoadResult


class ClientFailedError(Exception):
    """A client process ended badly, or its requests were refused."""


def fresh_salt() -> str:
    """A text that makes the ids of a run unlike those of any other run."""
    return secrets.token_hex(4)


def send(plan: LoadPlan) -> LoadResult:
    """Carry out a plan in a process of its own, to its end; raises `ClientFailedError`."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.send_requests"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        timeout=plan.seconds + 120,
        check=False,
    )
    if done.returncode != 0:
        raise ClientFailedError("the load generator failed; its message is above")
    result = msgspec.json.decode(done.stdout, type=LoadResult)
    refused = {status: count for status, count in result.statuses.items() if status >= 400 and status != 503}
    if refused:
        raise ClientFailedError(f"requests to {plan.paths[0]} were refused, count by status: {refused}")
    if not result.answered:
        raise ClientFailedError(f"no request to {plan.paths[0]} was answered, {result.broken} broke off")
    return result


@contextmanager
def in_background(module: str, plan: msgspec.Struct) -> Iterator[subprocess.Popen[bytes]]:
    """A client process beside us, ended with the block; it has read its plan when the block begins."""
    process = subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        pipe = _pipe(process.stdin)
        pipe.write(msgspec.json.encode(plan))
        pipe.close()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _pipe(process.stdout).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
