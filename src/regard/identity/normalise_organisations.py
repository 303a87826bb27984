"""Organisations: the name without its legal form, the legal form by itself, web domains."""

import re
from functools import lru_cache
from typing import NamedTuple

from regard.identity.fold_text import fold, name_token
from regard.identity.normalise_contacts import is_free_mail

_FORMS = {
    "gmbh": "gmbh", "mbh": "gmbh", "ag": "ag", "kg": "kg", "kgaa": "kgaa", "ohg": "ohg", "gbr": "gbr",
    "ug": "ug", "ev": "ev",
    "ek": "ek", "se": "se", "inc": "inc", "incorporated": "inc", "corp": "inc", "corporation": "inc",
    "llc": "llc",
    "ltd": "ltd", "limited": "ltd", "plc": "plc", "llp": "llp", "lp": "lp", "pty": "pty", "co": "",
    "company": "",
    "sa": "sa", "sas": "sas", "sarl": "sarl", "sl": "sl", "srl": "srl", "spa": "spa", "bv": "bv",
    "nv": "nv", "ab": "ab",
    "oy": "oy", "aps": "aps", "zoo": "spzoo", "spzoo": "spzoo", "spk": "spk", "spj": "spj", "sro": "sro",
    "kft": "kft",
    "ooo": "ooo", "zao": "zao", "oao": "oao", "pao": "pao", "ltda": "ltda", "eood": "eood", "ood": "ood",
    "doo": "doo",
    "haftungsbeschrankt": "", "und": "", "and": "", "the": "", "group": "group", "holding": "holding",
    "holdings": "holding",
}  # fmt: skip
_KEPT = frozenset({"group", "holding"})
_SPACED = (
    (re.compile(r"\bsp(?:olka)?\.? ?z ?\.?(?: ?o\.? ?o\.?| ograniczona odpowiedzialnoscia)"), " spzoo "),
    (re.compile(r"\bs\. ?r\. ?o\.?"), " sro "), (re.compile(r"\bs\. ?a\.?(?=\W|$)"), " sa "),
    (re.compile(r"\bg\.?m\.?b\.?h\b"), " gmbh "), (re.compile(r"\be\. ?v\.?"), " ev "),
    (re.compile(r"\be\. ?k\.?"), " ek "),
    (re.compile(r"\bl\. ?l\. ?c\.?"), " llc "), (re.compile(r"\bb\. ?v\.?(?=\W|$)"), " bv "),
    (re.compile(r"\bp\. ?l\. ?c\.?"), " plc "),
    (re.compile(r"\bs\. ?p\. ?a\.?"), " spa "), (re.compile(r"\bs\. ?r\. ?l\.?"), " srl "),
    (re.compile(r"\bgesellschaft mit beschrankter haftung\b"), " gmbh "),
)  # fmt: skip
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


class OrganisationName(NamedTuple):
    """``core``: words as compared, single spaces; ``form``: normalised legal form(s), '' = not said."""

    core: str = ""
    form: str = ""


@lru_cache(maxsize=65_536)
def organisation_name(text: str, legal_form: str = "") -> OrganisationName:
    """'ACME Trading Co., Ltd.' -> core 'acme trading', form 'ltd'."""
    folded = fold(text).replace("&", " and ").replace("+", " and ")
    for pattern, word in _SPACED:
        folded = pattern.sub(word, folded)
    tokens = re.sub(r"[^\w ]+|_", " ", folded.replace("'", "")).split()
    core = [name_token(token) for token in tokens if token not in _FORMS or token in _KEPT]
    form = "+".join(sorted({_FORMS[token] for token in tokens if _FORMS.get(token) and token not in _KEPT}))
    if legal_form and not form:
        form = organisation_name("x " + legal_form).form or name_token(fold(legal_form))
    return OrganisationName(" ".join(core or tokens), form)


@lru_cache(maxsize=65_536)
def web_domain(text: str) -> str:
    """The host of an address, site or mailbox, without 'www.'; '' for free mail providers and for no host."""
    host = fold(text).partition("://")[2] or fold(text)
    host = host.partition("/")[0].rpartition("@")[2].partition(":")[0].removeprefix("www.")
    return host if _HOST.fullmatch(host) and not is_free_mail(host) else ""
