"""Government, tax, account and device numbers: who issued them and the number without its decoration."""

import re
from collections.abc import Mapping

from regard.identity.fold_text import clean

_DECORATION = re.compile(r"[^0-9a-z]+")
_SHORT = 6


def issued_number(raw: object, default_issuer: str = "") -> tuple[str, str] | None:
    """(issuer, number) of ``{"issuer": .., "value": ..}``, 'US:123-45-6789' or a bare number; None for
    junk."""
    if isinstance(raw, Mapping):
        issuer, text = str(raw.get("issuer") or default_issuer), str(raw.get("value") or "")
    else:
        before, colon, after = clean(str(raw)).partition(":")
        issuer, text = (
            (before, after)
            if colon and before.replace("_", "").isalnum()
            else (default_issuer, clean(str(raw)))
        )
    number = _DECORATION.sub("", text.lower())
    if (
        not number
        or len(set(number)) == 1
        or number in {"123456789", "1234567890", "na", "none", "null", "unknown"}
    ):
        return None
    return issuer.strip().lower(), number


def account_number(raw: object, source: str) -> tuple[str, str] | None:
    """(issuer, number); without an issuer, a short number counts only inside its own source."""
    found = issued_number(raw)
    if found is None or found[0]:
        return found
    return (source if len(found[1]) < _SHORT else "", found[1])


def opaque_id(raw: object) -> str:
    """User, anonymous and device ids as they are, trimmed; '' for the usual stand-ins for nothing."""
    text = clean(str(raw))
    return "" if text.lower() in {"", "0", "null", "none", "undefined", "nan", "anonymous"} else text
