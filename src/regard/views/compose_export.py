"""Composes everything a role may see of a customer, for taking along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from regard.views.compose_entry import compose_entry_detail
from regard.views.compose_identity import record_row
from regard.views.consent_card import consent_shown
from regard.views.customer_data import RawEntry
from regard.views.show_scene import Scene

MOST_ENTRIES = 5_000


def compose_export(scene: Scene, entries: Sequence[RawEntry], *, complete: bool) -> dict[str, Any]:
    """Values with provenance, records, consent and interactions; `complete` tells whether that is all."""
    data, redactor = scene.data, scene.redactor
    values = [v for field in sorted(data.golden) if (v := redactor.golden(field, data.golden[field]))]
    consents = data.consents if consent_shown(scene) else []
    return {
        "id": str(data.id),
        "kind": data.kind,
        "exported_at": scene.now,
        "role": scene.role.name,
        "values": values,
        "records": [record_row(redactor, record) for record in data.records],
        "consents": [
            {
                "purpose": redactor.text("interaction.purpose", said.purpose),
                "channel": redactor.text("interaction.channel", said.channel),
                "contact_point": redactor.text("interaction.contact_point", said.contact_point) or "",
                "state": redactor.text("interaction.state", said.state),
                "at": said.at,
                "source": said.source,
            }
            for said in consents
        ],
        "interactions": [compose_entry_detail(redactor, entry, []) for entry in entries],
        "complete": complete,
    }
