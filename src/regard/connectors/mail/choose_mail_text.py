"""Finds the text, the HTML and the attachments in the parts of a mail. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from regard.connectors.mail.decode_mail_text import decode_bytes, decode_words
from regard.connectors.mail.tidy_html import html_to_text, make_safe

LONGEST_TEXT = 200_000
_MOST_PARTS = 500
_MOST_ATTACHMENTS = 100
_LEAF_MESSAGES = ("message/rfc822", "message/global", "text/rfc822-headers", "message/delivery-status")


@dataclass(slots=True)
class MailContent:
    """What a mail holds: `text` is never empty only because the mail came as HTML alone."""

    text: str = ""
    html: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def choose_content(message: Message) -> MailContent:
    """The readable content of a parsed mail."""
    content = MailContent()
    plain: list[str] = []
    html: list[str] = []
    for number, part in enumerate(_leaves(message)):
        if number >= _MOST_PARTS:
            content.problems.append(f"the mail has more than {_MOST_PARTS} parts; the others were left out")
            break
        if _is_attachment(part):
            if len(content.attachments) < _MOST_ATTACHMENTS:
                content.attachments.append(_describe(part))
        elif part.get_content_type() == "text/html":
            html.append(_part_text(part))
        else:
            plain.append(_part_text(part))
    source = "\n".join(filter(str.strip, html))
    content.html = make_safe(source) if source else ""
    text = "\n".join(filter(str.strip, plain)) or html_to_text(content.html)
    if len(text) > LONGEST_TEXT:
        content.problems.append(f"the text is longer than {LONGEST_TEXT:,} characters and was cut there")
    content.text = text[:LONGEST_TEXT].strip()
    return content


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that are no containers, in order; a mail attached to a mail is one leaf."""
    pending = [message]
    while pending:
        part = pending.pop()
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_type() not in _LEAF_MESSAGES:
            pending.extend(child for child in reversed(payload) if isinstance(child, Message))
        else:
            yield part


def _is_attachment(part: Message) -> bool:
    disposition = str(part.get("content-disposition", "")).strip().lower()
    if disposition.startswith("attachment") or part.get_content_type() not in ("text/plain", "text/html"):
        return True
    return _filename(part) != ""


def _filename(part: Message) -> str:
    try:
        name = part.get_filename()
    except (LookupError, ValueError, TypeError):
        return "unnamed"
    return decode_words(name)[:200] if name else ""


def _describe(part: Message) -> dict[str, Any]:
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        subject = decode_words(str(inner.get("subject", ""))) if isinstance(inner, Message) else ""
        return {"name": _filename(part) or subject[:200], "type": part.get_content_type(), "size": None}
    size = len(_decoded(part))
    return {"name": _filename(part), "type": part.get_content_type()[:100], "size": size}


def _part_text(part: Message) -> str:
    try:
        charset = part.get_content_charset()
    except (LookupError, ValueError, TypeError):
        charset = None
    return decode_bytes(_decoded(part), charset)


def _decoded(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (LookupError, ValueError, TypeError, AssertionError):
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return payload if isinstance(payload, bytes) else b""
