"""Telephone numbers in one form: E.164 where a country is known, and whether the line is a person's own.

``phonenumbers`` needs 30 to 60 microseconds a number, more than all else a record costs. But how a number
reads (which country, what is trunk prefix, is its length possible) and which kind of line it is are said by
its first digits and its length, as numbering plans are made. So each head of a given length is read once,
with
several invented tails; where these agree the answer is kept and the tail copied, and where they do not every
number under that head is read whole. A test holds this against ``phonenumbers`` for all countries.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata

from regard.identity.fold_text import clean, fold

_SHORTEST, _LONGEST = 7, 15
_TAIL = 7
_HEAD, _RANGE = 3, 4
_LONGEST_NATIONAL = 10
_AUSTRALIAN = frozenset({"AU", "CX", "CC"})
_DEEP_HEADS = {
    "US": 3,
    "CA": 3,
    "AR": 8,
    "54": 7,
    "CN": 6,
    "CR": 6,
    "LU": 6,
    "JP": 7,
    "KR": 5,
    "CO": 5,
    "GB": 6,
    "IM": 6,
    "GG": 6,
    "JE": 6,
}
_TAILS = ("23456789012345678901", "90817263549081726354", "56172839405617283940", "11508642971150864297")
_NOT_DIGIT = re.compile(r"\D+")
_EXTENSION = re.compile(
    r"[\s,;]*(?:extension|extn?|durchwahl|dw|wew|poste|anexo|ramal|int|x|#)\.?:?\s*\d{1,6}$", re.IGNORECASE
)
_LABEL = re.compile(
    r"^(?:[a-z ]{1,12}[.:]+|tel|phone|mobile|fax|cell|mobil|handy|whatsapp)[.: ]*(?=[+(\d])", re.IGNORECASE
)
_LETTER_O = re.compile(r"(?<=\d)o(?=[\d -])|(?<![a-z])o(?=\d)")
_SCIENTIFIC = re.compile(r"\d[.,]\d+[eE]\+?\d+")
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_VANITY_LETTERS = 3
_UP, _DOWN = "12345678901234567890", "98765432109876543210"
_INVENTED = frozenset({"5551234", "5551212", "5550000", "1231234", "1112222", "0001111"})
_SEQUENCES = frozenset({"123456789", "1234567890", "0123456789", "987654321", "9876543210", "012345678"})
_NORTH_AMERICA = "1"


class Phone(NamedTuple):
    """``value`` is E.164, or '~digits' when no country is known; ``line`` mobile|landline|unknown.

    The line is that of the range a number lies in (its first four national digits and its length), where the
    range has but one kind; North American ranges carry both kinds and are 'unknown'.
    """

    value: str
    line: str


class _Reading(NamedTuple):
    """A number of this head and length is ``front`` and then its digits from ``skip`` on."""

    code: str = ""
    front: str = ""
    skip: int = 0
    known: bool = True
    """False: no number of this length exists there."""
    whole: bool = False
    """True: the head does not decide; read each number."""


_NO_READING, _READ_WHOLE = _Reading(known=False), _Reading(whole=True)


def phone_numbers(text: str, country: str = "") -> list[Phone]:
    """The numbers of one field, '030 123456; 0171 2345678' being two."""
    if not (";" in text or "/" in text or "," in text or "|" in text):
        found = phone_number(text, country)
        return [found] if found else []
    parts = [part for part in re.split(r"[;,|]|/(?=\s*[+0(]\s*\d)", text) if part.strip()]
    if len(parts) < 2 or any(sum(c.isdigit() for c in part) < _SHORTEST for part in parts):
        parts = [text]
    return [found for found in (phone_number(part, country) for part in parts) if found]


def phone_number(text: str, country: str = "") -> Phone | None:
    """E.164 where a country is known (the number's, else ``country``); None for made-up numbers.

    Taken: national writing with or without trunk prefix, '+', '00' and the country's own way out, '(0)',
    labels, extensions (dropped), vanity letters, a '+' lost to a space. Not a number: one digit repeated,
    sequences, '555 1234', what a spreadsheet made '4.1E+08'. Fictitious ranges such as 555-01xx stay: in
    made-up sets they tell people apart, and in real ones a crowded number is a hub and says nothing.
    """
    digits, abroad = _dialled(text, country)
    if not _SHORTEST <= len(digits) <= _LONGEST + 6 or _is_invented(digits):
        return None
    found = _international(digits) if abroad else _national(digits, country) if country else None
    if found is None:
        bare = digits.lstrip("0")
        return Phone("~" + bare, "unknown") if _SHORTEST <= len(bare) <= _LONGEST else None
    code, number = found
    return None if number in _SEQUENCES else Phone(f"+{code}{number}", line_kind(code, number))


def _dialled(text: str, country: str) -> tuple[str, bool]:
    """(digits, do they begin with a country code) of a number as written."""
    raw = " ".join(text.split())
    if raw[-2:] == ".0":
        raw = raw[:-2]  # a number a table kept as a fraction
    digits = (
        raw.replace(" ", "")
        .replace("-", "")
        .replace("(", "")
        .replace(")", "")
        .replace(".", "")
        .replace("/", "")
    )
    if digits[:1] == "+":
        digits = digits[1:]
    if not (digits.isascii() and digits.isdigit()):
        raw = _plain(text)
        digits = _NOT_DIGIT.sub("", raw)
    plus = raw[:1] == "+" or raw[:2] == "(+"
    if digits[:4] == "0011" and country in _AUSTRALIAN and not plus:
        return digits[4:], True
    if plus or digits[:2] == "00":
        return (_NOT_DIGIT.sub("", raw.replace("(0)", "")) if "(0)" in raw else digits).lstrip("0"), True
    # a form decoded '+49...' as ' 49...'
    return digits, text[:1] == " " and digits[:1] != "0" and len(digits) > 10


def _plain(text: str) -> str:
    """A number written with labels, letters, an extension or other scripts' digits, as digits and signs."""
    raw = fold(clean(text)).removeprefix("tel:")
    if _SCIENTIFIC.search(raw):
        return ""
    raw = _EXTENSION.sub("", _LABEL.sub("", raw))
    raw = _LETTER_O.sub("0", raw)
    letters = sum(c.isalpha() for c in raw)
    if letters >= _VANITY_LETTERS and sum(c.isdigit() for c in raw) >= _VANITY_LETTERS:
        return raw.translate(_KEYS)
    return raw if letters < _VANITY_LETTERS else ""


def _is_invented(digits: str) -> bool:
    bare = digits.lstrip("0")
    tail = bare[-_TAIL:]
    if tail == tail[:1] * len(tail) or tail in _INVENTED:
        return True
    return (bare[:1] == "1" and bare in _UP) or (bare[:1] == "9" and bare in _DOWN)


def _international(digits: str) -> tuple[str, str] | None:
    """(country code, national number) of digits that begin with a country code."""
    code = _country_code(digits[:3])
    if not code:
        return None
    rest = digits[len(code) :]
    reading = _read_head(code, "", rest[: _DEEP_HEADS.get(code, _HEAD)], len(rest))
    return _apply(reading, rest, "+" + digits, None)


def _national(digits: str, country: str) -> tuple[str, str] | None:
    """(country code, national number) of digits as dialled in ``country``."""
    if digits[0] in "018" and len(digits) > _TAIL + 2 and (way_out := _way_out(country).match(digits)):
        abroad = digits[way_out.end() :]
        if abroad[:1] != "0" and len(abroad) > _TAIL and (found := _international(abroad)):
            return found
    if found := _without_plus(digits, country):
        return found
    # Digits without a trunk prefix may be a country code without its '+': that shows one digit later.
    depth = _DEEP_HEADS.get(country) or (_HEAD if digits[:1] == "0" else _RANGE)
    reading = _read_head("", country, digits[:depth], len(digits))
    return _apply(reading, digits, digits, country)


def _without_plus(digits: str, country: str) -> tuple[str, str] | None:
    """'491711234567' in Germany: where numbers begin with 0, one that begins with the country's own code and
    goes on as a mobile phone has lost its '+'. ``phonenumbers`` asks only whether another reading is
    possible.
    """
    code = _trunk_zero_code(country)
    if not code or digits[: len(code)] != code or len(digits) <= _LONGEST_NATIONAL:
        return None
    found = _international(digits)
    return found if found and line_kind(*found) == "mobile" else None


@lru_cache(maxsize=512)
def _trunk_zero_code(country: str) -> str:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    return str(metadata.country_code) if metadata and metadata.national_prefix == "0" else ""


def _apply(reading: _Reading, digits: str, whole: str, country: str | None) -> tuple[str, str] | None:
    if reading.whole:
        return _parse(whole, country)
    return (reading.code, reading.front + digits[reading.skip :]) if reading.known else None


@lru_cache(maxsize=1_024)
def _country_code(front: str) -> str:
    for length in (1, 2, 3):
        if len(front) >= length and int(front[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return front[:length]
    return ""


@lru_cache(maxsize=512)
def _way_out(country: str) -> re.Pattern[str]:
    metadata = PhoneMetadata.metadata_for_region(country, None)
    return re.compile(metadata.international_prefix if metadata and metadata.international_prefix else "(?!)")


def _parse(text: str, country: str | None) -> tuple[str, str] | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(number.country_code), phonenumbers.national_significant_number(number)


@lru_cache(maxsize=65_536)
def _read_head(code: str, country: str, head: str, length: int) -> _Reading:
    """How all numbers of ``length`` digits that begin with ``head`` read; either code or country is given."""
    found = {_read_one(code, country, head, head + tail[: length - len(head)]) for tail in _TAILS}
    return found.pop() if len(found) == 1 else _READ_WHOLE


def _read_one(code: str, country: str, head: str, digits: str) -> _Reading:
    parsed = _parse(f"+{code}{digits}", None) if code else _parse(digits, country)
    if parsed is None:
        return _NO_READING
    number = parsed[1]
    same = 0
    while same < min(len(digits), len(number)) and digits[-1 - same] == number[-1 - same]:
        same += 1
    skip = len(digits) - same
    return _Reading(parsed[0], number[: len(number) - same], skip) if skip <= len(head) else _READ_WHOLE


def line_kind(code: str, number: str) -> str:
    """mobile|landline|unknown of a national number behind country ``code``."""
    if code == _NORTH_AMERICA:
        return "unknown"
    kind = _range_kind(code, number[:_RANGE], len(number))
    return kind or _kind(code, number) or "unknown"


@lru_cache(maxsize=65_536)
def _range_kind(code: str, head: str, length: int) -> str:
    """The kind of a range; '' when it has several."""
    kinds = {_kind(code, head + tail[: length - len(head)]) for tail in _TAILS} - {""}
    return "unknown" if not kinds else kinds.pop() if len(kinds) == 1 else ""


def _kind(code: str, number: str) -> str:
    """'' for a number that is nobody's."""
    zeros = len(number) - len(number.lstrip("0"))
    parsed = phonenumbers.PhoneNumber(
        country_code=int(code),
        national_number=int(number),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )
    kind = phonenumbers.number_type(parsed)
    if kind in {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.PERSONAL_NUMBER}:
        return "mobile"
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:
        return ""
    return "landline" if kind == phonenumbers.PhoneNumberType.FIXED_LINE else "unknown"


def phone_tail(value: str) -> str:
    """The last seven digits: what is the same however the front of a number was written."""
    return value[-_TAIL:]
