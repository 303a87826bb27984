"""The card of what the customer allowed: per purpose and channel, the strictest statement holds."""

from __future__ import annotations

from typing import Any

from regard.views.card_shape import Card, Made
from regard.views.customer_data import RawConsent
from regard.views.show_scene import Scene

CHANNELS = ("email", "phone", "sms", "post", "web")
PURPOSES = ("marketing", "profiling", "service")


def strictest(statements: list[RawConsent], purpose: str, channel: str) -> RawConsent | None:
    """Denied beats granted whatever came first; of equals the latest speaks."""
    said = [s for s in statements if s.purpose == purpose and s.channel == channel]
    return max(said, key=lambda s: (s.state == "denied", s.at, s.source), default=None)


def make_consent(scene: Scene) -> Made | None:
    """Three states per cell; None for a role that does not see consent."""
    if not consent_shown(scene):
        return None
    consents = scene.data.consents
    rows = [
        {
            "label": purpose.capitalize(),
            "cells": [_cell(scene, strictest(consents, purpose, channel)) for channel in CHANNELS],
        }
        for purpose in PURPOSES
    ]
    sources = frozenset(statement.source for statement in consents)
    columns = [channel.upper() if channel == "sms" else channel.capitalize() for channel in CHANNELS]
    empty = None if consents else "Nothing was said about consent, which counts as no"
    return Made({"columns": columns, "rows": rows}, sources, empty=empty)


def consent_shown(scene: Scene) -> bool:
    """Whether the role sees what customers allowed, whatever its timeline shows."""
    return scene.redactor.policy.shows("interaction.state")


def _cell(scene: Scene, statement: RawConsent | None) -> dict[str, Any]:
    if statement is None:
        return {"state": "unknown", "at": None, "source_title": None}
    scene.redactor.text("interaction.state", statement.state)
    state = statement.state if statement.state in ("granted", "denied") else "unknown"
    return {"state": state, "at": statement.at, "source_title": scene.titles.title(statement.source)}


CARD = Card("consent", "matrix", "Consent", make_consent, frozenset({"consent", "identity", "timeline"}))
