"""Who is asking: a signed-in user in the role they work in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from regard.kit.errors import RegardError


class NotSignedInError(RegardError):
    """The request carries no session, or one that has ended."""

    code = "not_signed_in"
    status = 401


class NotAllowedError(RegardError):
    """The role may not do this."""

    code = "not_allowed"
    status = 403


@dataclass(frozen=True, slots=True)
class Principal:
    """A user, the role they work in now, and the session they came with.

    `session` is the stored hash of the session's token, never the token itself.
    """

    user_id: UUID
    username: str
    name: str
    role: str
    roles: tuple[str, ...]
    session: bytes

    @property
    def session_hint(self) -> str:
        """Enough of the session's hash to tell sessions apart in the audit."""
        return self.session.hex()[:12]
