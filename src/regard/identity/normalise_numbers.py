"""Government, tax, account and device numbers: who issued them and the number without its decoration."""

import re
from collections.abc import Mapping
from functools import lru_cache

from regard.identity.fold_text import clean, fold, says_nothing
from regard.identity.normalise_addresses import country_code

_DECORATION = re.compile(r"[^0-9a-z]+")
_SHORT = 6
_SEQUENCES = frozenset(
    [
        "123456789",
        "1234567890",
        "0123456789",
        "987654321",
        "9876543210",
        "12345678",
        "87654321",
        "123456",
        "1234567",
    ]
)
_STAND_INS = frozenset(
    ["na", "none", "null", "nan", "unknown", "test", "tbd", "nil", "undefined", "unbekannt", "brak"]
)
_AMERICAN_JUNK = frozenset(["078051120", "219099999", "457555462", "111223333", "123121234"])
_ISSUERS = {
    "ssn": "us", "usssn": "us", "socialsecurity": "us", "socialsecuritynumber": "us", "itin": "us", "ein":
    "us:ein",
    "nino": "gb", "nationalinsurance": "gb", "ni": "gb", "pesel": "pl", "nip": "pl:nip", "regon": "pl:regon",
    "bsn": "nl", "dni": "es", "nie": "es", "nif": "es", "cif": "es", "codicefiscale": "it", "cpf": "br",
    "cnpj": "br:cnpj",
    "curp": "mx", "rfc": "mx:rfc", "insee": "fr", "nir": "fr", "siren": "fr:siren",
    "siret": "fr:siret", "tfn": "au", "abn": "au:abn", "acn": "au:acn", "sin": "ca",
    "aadhaar": "in", "pan": "in:pan",
    "personnummer": "se", "rodnecislo": "cz", "snils": "ru", "inn": "ru:inn", "vat": "",
    "medicare": "au:medicare", "nhs": "gb:nhs",
}  # fmt: skip
"""What people call a number -> its issuer; a country's second kind of number follows a colon."""
_VAT_COUNTRIES = frozenset(
    [
        "at", "be", "bg", "ch", "cy", "cz", "de", "dk", "ee", "el", "es", "fi", "fr", "gb", "gr", "hr",
        "hu", "ie",
        "it", "lt", "lu", "lv", "mt", "nl", "no", "pl", "pt", "ro", "se", "si", "sk", "xi",
    ]
)  # fmt: skip
_VAT = re.compile(r"([a-z]{2})([0-9a-z]{7,12})")
_AMERICAN_LENGTH = 9


def issued_number(raw: object, default_issuer: str = "") -> tuple[str, str] | None:
    """(issuer, number) of ``{"issuer": .., "value": ..}``, 'US:123-45-6789', a bare number; None for junk."""
    if isinstance(raw, str) or not isinstance(raw, dict | Mapping):  # cheap questions first
        issuer, text = default_issuer, str(raw)
        if ":" in text:
            before, _, after = clean(text).partition(":")
            if before.replace("_", "").isalnum():
                issuer, text = before, after
    else:
        issuer, text = str(raw.get("issuer") or default_issuer), str(raw.get("value") or "")
    number = _bare(text)
    return (issuer.strip().lower(), number) if number else None


def _bare(text: str) -> str:
    number = text.replace("-", "").replace(" ", "").replace(".", "").replace("/", "").lower()
    if not (number.isascii() and number.isalnum()):
        number = _DECORATION.sub("", fold(text))
    if not number or number == number[0] * len(number) or number in _SEQUENCES or number in _STAND_INS:
        return ""
    return number


def government_number(raw: object, default_issuer: str = "") -> tuple[str, str] | None:
    """``issued_number`` with the issuer as a country ('us', 'gb') or one of its registers ('us:ein' ->
    'us_ein').

    'US', 'USA', 'United States' and 'SSN' issue the same numbers; a VAT prefix ('DE123456789') names its
    country. American numbers: leading zeros restored, never issued ones (000-.., 666-.., the one printed in
    wallets) none. Check digits are not asked: a mistyped number is nearer to the right one than to none,
    and is
    compared so.
    """
    found = issued_number(raw, default_issuer)
    if found is None:
        return None
    issuer, number = _issuer(found[0]) if found[0] else "", found[1]
    if not issuer or issuer in _VAT_COUNTRIES:
        prefix = _VAT.fullmatch(number)
        if prefix and prefix[1] in _VAT_COUNTRIES and issuer in {"", prefix[1]}:
            issuer, number = prefix[1], prefix[2]
    if issuer == "us":
        number = number.zfill(_AMERICAN_LENGTH) if number.isdigit() else number
        if (
            number in _AMERICAN_JUNK
            or number[:3] in {"000", "666"}
            or number[3:5] == "00"
            or number.endswith("0000")
        ):
            return None
    return issuer, number


@lru_cache(maxsize=1_024)
def _issuer(text: str) -> str:
    word = _DECORATION.sub("", fold(text))
    known = _ISSUERS.get(word)
    if known is not None:
        return known.replace(":", "_")
    return country_code(text).lower() or text


def account_number(raw: object, source: str) -> tuple[str, str] | None:
    """(issuer, number); without an issuer, a short number counts only inside its own source."""
    found = issued_number(raw)
    if found is None or found[0]:
        return found
    return (source if len(found[1]) < _SHORT else "", found[1])


def opaque_id(raw: object) -> str:
    """User, anonymous and device ids as they are, trimmed; '' for the usual stand-ins for nothing."""
    text = clean(raw if isinstance(raw, str) else str(raw))
    if len(text) > _AMERICAN_LENGTH and not text.startswith("0000"):
        return text if text.lower() not in {"undefined", "anonymous", "[object object]"} else ""
    bare = text.replace("-", "").replace(".", "").replace("/", "")
    if bare == "0" * len(bare) or says_nothing(text) or bare.lower() in {"anonymous", "false", "true"}:
        return ""
    return text
