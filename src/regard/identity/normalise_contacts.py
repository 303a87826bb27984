"""E-mail addresses, telephone numbers and handles in one form each; test values become nothing."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from regard.identity.fold_text import clean, fold

FREE_MAIL = frozenset(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de hotmail.com hotmail.co.uk outlook.com outlook.de live.com "
    "msn.com aol.com icloud.com me.com mac.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de mail.ru "
    "yandex.ru yandex.com bk.ru list.ru inbox.ru wp.pl o2.pl onet.pl interia.pl op.pl tlen.pl protonmail.com proton.me "
    "orange.fr free.fr laposte.net libero.it comcast.net verizon.net btinternet.com sky.com uol.com.br bol.com.br "
    "qq.com 163.com 126.com naver.com zoho.com mail.com fastmail.com posteo.de".split()
)
_ROLES = frozenset(
    "info sales support contact kontakt office buero biuro admin administrator service hello hallo mail team noreply "
    "donotreply webmaster postmaster hostmaster abuse billing accounts accounting invoice invoices rechnung finance "
    "einkauf verkauf vertrieb purchasing orders order bestellung shop marketing hr jobs careers press help helpdesk "
    "enquiries inquiries reception sekretariat zentrale empfang newsletter privacy legal security customerservice "
    "kundenservice kundendienst feedback procurement reservations booking bookings ap ar mailbox all everyone".split()
)
_JUNK_LOCALS = frozenset(
    "test tester testing none na noemail nomail asdf unknown null xxx abc dummy fake example".split()
)
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
_EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]]+@(?:[^\s@<>\"',;:()\[\].]+\.)+[^\s@<>\"',;:()\[\].\d]{2,}")
_NOT_DIGIT = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:ext|extension|durchwahl|wew|x)\.?\s*\d{1,6}$", re.IGNORECASE)
_SHORTEST, _LONGEST = 7, 15
_TAIL = 7


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
    """Lower case, display name and plus tag gone, dots gone where the provider ignores them; None for test values."""
    found = _EMAIL.search(clean(text).lower().rstrip(".,; "))
    if not found:
        return None
    local, _, domain = found[0].rpartition("@")
    local = local.partition("+")[0].strip(".")
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    bare = re.sub(r"[._\-]", "", local)
    if not local or bare in _JUNK_LOCALS:
        return None
    role = bare in _ROLES or bare.rstrip("0123456789") in _ROLES
    return Mail(f"{local}@{domain}", role)


@lru_cache(maxsize=65_536)
def phone_number(text: str, country: str = "") -> Phone | None:
    """E.164 where the country is known (the number's own, else ``country``); None for test and impossible numbers."""
    raw = clean(text).replace("(0)", "")
    digits = _NOT_DIGIT.sub("", raw)
    if text[:1] == " " and digits[:1] != "0" and len(digits) > 10:  # noqa: PLR2004
        raw = "+" + digits  # a form decoded '+49...' as ' 49...'
    elif raw.startswith("00") or raw.startswith("+0"):
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
