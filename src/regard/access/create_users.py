"""Makes users: the first administrator by a one-time code, and the demo's sign-ins in the demo alone."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from regard.access.hash_passwords import PasswordPool
from regard.access.load_roles import ROLE_NAMES, shipped_roles
from regard.access.sign_in import TokenHasher
from regard.db.named_queries import NamedQueries
from regard.db.pool import Pool
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.kit.ids import new_id

_queries = NamedQueries(__package__, "access.sql")
DEMO_PASSWORD = "regard-demo-please"  # noqa: S105 - known to everybody on purpose, and only made in the demo
# Whoever sets an empty installation up must be able to see the first customers come in; not as administrator.
FIRST_ROLES = ("data_steward", "administrator")
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_USERNAME = re.compile(r"^[\w.@+-]{1,64}$")


class SetupRefusedError(RegardError):
    """The first administrator cannot be made like this."""

    code = "setup_refused"
    status = 403


class UserUnsuitableError(RegardError):
    """A name for a new user cannot be used."""

    code = "user_unsuitable"
    status = 422


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One of the sign-ins that a demo tells everybody."""

    username: str
    password: str
    name: str
    role: str
    title: str


def demo_sign_ins() -> list[DemoSignIn]:
    """One per role; the user name is the role's."""
    roles = shipped_roles()
    return [
        DemoSignIn(name, DEMO_PASSWORD, f"Demo {roles[name].title.lower()}", name, roles[name].title)
        for name in ROLE_NAMES
    ]


def demo_roles(role: str) -> list[str]:
    """The roles of a demo user: its own first, then the others that see customers, to compare them.

    The demo's administrator has that one role: who configures sees no customer, in the demo as well.
    """
    if role == "administrator":
        return [role]
    return [role, *(name for name in ROLE_NAMES if name not in (role, "administrator"))]


class UserDesk:
    """Makes the users of an installation."""

    def __init__(self, pool: Pool, hasher: TokenHasher, clock: Clock, passwords: PasswordPool) -> None:
        self._pool = pool
        self._hasher = hasher
        self._clock = clock
        self._passwords = passwords

    async def prepare_demo(self, *, demo: bool) -> None:
        """In a demo make its sign-ins; anywhere else close those that an earlier demo left."""
        await self._pool.execute(_queries["disable_demo_users"], demo)
        if not demo:
            return
        known = {row["username"] for row in await self._pool.fetch(_queries["read_demo_names"])}
        missing = [one for one in demo_sign_ins() if one.username not in known]
        if missing:
            hashed = await self._passwords.hash(DEMO_PASSWORD)
            for one in missing:
                await self._add(one.username, one.name, hashed, demo_roles(one.role), is_demo=True)

    async def setup_needed(self) -> bool:
        """Whether nobody but demo sign-ins exists."""
        return int(await self._pool.fetchval(_queries["count_real_users"])) == 0

    async def new_setup_code(self) -> str:
        """A one-time code for making the first administrator; an earlier one stops working."""
        code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(5))
        await self._pool.execute(_queries["write_setup_code"], self._hasher.token_hash(f"setup {code}"))
        return code

    async def set_up(self, code: str, name: str, username: str, password: str) -> None:
        """Make the first administrator; raises what is wrong with the code, a name or the password."""
        if not _USERNAME.match(username):
            raise UserUnsuitableError("a user name has 1 to 64 letters, digits or any of . _ - @ +")
        if not name.strip() or len(name) > 200:
            raise UserUnsuitableError("write your name, in at most 200 characters")
        if not await self.setup_needed():
            raise SetupRefusedError("this installation has its first administrator already; sign in instead")
        hashed = await self._passwords.hash(password)
        code_hash = self._hasher.token_hash(f"setup {code.strip().upper()}")
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(_queries["take_setup_code"], code_hash) is None:
                raise SetupRefusedError("this is not the code printed at the last start; look there again")
            now, roles, is_demo = self._clock.now(), list(FIRST_ROLES), False
            made = await connection.fetchval(
                _queries["add_user"], new_id(now), username, name.strip(), hashed, roles, is_demo, now
            )
            if made is None:
                raise UserUnsuitableError(f"there is a user named {username} already; choose another name")

    async def add_user(self, username: str, name: str, password: str, roles: list[str]) -> None:
        """Make a user with these roles; raises `UserUnsuitableError` or `PasswordUnsuitableError`."""
        unknown = [role for role in roles if role not in shipped_roles()]
        if unknown or not roles:
            raise UserUnsuitableError(f"choose roles among {', '.join(ROLE_NAMES)}")
        if not _USERNAME.match(username):
            raise UserUnsuitableError("a user name has 1 to 64 letters, digits or any of . _ - @ +")
        hashed = await self._passwords.hash(password)
        if not await self._add(username, name, hashed, roles, is_demo=False):
            raise UserUnsuitableError(f"there is a user named {username} already; choose another name")

    async def _add(self, username: str, name: str, hashed: str, roles: list[str], *, is_demo: bool) -> bool:
        now = self._clock.now()
        user = (new_id(now), username, name, hashed, roles, is_demo, now)
        return await self._pool.fetchval(_queries["add_user"], *user) is not None
