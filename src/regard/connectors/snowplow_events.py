"""Events of Snowplow's trackers (tracker protocol 2), told as the calls of the event API that mean the same.

All values are texts. `uid` is the person's own id; `duid` (first-party cookie), `nuid` (the collector's
cookie) and the id inside a mobile session are visitors' ids. Times are milliseconds: `dtm` when it happened
and `stm` when it was sent by the same clock, `ttm` when it truly happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from regard.connectors.interactions_api import PURPOSES, read_amount
from regard.connectors.link_actors import VISITORS, ActorCall, link_event
from regard.connectors.name_origin import ItemRefusedError, Origin
from regard.connectors.read_values import plain_text
from regard.connectors.segment_commerce import SPEC_CURRENCY, has_meaning
from regard.connectors.segment_consent import purpose_of
from regard.connectors.segment_events import read_call, translate_call
from regard.connectors.snowplow_entities import Described, read_described_event, read_entities
from regard.connectors.snowplow_shop import line_fields, name_action, name_order
from regard.events.envelope import Event
from regard.events.interaction_events import InteractionStated, PartyReference

_STRUCTURED = {
    "se_ca": "category", "se_ac": "action", "se_la": "label", "se_pr": "property", "se_va": "value",
}  # fmt: skip
_CONTEXT = {
    "p": "platform", "ip": "ip", "ua": "userAgent", "lang": "locale", "tz": "timezone", "res": "screen",
    "vp": "viewport", "cs": "charset", "sid": "session_id", "vid": "session_number", "tna": "tracker",
    "aid": "app_id", "pp_mix": "scroll_min_x", "pp_max": "scroll_max_x", "pp_miy": "scroll_min_y",
    "pp_may": "scroll_max_y",
}  # fmt: skip
_SCREENS = frozenset({"screen_view"})
_VISITOR_PLACES = ("duid", "nuid", "tnuid")

Item = Mapping[str, Any]


def translate_tracked(item: Item, origin: Origin) -> list[Event]:
    """The events of one tracked event, the principal one first; raises `ItemRefusedError`."""
    entities = read_entities(item)
    visitors = _visitors(item, entities)
    call = _call(item, entities, visitors)
    events = _order_line(item, call, origin) if item.get("e") == "ti" else translate_call(call, origin)
    return [*events, *_other_visitors(read_call(call, origin), visitors[1:])]


def _call(item: Item, entities: Sequence[Described], visitors: Sequence[str]) -> dict[str, Any]:
    kind = plain_text(item.get("e"))
    make = _CALLS.get(kind or "")
    if make is None:
        raise ItemRefusedError("unknown_word", f"“e” must be one of {', '.join(_CALLS)}")
    user = plain_text(item.get("uid"))
    if not (user and user.strip()) and not visitors:
        raise ItemRefusedError(
            "missing",
            "the event names nobody: “uid”, “duid” and “nuid” are missing; give the tracker a subject",
        )
    call = {
        "messageId": item.get("eid"),
        "timestamp": item.get("ttm") or item.get("dtm"),
        "sentAt": _sent_at(item),
        "userId": user,
        "anonymousId": visitors[0] if visitors else None,
        "context": _context(item, entities),
    }
    made = make(item, entities)
    call["context"] |= made.pop("context", {})
    return call | made


def _sent_at(item: Item) -> object:
    """When the tracker's clock said it sent; some cut `stm` to whole seconds, below `dtm` even."""
    sent, made = plain_text(item.get("stm")), plain_text(item.get("dtm"))
    if not sent or item.get("ttm"):
        return None
    return max(sent, made, key=int) if made and sent.isdecimal() and made.isdecimal() else sent


def _page(item: Item, _: Sequence[Described]) -> dict[str, Any]:
    named = {"url": item.get("url"), "title": item.get("page"), "referrer": item.get("refr")}
    return {"type": "page", "properties": {name: value for name, value in named.items() if value}}


def _ping(item: Item, _: Sequence[Described]) -> dict[str, Any]:
    return {"type": "track", "event": "Page ping", "properties": {}}


def _structured(item: Item, _: Sequence[Described]) -> dict[str, Any]:
    properties = {name: item[key] for key, name in _STRUCTURED.items() if item.get(key)}
    action, category = plain_text(item.get("se_ac")) or "", plain_text(item.get("se_ca")) or ""
    # An action that the commerce events know stands for itself; others say little without their category.
    name = action if has_meaning(action) else " ".join(word for word in (category, action) if word)
    return {"type": "track", "event": name, "properties": properties}


