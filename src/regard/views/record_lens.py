"""What a role sees of records outside a customer's page; without customers, only how values are written."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from regard.access.load_roles import Role
from regard.access.mask_values import mask_shape
from regard.views.redact_values import Redactor
from regard.views.source_titles import SourceTitles

Json = dict[str, Any]


class RecordLens:
    """Lets values through, each under the rule of its field; `summary` is what the audit keeps."""

    def __init__(self, role: Role, titles: SourceTitles) -> None:
        self._redactor = Redactor(role.policy, titles)
        self.titles = titles
        self.blind = not role.may("customers")

    def value(self, entry_type: str | None, field: str, raw: str | None) -> str | None:
        """A value of a party's field, or of an interaction's; None where the role sees nothing."""
        if raw is None or raw == "":
            return None
        if self.blind:
            return mask_shape(raw)
        if entry_type is None:
            return self._redactor.text(field, raw)
        return self._redactor.entry_text(entry_type, field, raw)

    def hides(self, entry_type: str | None, field: str) -> bool:
        """Whether the role must not even know that there is such a field."""
        if self.blind:
            return False
        policy = self._redactor.policy
        decided = policy.decide(field) if entry_type is None else policy.decide_entry(entry_type, field)
        return decided.action == "hide"

    def label(self, entry_type: str | None, field: str) -> str:
        """What people call the field."""
        policy = self._redactor.policy
        decided = policy.decide(field) if entry_type is None else policy.decide_entry(entry_type, field)
        return decided.rule.label if decided.rule.known else field

    def customer(self, customer_id: UUID | None, name: str | None) -> Json | None:
        """A customer by id and name; None when there is none or the role may not see any."""
        if customer_id is None or self.blind:
            return None
        shown = self._redactor.text("name", name) if name else "Somebody without a name"
        return {"id": str(customer_id), "name": shown or "Hidden"}

    def summary(self) -> str:
        """The names of the fields that left."""
        return self._redactor.summary()
