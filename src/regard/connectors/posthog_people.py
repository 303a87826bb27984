"""Whom an event of a PostHog client is about, told from its one `distinct_id`.

PostHog keeps a person's own id and the id of an unknown visitor in the same place. The browser library says
which it is; libraries on servers send what the programmer gave them, which is a person's own id unless the
library made one up for an event without person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_values import plain_text, read_id

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# What programs send by mistake in place of an id; many people would become one.
_NO_IDS = frozenset({
    "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email", "undefined",
    "true", "false", "null", "none", "nil", "nan", "0", "[object object]", "$posthog_cookieless",
})  # fmt: skip
# These libraries call the id from before `distinct_id` and the new one `alias`; all others the reverse.
_OLD_ID_FIRST = frozenset({"posthog-python", "web", "js"})


def read_actor(item: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    """The actor as a Segment call names it: `userId` or `anonymousId`; raises `ItemRefusedError`."""
    one = read_distinct_id(_distinct_id(item, properties), "distinct_id")
    if _is_visitor(one, item, properties):
        return {"anonymousId": one}
    return {"userId": one}


def read_identified(item: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    """The person of an `$identify`, and the visitor that they were until now when it names one.

    That visitor id may be the own id of somebody else who was identified before. It is therefore
    stated as an anonymous id only, which no person's own record carries: two known people stay two.
    """
    user = read_distinct_id(_distinct_id(item, properties), "distinct_id")
    visitor = properties.get("$anon_distinct_id") or item.get("$anon_distinct_id")
    if visitor in (None, "", user) or _is_no_id(visitor):
        return {"userId": user}
    return {"userId": user, "anonymousId": read_id(visitor, "$anon_distinct_id")}


def read_alias(item: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    """`userId` and `previousId` of an alias, whichever way round its library writes them."""
    first = read_distinct_id(_distinct_id(item, properties), "distinct_id")
    second = read_distinct_id(properties.get("alias"), "alias")
    if first == second:
        raise ItemRefusedError("same_id", "“alias” and “distinct_id” are the same; an alias names another id")
    library = plain_text(properties.get("$lib")) or ""
    if properties.get("$is_identified") is True:
        # Whoever has signed in keeps their own id; the other one is tied to it.
        return {"userId": first, "previousId": second}
    old, new = (first, second) if library in _OLD_ID_FIRST else (second, first)
    return {"userId": new, "previousId": old}


def read_distinct_id(value: object, place: str) -> str:
    """An id that can stand for one person; raises `ItemRefusedError`."""
    one = read_id(value, place)
    if _is_no_id(one):
        raise ItemRefusedError(
            "no_id",
            f"“{place}” is a word such as “undefined” or “anonymous” that many people would share;"
            " send the id of one person",
        )
    return one


def _distinct_id(item: Mapping[str, Any], properties: Mapping[str, Any]) -> object:
    places = (item.get("distinct_id"), item.get("$distinct_id"), properties.get("distinct_id"))
    return next((value for value in places if value not in (None, "")), None)


def _is_no_id(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() in _NO_IDS


def _is_visitor(one: str, item: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    known = properties.get("$is_identified")
    if isinstance(known, bool):
        return not known
    if properties.get("$device_id") == one:
        return True
    options = item.get("options")
    personless = properties.get("$process_person_profile") is False or (
        isinstance(options, dict) and options.get("process_person_profile") is False
    )
    return personless and _UUID.fullmatch(one) is not None
