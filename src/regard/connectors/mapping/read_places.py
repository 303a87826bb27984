"""Reads what stands at the places that a mapping names, in the shape that it asks for. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

import nh3

from regard.connectors.mapping.describe_stream_mapping import Place, Value
from regard.connectors.mapping.read_paths import is_blank, read_path
from regard.connectors.read_values import plain_text

_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v]+")
_NO_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where paths are read: the element, the whole record, and the zone of times without one."""

    element: object
    root: Mapping[str, Any]
    zone: tzinfo


def read_values(place: Place, scene: Scene) -> list[Any]:
    """All filled values at a place, in order."""
    if isinstance(place, Value):
        return _read_value(place, scene)
    if isinstance(place, str):
        return read_path(place, scene.element, scene.root)
    return [value for one in place for value in read_values(one, scene)]


def in_minor_units(place: Place) -> bool:
    """Whether an amount stands there in cents."""
    return isinstance(place, Value) and place.form == "minor_units"


def first_text(place: Place, scene: Scene) -> str | None:
    """The first filled value as text; None when there is none."""
    return next((text for value in read_values(place, scene) if (text := as_text(value))), None)


def as_text(value: object) -> str:
    """A value as text: lists joined with a comma, objects not at all."""
    if isinstance(value, list):
        return ", ".join(filter(None, (as_text(one) for one in value)))
    return (plain_text(value) or "").strip()


def html_to_text(text: str) -> str:
    """The words of an HTML text, one line a paragraph, without scripts and styles."""
    bare = nh3.clean(_BREAKS.sub("\n", text), tags=set(), clean_content_tags={"script", "style"})
    words = html.unescape(bare)
    lines = (_SPACES.sub(" ", line).strip() for line in words.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _read_value(value: Value, scene: Scene) -> list[Any]:
    if value.const is not None:
        return [value.const]
    if value.template is not None:
        raw: list[Any] = [fill_template(value.template, scene)]
    elif value.join:
        parts = (first_text(place, scene) for place in value.join)
        raw = [value.between.join(part for part in parts if part)]
    else:
        paths = [value.path] if isinstance(value.path, str) else value.path
        raw = [one for path in paths for one in read_path(path, scene.element, scene.root)]
    if value.form == "count":
        return [str(sum(len(one) if isinstance(one, list) else 1 for one in raw))]
    if value.split:
        raw = [part for one in raw for part in as_text(one).split(value.split)]
    shaped = [_shape(value, one) for one in (_cut(value, one) for one in raw) if _counts(value, one)]
    return [one for one in shaped if not is_blank(one)]


def _counts(value: Value, raw: object) -> bool:
    if not (value.starts or value.contains or value.at_least):
        return True
    text = as_text(raw)
    return text.startswith(value.starts) and value.contains in text and len(text) >= value.at_least


def _cut(value: Value, raw: Any) -> Any:  # noqa: ANN401 - any JSON value
    if value.before:
        raw = as_text(raw).partition(value.before)[0].strip()
    if value.after:
        raw = as_text(raw).removesuffix(value.after).rpartition(value.after)[2].strip()
    return raw.strip() if value.split and isinstance(raw, str) else raw


def fill_template(template: str, scene: Scene) -> str:
    """The text with the values of its places; nothing when all of them are empty."""
    filled = False
    parts: list[str] = []
    for part in re.split(r"(\{[^}]*\})", template):
        if not part.startswith("{"):
            parts.append(part)
            continue
        text = as_text(next(iter(read_path(part[1:-1], scene.element, scene.root)), None))
        filled = filled or bool(text)
        parts.append(text)
    return " ".join("".join(parts).split()) if filled else ""


def _shape(value: Value, raw: Any) -> Any:  # noqa: ANN401 - any JSON value
    if value.words:
        word = as_text(raw)
        raw = value.words.get(word, value.words.get(word.lower(), value.words.get("*", word)))
    text = as_text(raw)
    if value.form == "html":
        raw = html_to_text(text)
    elif value.form == "lower":
        raw = text.lower()
    elif value.form == "day":
        raw = text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else text
    elif value.form in ("negative", "absolute"):
        bare = text.lstrip("+-")
        raw = f"-{bare}" if value.form == "negative" and bare else bare
    elif value.form == "calling_code":
        digits = _NO_DIGITS.sub("", text).lstrip("0")
        raw = f"+{digits}" if digits else ""
    elif value.form == "milliseconds" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        raw = str(Decimal(text) / 1000)
    return f"{value.prefix}{as_text(raw)}" if value.prefix and as_text(raw) else raw
