"""Judges e-mail addresses: form by `email-validator` (no look-ups), then typing errors, throw-away hosts."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import DamerauLevenshtein

from regard.identity.read_mail_words import mail_words
from regard.quality.value_verdict import Judged, fixed, invalid, ok, suspect

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_WRAPPED = re.compile(r"^(?:mailto:)?\s*[^<]*<\s*([^<>\s]+)\s*>\s*$", re.IGNORECASE)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"[a-z0-9](?:[a-z0-9._+-]{{0,60}}[a-z0-9])?@(?:{_LABEL}\.){{1,4}}[a-z]{{2,24}}")
# Ends that are reserved for special uses (RFC 6761, RFC 7686), which the library decides on.
_ODD_ENDS = (".test", ".invalid", ".local", ".localhost", ".onion", ".arpa", ".internal", ".alt", ".home")
# The hosts of most private mailboxes; one slip away from one of them is a typing error.
_COMMON = (
    "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com",
    "live.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "yahoo.de", "hotmail.de", "outlook.de",
    "freenet.de",
    "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net",
    "yahoo.fr", "hotmail.fr", "libero.it", "wp.pl", "onet.pl", "interia.pl", "o2.pl", "uol.com.br",
    "terra.com.br", "proton.me", "protonmail.com", "comcast.net", "verizon.net", "msn.com", "me.com",
)  # fmt: skip
_PLACEHOLDERS = frozenset({"test@test.com", "a@a.com", "none@none.com", "no@no.com", "noemail@noemail.com",
                           "na@na.com", "x@x.com", "email@email.com", "asdf@asdf.com"})  # fmt: skip
_SHORTEST_HOST = 6


def judge_email(text: str) -> Judged:
    """The verdict on an address; a fixed one has the address as its value."""
    if _PLAIN.fullmatch(text) and ".." not in text and not text.endswith(_ODD_ENDS):
        # What nearly every address looks like; a test holds this way against the library's.
        return _judge_host(text, text, _host_of(text))
    bare = _clean(text)
    try:
        found = validate_email(bare, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        repaired = _repair(bare)
        if repaired is None:
            return invalid("email", text, "not_an_address")
        return fixed("email", text, repaired, "mail_repaired")
    address = found.normalized
    return _judge_host(text, address, _host_of(address))


def _judge_host(text: str, address: str, host: str) -> Judged:
    local = address.rpartition("@")[0]
    if address.lower() in _PLACEHOLDERS or local.lower() in mail_words().junk:
        return suspect("email", text, address, "placeholder")
    meant = meant_host(host)
    if meant:
        return suspect("email", text, address, "mail_typo", f"{local}@{meant}")
    if host in blocklist:
        return suspect("email", text, address, "disposable_mail")
    if address != text.strip() and address.lower() != text.strip().lower():
        return fixed("email", text, address, "mail_repaired")
    return ok("email", text, address)


@cache
def meant_host(host: str) -> str:
    """The common host that one slip of the fingers makes this one; empty when it is none."""
    if host in _COMMON or len(host) < _SHORTEST_HOST:
        return ""
    near = [one for one in _COMMON if DamerauLevenshtein.distance(host, one, score_cutoff=1) <= 1]
    # A host of its own kind, such as mail.com beside gmail.com, is not a slip: only damaged ones are.
    return near[0] if near and host not in _REAL_NEIGHBOURS else ""


_REAL_NEIGHBOURS = frozenset({
    "mail.com", "ymail.com", "email.com", "gmx.com", "gmx.at", "gmx.ch", "live.de", "live.fr", "live.co",
    "free.de", "yahoo.it", "yahoo.es", "yahoo.pl", "yahoo.co", "hotmail.it", "hotmail.es", "hotmail.be",
    "outlook.fr",
    "outlook.es", "outlook.it", "outlook.pt", "outlook.at", "wp.eu", "o2.de", "o2.co", "ail.com", "mac.com",
    "msn.cn", "proton.ch", "orange.pl", "orange.es",
})  # fmt: skip


def _clean(text: str) -> str:
    bare = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip().strip("\"'")
    wrapped = _WRAPPED.match(bare)
    bare = wrapped[1] if wrapped else bare
    return bare.removeprefix("mailto:").rstrip(".,;")


def _repair(bare: str) -> str | None:
    """Spaces and a comma where a dot should be; anything worse is not guessed at."""
    tried = bare.replace(" ", "").replace(",", ".").replace("..", ".")
    try:
        return validate_email(tried, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def _host_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
