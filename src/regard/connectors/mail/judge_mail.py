"""Tells which way a mail went, who outside it was exchanged with, and whether a machine wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from regard.connectors.mail.read_mail_headers import Headers, Person, read_header

_BOUNCE_SENDERS = ("mailer-daemon", "postmaster")
_MACHINE_SENDERS = ("noreply", "no-reply", "donotreply", "do-not-reply", "no_reply", "nicht-antworten")
_AUTOMATIC_SUBJECTS = ("automatic reply", "automatische antwort", "réponse auto", "respuesta automática")
_BULK = frozenset({"bulk", "list", "junk"})


@dataclass(frozen=True, slots=True)
class OurAddresses:
    """Whole addresses and domains (with all that is below them) that are our own, in small letters."""

    addresses: frozenset[str]
    domains: frozenset[str]

    def include(self, person: Person) -> bool:
        """Whether somebody in a mail is one of us."""
        address = person["address"].lower()
        if address in self.addresses:
            return True
        host = address.rpartition("@")[2]
        return any(host == domain or host.endswith(f".{domain}") for domain in self.domains)


def read_ours(listed: Sequence[str]) -> OurAddresses:
    """Our addresses from settings: `ann@shop.example`, `shop.example` and `@shop.example` are understood."""
    small = [text.strip().lower() for text in listed if text.strip()]
    return OurAddresses(
        frozenset(text for text in small if "@" in text[1:]),
        frozenset(text.lstrip("@*.") for text in small if "@" not in text[1:]),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """`direction` as seen from us; `outside` are all others in the mail, the one it is about first."""

    direction: str
    outside: list[Person]


def judge_way(senders: Sequence[Person], answers_to: Sequence[Person], receivers: Sequence[Person],
              ours: OurAddresses) -> Way:  # fmt: skip
    """Which way a mail went; one among ourselves is `outbound` with nobody outside.

    A form on our web site writes from our own address and puts the customer into Reply-To: that is inbound.
    """
    others = [person for person in receivers if not ours.include(person)]
    from_outside = [person for person in senders if not ours.include(person)]
    answered = [person for person in answers_to if not ours.include(person)]
    inbound = bool(from_outside or not senders or (answered and not others))
    if not inbound:
        return Way("outbound", _each_once([*others, *answered]))
    first = from_outside or answered
    if from_outside and answered and _is_machine(from_outside[0]):
        first = answered
    return Way("inbound", _each_once([*first, *from_outside, *answered, *others]))


def judge_automatic(headers: Headers, senders: Sequence[Person]) -> str | None:
    """`bounce`, `list`, `auto-reply` or `bulk` when no person wrote this to us; None for ordinary mail."""
    local = senders[0]["address"].rpartition("@")[0].lower() if senders else ""
    returned = headers.get("return-path", ("",))[0].strip()
    if local in _BOUNCE_SENDERS or "delivery-status" in read_header(headers, "content-type").lower():
        return "bounce"
    if "list-id" in headers or "list-unsubscribe" in headers:
        return "list"
    submitted = read_header(headers, "auto-submitted").lower()
    precedence = read_header(headers, "precedence").lower()
    if submitted.startswith("auto-") or precedence == "auto_reply" or _says_automatic(headers):
        return "auto-reply"
    if precedence in _BULK or returned == "<>" or local.startswith(_MACHINE_SENDERS):
        return "bulk"
    return None


def _says_automatic(headers: Headers) -> bool:
    if "x-autoreply" in headers or "x-autorespond" in headers:
        return True
    quiet = read_header(headers, "x-auto-response-suppress").lower()
    subject = read_header(headers, "subject").lower()
    return quiet in ("oof, autoreply", "all") and subject.startswith(_AUTOMATIC_SUBJECTS)


def _is_machine(person: Person) -> bool:
    return person["address"].lower().startswith(_MACHINE_SENDERS)


def _each_once(persons: Sequence[Person]) -> list[Person]:
    found: dict[str, Person] = {}
    for person in persons:
        found.setdefault(person["address"].lower(), person)
    return list(found.values())
