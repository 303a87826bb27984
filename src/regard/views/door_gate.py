"""What every look passes: who may look, what of it is shown, and that it is written down before it leaves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from regard.access.audit_reads import AuditWriter, Look
from regard.access.load_roles import Role, role_of, shipped_roles
from regard.access.principal import NotAllowedError, Principal
from regard.access.sign_in import TokenHasher
from regard.db.pool import Pool
from regard.kit.clock import Clock
from regard.kit.errors import RegardError
from regard.views.plan_desktop import DesktopPlan, plan_desktop
from regard.views.redact_values import Redactor
from regard.views.source_titles import SourceBook


class CustomerUnknownError(RegardError):
    """No customer has this id, or none that the caller may see: the same answer for both."""

    code = "customer_unknown"
    status = 404

    def __init__(self) -> None:
        super().__init__("there is no customer with this id")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and under which request id."""

    principal: Principal
    request_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Finished bytes; `etag` stands for them and the policy they were made under.

    `customer_id` is the customer of today, whichever of its ids was asked for.
    """

    body: bytes
    etag: str | None = None
    media_type: str = "application/json"
    customer_id: UUID | None = None


class Gate:
    """Admits, redacts and writes down; the parts of the door share one."""

    def __init__(self, pool: Pool, clock: Clock, audit: AuditWriter, hasher: TokenHasher) -> None:
        self.clock = clock
        self.audit = audit
        self.sources = SourceBook(pool)
        self._hasher = hasher
        self._plans = {name: plan_desktop(role) for name, role in shipped_roles().items()}

    async def admit(self, asked: Asked, action: str, right: str = "customers") -> tuple[Role, DesktopPlan]:
        """The caller's role and desktop; raises, and writes that down, for who may not look."""
        role = role_of(asked.principal.role)
        plan = self._plans.get(role.name)
        if plan is None or not role.may("customers") or not role.may(right):
            raise await self._refused(asked, role, action, right)
        return role, plan

    async def require(self, asked: Asked, action: str, right: str) -> Role:
        """The caller's role, which has this right; what it shows need not be of customers."""
        role = role_of(asked.principal.role)
        if not role.may(right):
            raise await self._refused(asked, role, action, right)
        return role

    async def _refused(self, asked: Asked, role: Role, action: str, right: str) -> NotAllowedError:
        await self._note(asked, role, action, "deny")
        return NotAllowedError(f"the role “{role.title}” may not do this: it lacks the right “{right}”")

    async def note_act(self, asked: Asked, action: str, what: str) -> None:
        """Write down that somebody does something to a source as a whole; return once that is durable."""
        policy = role_of(asked.principal.role).policy.fingerprint
        await self.audit.record(
            Look(asked.principal, action, policy, asked.request_id, fields=what, results=0)
        )

    async def redactor(self, role: Role) -> Redactor:
        """What hides from this role what it may not see."""
        return Redactor(role.policy, await self.sources.titles(self.clock.now()))

    async def known_id(self, asked: Asked, role: Role, customer_id: str, action: str) -> UUID:
        """The id, when it has the form of one; raises `CustomerUnknownError`."""
        known = read_uuid(customer_id)
        if known is None:
            raise await self.unknown(asked, role, action)
        return known

    async def unknown(self, asked: Asked, role: Role, action: str) -> CustomerUnknownError:
        """The error for an id that names nobody; written down, for a row of them is somebody trying doors."""
        await self._note(asked, role, action, "unknown")
        return CustomerUnknownError()

    async def _note(self, asked: Asked, role: Role, action: str, decision: str) -> None:
        await self.audit.record(
            Look(
                asked.principal,
                action,
                role.policy.fingerprint,
                asked.request_id,
                results=0,
                decision=decision,
            )
        )

    async def write_down(
        self,
        asked: Asked,
        action: str,
        redactor: Redactor,
        customer_id: UUID | None,
        results: int = 1,
        text: str = "",
    ) -> None:
        """Return once it is written down who saw which fields; without that nothing leaves."""
        hashed = (
            self._hasher.token_hash(f"search {text.strip().casefold()}").hex()[:32] if text.strip() else ""
        )
        names, policy = redactor.summary(), redactor.policy.fingerprint
        look = Look(
            asked.principal, action, policy, asked.request_id, customer_id, names, results, asked=hashed
        )
        await self.audit.record(look)


def etag_of(role: Role, redacted: bytes) -> str:
    """A tag of these bytes under the role's policy of today."""
    return f'"{role.policy.fingerprint}-{hashlib.blake2b(redacted, digest_size=12).hexdigest()}"'


def read_uuid(text: str) -> UUID | None:
    """The id that a text spells."""
    try:
        return UUID(text)
    except ValueError:
        return None
