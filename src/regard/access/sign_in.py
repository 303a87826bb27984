"""Signs users in and out, and keeps their sessions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from regard.access.hash_passwords import PasswordPool, SignInsBusyError
from regard.access.load_roles import shipped_roles
from regard.access.principal import NotAllowedError, NotSignedInError, Principal
from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.kit.clock import Clock
from regard.kit.errors import RegardError

_queries = NamedQueries(__package__, "access.sql")

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
_TOUCH_EVERY = timedelta(minutes=1)
# How long a session found in the database is believed without asking again; other processes learn of a
# sign-out within this time, this one at once.
_BELIEVED = timedelta(seconds=1)
_MOST_BELIEVED = 10_000
_FAILURES_FORGOTTEN = timedelta(hours=1)
_LONGEST_DELAY = 900
_FREE_FAILURES_ACCOUNT = 4
# An address may be that of a whole office: one person's failures must not keep the others out for long.
_FREE_FAILURES_ADDRESS, _LONGEST_DELAY_ADDRESS, _ADDRESS_SECONDS = 100, 30, 900


class WrongSignInError(RegardError):
    """User name and password do not belong together; which of them is wrong is nobody's business."""

    code = "wrong_sign_in"
    status = 401


class TooManyTriesError(RegardError):
    """Sign-ins failed too often for this account or address; `retry_after` is in seconds."""

    code = "too_many_tries"
    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many sign-ins failed; try again in {retry_after} seconds")
        self.retry_after = retry_after


class TokenHasher(Protocol):
    """Turns a secret token into what is stored of it."""

    def token_hash(self, token: str) -> bytes:
        """A keyed hash."""
        ...


@dataclass(frozen=True, slots=True)
class _Bucket:
    """Where failures are counted, how many are free, and the seconds to wait after each one more."""

    key: bytes
    free: int
    longest: int

    def delays(self) -> list[int]:
        """The growing delays; the last one stays."""
        return [delay_after(self.free + more, self.free, self.longest) for more in range(1, 21)]


@dataclass(frozen=True, slots=True)
class _Believed:
    principal: Principal
    until: datetime


