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
        role = role_of(asked.principal.role)
        plan = self._plans.get(role.name)
        if plan is None or not role.may("customers") or not role.may(right):
            await self._note(asked, role, action, "deny")
            raise NotAllowedError(f"the role “{role.title}” may not do this: it lacks the right “{right}”")
        return role, plan

    async def redactor(self, role: Role) -> Redactor:
        return Redactor(role.policy, await self.sources.titles(self.clock.now()))

    async def known_id(self, asked: Asked, role: Role, customer_id: str, action: str) -> UUID:
        known = read_uuid(customer_id)
        if known is None:
            raise await self.unknown(asked, role, action)
        return known

    async def unknown(self, asked: Asked, role: Role, action: str) -> CustomerUnknownError:
        # Asking for ids that name nobody is written down too: a row of them is somebody trying doors.
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
    return f'"{role.policy.fingerprint}-{hashlib.blake2b(redacted, digest_size=12).hexdigest()}"'


def read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