def _described(item: Item, entities: Sequence[Described]) -> dict[str, Any]:
    described = read_described_event(item)
    if described.name in _SCREENS:
        return {"type": "screen", "name": described.data.get("name"), "properties": dict(described.data)}
    if described.name == "snowplow_ecommerce_action":
        name, properties = name_action(described, entities)
    else:
        name, properties = described.name.replace("_", " ").capitalize(), dict(described.data)
    call = {"type": "track", "event": name, "properties": properties}
    if described.name == "consent_preferences" and (preferences := _preferences(described.data)) is not None:
        call["context"] = {"consent": {"categoryPreferences": preferences}}
    return call


def _preferences(data: Mapping[str, Any]) -> dict[str, bool] | None:
    """What a visitor chose in a consent banner; None while they have chosen nothing."""
    choice = plain_text(data.get("eventType")) or ""
    if choice in {"deny_all", "withdrawn", "expired"}:
        return {}
    if choice not in {"accept_all", "accept_selected"}:
        return None
    scopes = data.get("consentScopes")
    named = [purpose_of(plain_text(one) or "") for one in scopes] if isinstance(scopes, list) else []
    return {purpose: purpose in named for purpose in PURPOSES}


def _order(item: Item, _: Sequence[Described]) -> dict[str, Any]:
    name, properties = name_order(item)
    return {"type": "track", "event": name, "properties": properties}


def _line(_: Item, __: Sequence[Described]) -> dict[str, Any]:
    return {"type": "track", "event": "Order line"}


def _order_line(item: Item, call: dict[str, Any], origin: Origin) -> list[Event]:
    """A line of an order, as an interaction of its own beside the order."""
    known = read_call(call, origin)
    events = translate_call(call, origin)
    minor = currency = None
    if item.get("ti_pr") not in (None, ""):
        minor, currency = read_amount(
            item["ti_pr"], item.get("ti_cu"), origin.currency or SPEC_CURRENCY, "ti_pr"
        )
    properties = {name: item[key] for key, name in _LINE_PROPERTIES.items() if item.get(key)}
    # `amount_minor` of a line is what the line comes to; the tracker states the price of one.
    fields = line_fields(item)
    quantity = fields.get("quantity", 1)
    if minor is not None and isinstance(quantity, int):
        minor *= quantity
    line = InteractionStated(
        "order_lines", known.message, "order_line", known.party, None, minor, currency, fields, properties
    )
    return [replace(events[0], body=line), *events[1:]]


_LINE_PROPERTIES = {"ti_sk": "sku", "ti_ca": "category", "ti_pr": "price"}
_CALLS = {
    "pv": _page, "pp": _ping, "se": _structured, "ue": _described, "tr": _order,
    "ti": _line,
}  # fmt: skip


def _visitors(item: Item, entities: Sequence[Described]) -> list[str]:
    """The visitor's ids, the most telling one first: a first-party cookie lives as long as the site."""
    found = [plain_text(item.get(place)) for place in _VISITOR_PLACES]
    found += [plain_text(one.data.get("userId")) for one in entities if one.name == "client_session"]
    ids = [one.strip() for one in found if one and one.strip()]
    return list(dict.fromkeys(ids))


def _other_visitors(call: ActorCall, others: Sequence[str]) -> list[Event]:
    """That further visitor ids belong to the record the call is about, stated once for ever."""
    events = []
    for one in others:
        events.append(link_event(call, PartyReference(VISITORS, one), None, one))
        events.append(link_event(call, call.party, call.user, one))
    return events


def _context(item: Item, entities: Sequence[Described]) -> dict[str, Any]:
    context: dict[str, Any] = {name: item[key] for key, name in _CONTEXT.items() if item.get(key)}
    if library := plain_text(item.get("tv")):
        context["library"] = {"name": "snowplow", "version": library}
    page = {"url": item.get("url"), "title": item.get("page"), "referrer": item.get("refr")}
    context["page"] = {name: value for name, value in page.items() if value}
    for entity in entities:
        context.setdefault("entities", {}).setdefault(entity.name, []).append(dict(entity.data))
    return context
