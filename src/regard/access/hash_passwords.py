"""Hashes passwords with argon2id, in so few threads that a flood of sign-ins cannot eat the memory."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from regard.kit.errors import RegardError

# RFC 9106 and the OWASP cheat sheet's first choice: 46 MiB, one pass, one lane.
_MEMORY_KIB = 46 * 1024
_THREADS = 2
SHORTEST, LONGEST = 15, 128


class PasswordUnsuitableError(RegardError):
    """A new password is too short or too long."""

    code = "password_unsuitable"
    status = 422


class PasswordPool:
    """Hashes and checks passwords; never more than two at a time in one process."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=_MEMORY_KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="argon2")
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """The hash of a new password; raises `PasswordUnsuitableError`."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise PasswordUnsuitableError(
                f"a password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}"
            )
        return await self._run(password)

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether the password fits; an unknown user (None) costs the same time."""
        if self._decoy is None:
            self._decoy = await self._run("nobody has this password")
        loop = asyncio.get_running_loop()
        given, expected = password[: LONGEST + 1], stored or self._decoy
        matches = await loop.run_in_executor(self._threads, self._check, given, expected)
        return matches and stored is not None

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    def _check(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False
