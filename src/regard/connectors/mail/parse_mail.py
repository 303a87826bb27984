"""Makes one JSON object of one mail, whatever its bytes are. Pure: nothing a mail holds makes it raise.

Content of attachments is left out, and so is what differs between two copies of one mail (folder, flags,
Received): a copy in another folder is the same record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

from regard.connectors.connector_contract import RawRecord
from regard.connectors.mail.choose_mail_text import MailContent, choose_content
from regard.connectors.mail.decode_mail_text import clean_text
from regard.connectors.mail.judge_mail import OurAddresses, judge_automatic, judge_way
from regard.connectors.mail.read_mail_headers import (
    Headers,
    collect_headers,
    read_date,
    read_header,
    read_message_ids,
    read_persons,
    read_references,
)
from regard.connectors.mail.strip_reply import strip_reply

STREAM = "messages"
_LONGEST_SUBJECT = 1_000
# What Python's mail parser is known to raise on hostile input; a mail must not stop those behind it.
_PARSER_FAILURES = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as the server gave it: `raw` may be its beginning only; `size` in bytes is that of all of it."""

    raw: bytes
    size: int
    delivered: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """What a mail is read with: who we are, and the zone of dates that carry none."""

    ours: OurAddresses
    zone: tzinfo = UTC


def parse_mail(mail: RawMail, reader: Reader) -> RawRecord:
    """The record of a mail, with what is wrong with it under `problems`."""
    message, problems = _parse(mail)
    headers = collect_headers(message)
    if len(mail.raw) < mail.size:
        problems.append(f"the mail has {mail.size:,} bytes; only the first {len(mail.raw):,} were read")
    at, doubt = read_date(headers, mail.delivered, reader.zone)
    problems += [doubt] if doubt else []
    content = _content(message, problems)
    body = {**_head(headers, mail, reader, problems), "date": at.isoformat(), **_shown(content)}
    body |= {"size": mail.size, "problems": problems}
    return RawRecord(STREAM, _external_id(body, mail), body, at)


def _parse(mail: RawMail) -> tuple[Message, list[str]]:
    try:
        return message_from_bytes(mail.raw, policy=policy.compat32), []
    except _PARSER_FAILURES:
        head = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
        message = message_from_bytes(head + b"\n\n", policy=policy.compat32)
        # A head that announces parts without having them is read as plain text.
        del message["content-type"]
        return message, ["the parts of the mail cannot be told apart; only its head was read"]


def _content(message: Message, problems: list[str]) -> MailContent:
    try:
        content = choose_content(message)
    except _PARSER_FAILURES:
        problems.append("the content of the mail cannot be read")
        return MailContent()
    problems += content.problems
    if message.defects:
        problems.append("the mail breaks the rules of its format; it was read as far as possible")
    return content


def _head(headers: Headers, mail: RawMail, reader: Reader, problems: list[str]) -> dict[str, Any]:
    senders = read_persons(headers, "from") or read_persons(headers, "sender")
    if not senders:
        problems.append("the mail names no sender")
    to, cc = read_persons(headers, "to"), read_persons(headers, "cc")
    answers_to = read_persons(headers, "reply-to")
    way = judge_way(senders, answers_to, [*to, *cc], reader.ours)
    references, answered = read_references(headers)
    own = (read_message_ids(headers, "message-id") or [f"{_digest(mail.raw)}@without-message-id"])[0]
    return {
        "message_id": own,
        "in_reply_to": answered,
        "references": references,
        "thread_id": references[0] if references else own,
        "subject": read_header(headers, "subject")[:_LONGEST_SUBJECT],
        "from": senders[0] if senders else None,
        "to": to,
        "cc": cc,
        "reply_to": answers_to,
        "direction": way.direction,
        "outside": way.outside,
        "party": way.outside[0] if way.outside else None,
        "automatic": judge_automatic(headers, senders),
    }


def _shown(content: MailContent) -> dict[str, Any]:
    return {
        "text": content.text,
        "reply": strip_reply(content.text),
        "html": content.html,
        "attachments": content.attachments,
    }


def _external_id(body: dict[str, Any], mail: RawMail) -> str:
    """The message id, bound to sender and date.

    An id alone would let anybody who knows it replace the mail that had it first.
    """
    sender = body["from"]["address"].lower() if body["from"] else ""
    mark = _digest("\n".join((body["message_id"], sender, body["date"])).encode("utf-8", "replace"))[:12]
    return clean_text(f"{body['message_id'][:300]} {mark}")


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
