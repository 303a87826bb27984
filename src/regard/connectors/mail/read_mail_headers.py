"""Reads the headers of a mail: who wrote to whom, when, in answer to what. Pure; nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from regard.connectors.mail.decode_mail_text import clean_text, decode_words, unfold

Headers = Mapping[str, Sequence[str]]
Person = dict[str, str]
"""Someone in a mail: `name` (may be blank) and `address` (as written, the host in small letters)."""

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,200}@[^\s@<>(),;:\"\\]{1,250}")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,400})>")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_MOST_PERSONS = 500
_MOST_REFERENCES = 200


def collect_headers(message: Message) -> dict[str, list[str]]:
    """All values of every header, names in small letters, values as the parser left them."""
    headers: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), []).append(str(value))
    return headers


def read_header(headers: Headers, name: str) -> str:
    """The decoded text of a header; blank when there is none."""
    values = headers.get(name)
    return decode_words(values[0]) if values else ""


def read_persons(headers: Headers, name: str) -> list[Person]:
    """Everybody in an address header, each address once, in the order written."""
    pairs = _split_addresses([unfold(value) for value in headers.get(name, ())])
    found: dict[str, Person] = {}
    loose = ""
    for written, quoted in pairs[:_MOST_PERSONS]:
        address = quoted.strip("'\"")
        if not _ADDRESS.fullmatch(address):
            # “Doe, Jane <jane@…>” without quotes comes as two: the first is the beginning of a name.
            loose = address if address and "@" not in address else ""
            continue
        label = f"{loose}, {written}" if loose else written
        loose = ""
        person = {"name": _tidy_name(label, address), "address": _tidy_address(address)}
        found.setdefault(person["address"].lower(), person)
    return list(found.values())


def read_message_ids(headers: Headers, name: str) -> list[str]:
    """The message ids in a header, without their angle brackets, each once."""
    text = " ".join(map(unfold, headers.get(name, ())))
    ids = _MESSAGE_ID.findall(text)
    if not ids and name == "message-id" and text.strip():
        ids = [text.strip().split()[0][:400]]
    return list(dict.fromkeys(map(clean_text, ids)))[-_MOST_REFERENCES:]


def read_references(headers: Headers) -> tuple[list[str], str | None]:
    """The chain of mails before this one, the eldest first, and the one it answers."""
    text = " ".join(map(unfold, headers.get("references", ())))
    chain = list(dict.fromkeys(map(clean_text, _MESSAGE_ID.findall(text))))
    # The root names the thread: it stays, however long the chain became.
    chain = chain[:1] + chain[1:][-_MOST_REFERENCES:]
    answered = read_message_ids(headers, "in-reply-to")
    return chain or answered[:1], answered[0] if answered else (chain[-1] if chain else None)


def read_date(headers: Headers, delivered: datetime, zone: tzinfo) -> tuple[datetime, str | None]:
    """When the mail was written, in UTC, and what is wrong with its date.

    A date without zone is one of `zone`; one that cannot be read, or that lies before 1990 or a day after
    the mail was delivered, gives way to the time of delivery.
    """
    text = unfold(headers["date"][0]) if headers.get("date") else ""
    if not text:
        return delivered, "the mail has no date; the time of its delivery was taken"
    try:
        written = parsedate_to_datetime(text)
        if written.tzinfo is None:
            # RFC 5322: -0000 is UTC from a place that is not told.
            written = written.replace(tzinfo=UTC if text.endswith("-0000") else zone)
        at = written.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return delivered, "the date of the mail cannot be read; the time of its delivery was taken"
    if not _EARLIEST <= at <= delivered + _AHEAD:
        return delivered, "the date of the mail cannot be right; the time of its delivery was taken"
    return at, None


def _split_addresses(values: Sequence[str]) -> list[tuple[str, str]]:
    """Names and addresses; only the addresses of what the parser cannot follow."""
    try:
        return getaddresses(values)
    except (RecursionError, IndexError, ValueError):
        return [("", address) for value in values for address in _ADDRESS.findall(value)]


def _tidy_name(label: str, address: str) -> str:
    name = decode_words(label).strip().strip("'\"").strip()
    return "" if name.lower() == address.lower() else name[:200]


def _tidy_address(address: str) -> str:
    local, _, host = address.rpartition("@")
    return clean_text(f"{local}@{host.rstrip('.').lower()}")
