"""Hashes passwords with argon2id, in so few threads that a flood of sign-ins cannot eat the memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from regard.kit.errors import RegardError

# RFC 9106 and the OWASP cheat sheet's first choice: 46 MiB, one pass, one lane.
_MEMORY_KIB = 46 * 1024
_THREADS = 2
SHORTEST, LONGEST = 15, 128
# Two threads check some forty passwords a second: whoever waits behind so many waits half a second.
_MOST_WAITING = 20
_T = TypeVar("_T")


class PasswordUnsuitableError(RegardError):
    """A new password is too short or too long."""

    code = "password_unsuitable"
    status = 422


class SignInsBusyError(RegardError):
    """More passwords wait to be checked than can be in good time."""

    code = "sign_ins_busy"
    status = 503


class PasswordPool:
    """Hashes and checks passwords; never more than two at a time in one process, and few wait.

    Raises `SignInsBusyError` when too many wait already. `memory_kib` is what one hash costs a guesser.
    """

    def __init__(self, memory_kib: int = _MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._decoy: str | None = None
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash of a new password; raises `PasswordUnsuitableError`."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise PasswordUnsuitableError(
                f"a password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}"
            )
        return await self._run(self._hasher.hash, password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether the password fits; an unknown user (None) costs the same time."""
        if self._decoy is None:
            self._decoy = await self._run(self._hasher.hash, "nobody has this password")
        given, expected = password[: LONGEST + 1], stored or self._decoy
        return await self._run(self._check, given, expected) and stored is not None

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[..., _T], *given: str) -> _T:
        if self._waiting >= _MOST_WAITING + _THREADS:
            raise SignInsBusyError("too many people sign in at this moment; try again in a few seconds")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._waiting -= 1

    def _check(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False
