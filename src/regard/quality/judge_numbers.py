"""Judges registration numbers by the rules that `python-stdnum` knows, and domains by their form."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from regard.quality.value_verdict import Judged, fixed, invalid, ok

_VAT = re.compile(r"^[A-Z]{2}[ -]?[A-Z0-9]")
_LETTER = r"[a-z0-9\u00a1-\uffff]"
_HOST = re.compile(rf"(?:{_LETTER}(?:(?:{_LETTER}|-){{0,61}}{_LETTER})?\.)+[a-z\u00a1-\uffff]{{2,}}")
# The module of python-stdnum by issuer, for numbers of persons.
_PERSONAL = {
    "PL": "pesel", "SE": "personnummer", "FI": "hetu", "BR": "cpf", "ES": "dni", "IT": "codicefiscale",
    "NL": "bsn", "BE": "nn", "DK": "cpr", "NO": "fodselsnummer", "FR": "nir", "US": "ssn", "CN": "ric",
}  # fmt: skip


def judge_tax_id(text: str, country: str) -> Judged:
    """The verdict on a company's tax id: VAT numbers where it names its country, or the record does."""
    bare = text.strip().upper()
    named = bare[:2] if _VAT.match(bare) else country
    module = _module(named, "vat")
    if module is None:
        return ok("tax_id", text, bare)
    return _judge("tax_id", text, bare, module)


def judge_government_id(text: str, issuer: str) -> Judged:
    """The verdict on a person's number of a state, where its check digits are known."""
    module = _module(issuer.upper()[:2], _PERSONAL.get(issuer.upper()[:2], ""))
    if module is None:
        return ok("government_id", text)
    return _judge("government_id", text, text.strip(), module)


def judge_domain(text: str) -> Judged:
    """The verdict on a company's domain; addresses of pages are cut to their host."""
    bare = text.strip().lower()
    host = re.sub(r"^[a-z]+://", "", bare).split("/", maxsplit=1)[0].removeprefix("www.").rstrip(".")
    if not _HOST.fullmatch(host):
        return invalid("domain", text, "not_a_domain")
    return ok("domain", text, host) if host == bare else fixed("domain", text, host, "registration_repaired")


def _judge(field: str, text: str, bare: str, rules: Any) -> Judged:  # noqa: ANN401 - a module
    try:
        value = str(rules.validate(bare))
    except ValidationError:
        return invalid(field, text, "wrong_check_digit")
    tidy = re.sub(r"[^A-Z0-9]", "", bare.upper())
    same = tidy.endswith(re.sub(r"[^A-Z0-9]", "", value.upper()))
    return ok(field, text, value) if same else fixed(field, text, value, "registration_repaired")


@cache
def _module(country: str, name: str) -> Any:  # noqa: ANN401 - a module of python-stdnum
    if not country or not name:
        return None
    return get_cc_module(country.lower(), name)
