"""E-mail addresses, telephone numbers and handles in one form each; test values become nothing."""

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import phonenumbers

from regard.identity.fold_text import clean, fold

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]]+@(?:[^\s@<>\"',;:()\[\].]+\.)+[^\s@<>\"',;:()\[\].\d]{2,}")
_NOT_DIGIT = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:ext|extension|durchwahl|wew|x)\.?\s*\d{1,6}$", re.IGNORECASE)
_SHORTEST, _LONGEST = 7, 15
_TAIL = 7


class _MailWords(NamedTuple):
    free: frozenset[str]
    roles: frozenset[str]
    junk: frozenset[str]


@cache
def _mail_words() -> _MailWords:
    raw = tomllib.loads(
        resources.files("regard.identity").joinpath("mail_words.toml").read_text(encoding="utf-8")
    )
    return _MailWords(frozenset(raw["free"]), frozenset(raw["roles"]), frozenset(raw["junk"]))


def is_free_mail(host: str) -> bool:
    """Do mailboxes at ``host`` belong to private people of any firm?"""
    return host in _mail_words().free


class Mail(NamedTuple):
    """``value`` as compared; ``shared`` when the mailbox names a role and not a person."""

    value: str
    shared: bool


class Phone(NamedTuple):
    """``value`` is E.164, or '~digits' when no country is known; ``line`` mobile|landline|unknown."""

    value: str
    line: str


@lru_cache(maxsize=65_536)
def email_address(text: str) -> Mail | None:
    """Lower case, no display name, no plus tag, no dots where they do not count; None for test values."""
    found = _EMAIL.search(clean(text).lower().rstrip(".,; "))
    if not found:
        return None
    local, _, domain = found[0].rpartition("@")
    local = local.partition("+")[0].strip(".")
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    words = _mail_words()
    bare = re.sub(r"[._\-]", "", local)
    if not local or bare in words.junk:
        return None
    role = bare in words.roles or bare.rstrip("0123456789") in words.roles
    return Mail(f"{local}@{domain}", role)


@lru_cache(maxsize=65_536)
def phone_number(text: str, country: str = "") -> Phone | None:
    """E.164 where a country is known (the number's, else ``country``); None for test numbers."""
    raw = clean(text).replace("(0)", "")
    digits = _NOT_DIGIT.sub("", raw)
    if text[:1] == " " and digits[:1] != "0" and len(digits) > 10:
        raw = "+" + digits  # a form decoded '+49...' as ' 49...'
    elif raw.startswith(("00", "+0")):
        raw = "+" + digits.lstrip("0")
    if not _SHORTEST <= len(digits) <= _LONGEST + 6 or _is_test_number(digits):
        return None
    try:
        number = phonenumbers.parse(raw, country or None)
    except phonenumbers.NumberParseException:
        return _without_country(_EXTENSION.sub("", raw))
    if not phonenumbers.is_possible_number(number):
        return _without_country(_EXTENSION.sub("", raw))
    value = f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
    return Phone(value, _line(number))


def _without_country(raw: str) -> Phone | None:
    digits = _NOT_DIGIT.sub("", raw).lstrip("0")
    return Phone("~" + digits, "unknown") if _SHORTEST <= len(digits) <= _LONGEST else None


def _line(number: phonenumbers.PhoneNumber) -> str:
    kind = phonenumbers.number_type(number)
    if kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.PERSONAL_NUMBER}:
        return "mobile"
    return "landline" if kind == phonenumbers.PhoneNumberType.FIXED_LINE else "unknown"


def _is_test_number(digits: str) -> bool:
    tail = digits.lstrip("0")[-_TAIL:]
    return len(set(tail)) <= 1 or digits.lstrip("0") in {
        "123456789",
        "1234567890",
        "1234567",
        "12345678",
        "987654321",
    }


def phone_tail(value: str) -> str:
    """The last seven digits: what is the same however the front of a number was written."""
    return value[-_TAIL:]


def handle_name(text: str) -> tuple[str, str]:
    """(network, name) of '@anna', 'x:anna' or a profile address; network '' when not said."""
    folded = fold(text)
    if "://" in folded or "/" in folded:
        parts = folded.partition("://")[2] or folded
        host, _, path = parts.partition("/")
        return host.removeprefix("www.").partition(".")[0], path.strip("/@").rpartition("/")[2].lstrip("@")
    network, colon, name = folded.partition(":")
    return (network, name.strip(" @")) if colon else ("", folded.strip(" @"))