class SignIn:
    """Sessions of one installation. Tokens are 256 random bits, of which only a keyed hash is stored."""

    def __init__(self, pool: Pool, hasher: TokenHasher, clock: Clock, passwords: PasswordPool) -> None:
        self._pool = pool
        self._hasher = hasher
        self._clock = clock
        self._passwords = passwords
        self._believed: dict[bytes, _Believed] = {}

    async def sign_in(self, username: str, password: str, address: str) -> tuple[str, Principal]:
        """A new session's token and who it belongs to.

        Raises `WrongSignInError`, `TooManyTriesError` or `SignInsBusyError`.
        """
        now = self._clock.now()
        buckets = self._buckets(username, address, now)
        await self._take_try(buckets, now)
        row = await self._pool.fetchrow(_queries["find_user"], username)
        stored = row["password_hash"] if row is not None and not row["disabled"] else None
        try:
            fits = await self._passwords.fits(password, stored)
        except SignInsBusyError:
            await self._give_back(buckets)
            raise
        if not fits or row is None:
            raise WrongSignInError("user name or password is wrong")
        await self._give_back(buckets[:1])
        await self._pool.execute(_queries["forget_failures"], buckets[1].key)
        await self._sweep(now)
        token = secrets.token_urlsafe(32)
        token_hash, roles = self._hasher.token_hash(token), _known_roles(row["roles"])
        await self._pool.execute(_queries["add_session"], token_hash, row["user_id"], roles[0], now)
        return token, Principal(row["user_id"], row["username"], row["name"], roles[0], roles, token_hash)

    async def find(self, token: str) -> Principal:
        """Who a token belongs to; raises `NotSignedInError`."""
        token_hash, now = self._hasher.token_hash(token), self._clock.now()
        believed = self._believed.get(token_hash)
        if believed is not None and now < believed.until:
            return believed.principal
        row = await self._pool.fetchrow(_queries["find_session"], token_hash, now - IDLE, now - ABSOLUTE)
        if row is None:
            self._believed.pop(token_hash, None)
            raise NotSignedInError("you are not signed in, or your session has ended; sign in again")
        if now - row["used_at"] > _TOUCH_EVERY:
            await self._pool.execute(_queries["touch_session"], token_hash, now)
        roles = _known_roles(row["roles"])
        role = row["role"] if row["role"] in roles else roles[0]
        principal = Principal(row["user_id"], row["username"], row["name"], role, roles, token_hash)
        if len(self._believed) >= _MOST_BELIEVED:
            self._believed.clear()
        self._believed[token_hash] = _Believed(principal, now + _BELIEVED)
        return principal

    async def change_role(self, principal: Principal, role: str) -> tuple[str, Principal]:
        """The same user in another of their roles, under a new token; raises `NotAllowedError`."""
        token = secrets.token_urlsafe(32)
        token_hash = self._hasher.token_hash(token)
        changed = None
        if role in principal.roles:
            changed = await self._pool.fetchval(_queries["change_role"], principal.session, role, token_hash)
        if changed is None:
            raise NotAllowedError(f"you do not have the role “{role}”")
        self._believed.pop(principal.session, None)
        user = principal
        return token, Principal(user.user_id, user.username, user.name, role, user.roles, token_hash)

    async def sign_out(self, principal: Principal) -> None:
        """End the session."""
        self._believed.pop(principal.session, None)
        await self._pool.execute(_queries["end_session"], principal.session)

    async def still_live(self, sessions: Sequence[bytes]) -> dict[bytes, str]:
        """Which of these sessions live, and the role each is in now."""
        now = self._clock.now()
        rows = await self._pool.fetch(_queries["find_live_sessions"], sessions, now - IDLE, now - ABSOLUTE)
        return {row["token_hash"]: row["role"] for row in rows}

    def _buckets(self, username: str, address: str, now: datetime) -> list[_Bucket]:
        """The address's, which begins anew every quarter of an hour, and the account's."""
        quarter = int(now.timestamp()) // _ADDRESS_SECONDS
        place = self._hasher.token_hash(f"address {address} {quarter}")
        account = self._hasher.token_hash(f"account {username.casefold()}")
        return [
            _Bucket(place, _FREE_FAILURES_ADDRESS, _LONGEST_DELAY_ADDRESS),
            _Bucket(account, _FREE_FAILURES_ACCOUNT, _LONGEST_DELAY),
        ]

    async def _take_try(self, buckets: Sequence[_Bucket], now: datetime) -> None:
        """Count a failure before there is one; too early for one bucket gives back to the others."""
        forgotten = now - _FAILURES_FORGOTTEN
        for place, one in enumerate(buckets):
            asked = one.key, now, forgotten, one.free, one.delays()
            if await self._pool.fetchval(_queries["take_try"], *asked) is None:
                await self._give_back(buckets[:place])
                raise TooManyTriesError(await self._wait(one, now))

    async def _wait(self, bucket: _Bucket, now: datetime) -> int:
        row = await self._pool.fetchrow(_queries["read_failures"], bucket.key)
        if row is None:
            return 1
        wait = (
            delay_after(row["failures"], bucket.free, bucket.longest) - (now - row["last_at"]).total_seconds()
        )
        return max(int(wait) + 1, 1)

    async def _give_back(self, buckets: Sequence[_Bucket]) -> None:
        await self._pool.execute(_queries["give_back_tries"], [one.key for one in buckets])

    async def _sweep(self, now: datetime) -> None:
        await self._pool.execute(_queries["drop_old_sessions"], now - IDLE, now - ABSOLUTE)
        await self._pool.execute(_queries["drop_old_failures"], now - _FAILURES_FORGOTTEN)


def delay_after(failures: int, free: int, longest: int = _LONGEST_DELAY) -> int:
    """Seconds to wait after so many failures: none at first, then doubling, at most `longest`."""
    if failures <= free:
        return 0
    return int(min(2 ** min(failures - free, 20), longest))


def _known_roles(roles: Sequence[str]) -> tuple[str, ...]:
    known = tuple(role for role in roles if role in shipped_roles())
    if not known:
        raise NotAllowedError("you have no role in this installation; ask the administrator for one")
    return known
