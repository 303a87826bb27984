"""Vitals about the data itself: records, conflicts, completeness, age, merges, and who looked."""

from __future__ import annotations

from datetime import datetime

from regard.views.field_sources_card import conflicting
from regard.views.show_scene import Scene, ago
from regard.views.vital_shape import Told, Vital

_WANTED = {
    "person": ("name", "email", "phone", "street", "postcode", "city", "country", "birth_date"),
    "organisation": ("name", "domain", "email", "phone", "street", "city", "country", "tax_id"),
}


def tell_identities(scene: Scene) -> Told:
    """How many records of how many sources, and how sure it is that they are one."""
    records = scene.data.records
    sources = frozenset(record.source for record in records)
    hint = f"from {len(sources)} source{'s' * (len(sources) != 1)}, {int(scene.data.confidence * 100)} %"
    tone = "neutral" if scene.data.confidence >= 0.9 else "warn"
    return Told(f"{len(records)} record{'s' * (len(records) != 1)}", hint, tone, sources)


def tell_conflicts(scene: Scene) -> Told:
    """Fields on which the records differ."""
    fields = [
        scene.redactor.policy.decide(field).rule.label
        for field, value in sorted(scene.data.golden.items())
        if scene.redactor.policy.decide(field).action != "hide" and conflicting(value)
    ]
    if not fields:
        return Told("None", tone="good")
    return Told(f"{len(fields)} field{'s' * (len(fields) != 1)}", ", ".join(fields[:4]), "warn")


def tell_completeness(scene: Scene) -> Told:
    """Of what one would wish to know, the share that is known to the role's eyes."""
    decide = scene.redactor.policy.decide
    wanted = [f for f in _WANTED.get(scene.data.kind, ()) if decide(f).action != "hide"]
    missing = [decide(f).rule.label.lower() for f in wanted if f not in scene.data.golden]
    known = len(wanted) - len(missing)
    hint = f"missing: {', '.join(missing[:3])}" if missing else None
    return Told(f"{known} of {len(wanted)} fields", hint, "neutral" if missing else "good")


def tell_quietest_source(scene: Scene) -> Told:
    """The source that has said nothing of this customer for longest, by its records and its interactions."""
    heard: dict[str, datetime] = {}
    told = [(record.source, record.last_seen) for record in scene.data.records]
    told += [(entry.source, min(entry.at, scene.now)) for entry in scene.data.entries]
    for source, at in told:
        heard[source] = max(at, heard.get(source, at))
    if not heard:
        return Told("No records")
    at, quietest = min((at, source) for source, at in heard.items())
    hint = f"last news {ago(at, scene.now)}"
    return Told(scene.titles.title(quietest), hint, sources=frozenset({quietest}))


def tell_last_merge(scene: Scene) -> Told:
    """When a record last came or went."""
    changes = [change for change in scene.data.changes if change.kind not in ("created", "ended")]
    if not changes:
        return Told("Never merged")
    return Told(
        ago(changes[0].at, scene.now), "by a person" if "judgement" in changes[0].cause else "by the records"
    )


def tell_accesses(scene: Scene) -> Told:
    """How often somebody looked in the last 30 days."""
    accesses = scene.data.accesses
    total = accesses[0].total if accesses else 0
    hint = f"last {ago(accesses[0].at, scene.now)}" if accesses else "in 30 days"
    return Told(f"{total} look{'s' * (total != 1)}", hint)


VITALS = (
    Vital("identities", "Records", tell_identities, ()),
    Vital("conflicts", "Conflicts", tell_conflicts, ()),
    Vital("completeness", "Completeness", tell_completeness, ()),
    Vital("oldest_source", "Quietest source", tell_quietest_source, ()),
    Vital("last_merge", "Last merge", tell_last_merge, (), needs=frozenset({"changes"})),
    Vital("accesses", "Looked at", tell_accesses, ("access.username",), needs=frozenset({"accesses"})),
)
