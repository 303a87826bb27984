"""Composes the whole screen of a customer for a role: header, vitals, alerts, cards, timeline."""

from __future__ import annotations

from typing import Any

from regard.views.alert_rules import compose_alerts
from regard.views.card_shape import Card
from regard.views.compose_timeline import PAGE, compose_timeline
from regard.views.plan_desktop import DesktopPlan
from regard.views.show_scene import Scene
from regard.views.vital_shape import compose_vital

_NO_VALUE = {"source": "", "source_title": "", "as_of": None, "others": 0}
_CERTAIN, _LIKELY = 0.99, 0.90


def compose_view(scene: Scene, plan: DesktopPlan) -> dict[str, Any]:
    """The view, redacted. `version` is that of the customer's last change."""
    data = scene.data
    desktop = scene.role.desktop
    on_page = [entry for entry in data.entries if entry.on_page]
    return {
        "id": str(data.id),
        "kind": data.kind,
        "version": str(data.version),
        # The door puts in the moment, after it has tagged the content.
        "as_of": None,
        "role": scene.role.name,
        "desktop": desktop.id if desktop else "",
        "header": _compose_header(scene),
        "vitals": [compose_vital(vital, scene) for vital in plan.vitals],
        "alerts": compose_alerts(scene),
        "cards": [card for region, one in plan.cards if (card := _compose_card(scene, region, one))],
        "timeline": compose_timeline(scene.redactor, on_page, plan.filter, PAGE),
        "withheld": _withheld(scene),
    }


def confidence_word(confidence: float) -> str:
    """Certain from 0.99, Likely from 0.90, Possible below."""
    if confidence >= _CERTAIN:
        return "Certain"
    return "Likely" if confidence >= _LIKELY else "Possible"


def initials_of(name: str) -> str:
    """First letters of the first and the last word."""
    words = [word for word in name.replace("•", "").split() if word[0].isalpha()]
    shown = words if len(words) < 3 else [words[0], words[-1]]
    return "".join(word[0].upper() for word in shown)


def _compose_header(scene: Scene) -> dict[str, Any]:
    data, redactor = scene.data, scene.redactor
    golden = data.golden
    name = redactor.golden("name", golden["name"]) if "name" in golden else None
    if name is None:
        text = "Hidden" if "name" in golden else "Somebody without a name"
        name = {"field": "name", "label": "Name", "value": text, "state": "shown", "class": "C2", **_NO_VALUE}
        initials = ""
    else:
        initials = initials_of(name["value"])
    fields = scene.role.desktop.contacts if scene.role.desktop else ()
    contacts = [
        value for field in fields if field in golden and (value := redactor.golden(field, golden[field]))
    ]
    return {
        "name": name,
        "initials": initials,
        "subtitle": _subtitle(scene),
        "since": _since(scene),
        "contacts": contacts,
        "organisation": _organisation(scene),
        "identity": {
            "records": len(data.records),
            "sources": len({record.source for record in data.records}),
            "confidence": round(scene.data.confidence, 4),
            "word": confidence_word(scene.data.confidence),
        },
    }


def _subtitle(scene: Scene) -> str | None:
    golden = scene.data.golden
    fields = ("job_title", "tier") if scene.data.kind == "person" else ("legal_form", "industry", "tier")
    shown = [scene.redactor.shown(f, golden[f].value) for f in fields if f in golden]
    place = [scene.redactor.shown(f, golden[f].value) for f in ("city", "country") if f in golden]
    words = [word for word in [*shown, ", ".join(p for p in place if p)] if word]
    return " · ".join(words) or None


def _since(scene: Scene) -> str | None:
    stated = scene.data.golden.get("customer_since")
    return scene.redactor.shown("customer_since", stated.value) if stated else None


def _organisation(scene: Scene) -> dict[str, str] | None:
    linked = scene.data.organisation
    if not linked or not linked[1] or not scene.redactor.policy.shows("organisation"):
        return None
    return {"id": linked[0], "name": scene.redactor.text("organisation", linked[1]) or ""}


def _compose_card(scene: Scene, region: str, card: Card) -> dict[str, Any] | None:
    made = card.make(scene)
    if made is None:
        return None
    composed: dict[str, Any] = {
        "id": card.id,
        "kind": card.kind,
        "title": card.title,
        "region": region,
        "fresh": scene.titles.freshness(set(made.sources), scene.now),
        "payload": made.payload,
    }
    if made.total is not None:
        composed["total"] = made.total
    if made.empty is not None:
        composed["empty"] = made.empty
    return composed


def _withheld(scene: Scene) -> list[dict[str, str]]:
    """Fields that are masked or only said to exist; what is hidden is not named either."""
    withheld = []
    for field in sorted(scene.data.golden):
        decision = scene.redactor.policy.decide(field)
        if decision.action in ("mask", "exists"):
            reason = "masked" if decision.action == "mask" else "withheld"
            words = f"{reason} for the role {scene.role.title}"
            withheld.append({"field": field, "label": decision.rule.label, "reason": words})
    return withheld
