"""Organisations: the name without its legal form, the legal form by itself, web domains."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

from regard.identity.fold_text import clean, fold, name_token, says_nothing
from regard.identity.read_mail_words import is_free_mail, mail_words, registered_domain

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
_PUNCTUATION = re.compile(r"[^\w ]+|_")
_JOINING = frozenset({"and", "und", "et", "y", "e", "i", "en", "og", "och", "the"})
_EAST = re.compile("([\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3])")
_INITIALS = re.compile(r"(?<![a-z0-9])([a-z]) ?& ?([a-z])(?![a-z0-9])")
_OFF = str.maketrans({"&": " and ", "+": " and ", "'": None, ".": " ", ",": " "})


class OrganisationName(NamedTuple):
    """``core``: words as compared, single spaces; ``form``: normalised legal form(s), '' = not said."""

    core: str = ""
    form: str = ""


class _OrganisationWords(NamedTuple):
    forms: Mapping[str, str]
    anywhere: frozenset[str]
    leading: frozenset[str]
    branches: frozenset[str]
    trading: re.Pattern[str]
    trading_signs: frozenset[str]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    abbreviations: Mapping[str, str]
    east: re.Pattern[str]


_NO_NAME = OrganisationName()


@cache
def _known() -> _OrganisationWords:
    raw: dict[str, Any] = tomllib.loads(
        resources.files("regard.identity").joinpath("organisation_words.toml").read_text(encoding="utf-8")
    )
    forms = {fold(word): form for form, words in raw["forms"].items() for word in words.split()}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, form in sorted(raw["phrases"], key=lambda pair: -len(pair[0])):
        tokens = tuple(phrase.split())
        phrases.setdefault(tokens[0], []).append((tokens, form))
    trading = "|".join(re.escape(words) for words in sorted(raw["trading"], key=len, reverse=True))
    east = "|".join(
        re.escape(word)
        for word in sorted(forms, key=len, reverse=True)
        if not word[0].isascii() or word[0] == "("
    )
    return _OrganisationWords(
        forms,
        frozenset(raw["anywhere"]),
        frozenset(raw["leading"]),
        frozenset(raw["branches"]),
        re.compile(rf"(?<=[a-z0-9)\]]) *[(,;]? *(?<![a-z0-9])(?:{trading})(?![a-z0-9])"),
        frozenset(words.split()[0] for words in raw["trading"]),
        {first: tuple(found) for first, found in phrases.items()},
        {name_token(short): name_token(long) for short, long in raw["abbreviations"].items()},
        re.compile(east),
    )


def organisation_name(text: str, legal_form: str = "") -> OrganisationName:
    """'ACME Trading Co., Ltd.' -> core 'acme trading', form 'ltd'. A legal name wins over a trading name."""
    if not text or says_nothing(text):
        return _NO_NAME
    tokens, forms = _tokens(text)
    core = _core(tokens, forms)
    if legal_form and not forms:
        _, forms = _core_of_form(legal_form)
    form = "+".join(sorted({form for form in forms if form}))
    return OrganisationName(" ".join(core), form)


def _core_of_form(legal_form: str) -> tuple[list[str], list[str]]:
    tokens, forms = _tokens("x " + legal_form)
    _core(tokens, forms)
    return tokens, forms or [name_token(fold(legal_form).replace(" ", ""))]


def _tokens(text: str) -> tuple[list[str], list[str]]:
    """Folded words, single letters run together ('I. B. M.' -> 'ibm'); legal forms of several words apart."""
    folded = fold(text)
    forms: list[str] = []
    if not folded.isascii():
        forms = [_known().forms[found] for found in _known().east.findall(folded)]
        folded = _known().east.sub(" ", folded)
    if not _known().trading_signs.isdisjoint(folded.split()) and (found := _known().trading.search(folded)):
        folded = folded[: found.start()]
    if "&" in folded:
        folded = _INITIALS.sub(r"\1\2", folded)
    plain = folded.translate(_OFF)
    if not plain.replace(" ", "").isalnum():
        plain = _PUNCTUATION.sub(" ", plain)
    return _join_phrases(_join_letters(plain.split()), forms), forms


def _join_letters(tokens: list[str]) -> list[str]:
    if all(len(token) > 1 for token in tokens):
        return tokens
    joined: list[str] = []
    run = ""
    for token in [*tokens, ""]:
        if len(token) == 1:
            run += token
            continue
        if run:
            joined.append(run)
            run = ""
        if token:
            joined.append(token)
    return joined


def _join_phrases(tokens: list[str], forms: list[str]) -> list[str]:
    phrases = _known().phrases
    if phrases.keys().isdisjoint(tokens):
        return tokens
    kept: list[str] = []
    place = 0
    while place < len(tokens):
        for phrase, form in phrases.get(tokens[place], ()):
            if tuple(tokens[place : place + len(phrase)]) == phrase:
                forms.append(form)
                place += len(phrase)
                break
        else:
            kept.append(tokens[place])
            place += 1
    return kept


def _core(tokens: list[str], forms: list[str]) -> list[str]:
    """The words that name the firm; its legal forms are added to ``forms``."""
    known = _known()
    start, end = 0, len(tokens)
    while end - start > 1 and (tokens[end - 1] in known.forms or tokens[end - 1] in _JOINING):
        end -= 1
        forms.append(known.forms.get(tokens[end], ""))
    while start < end - 1 and (tokens[start] == "the" or tokens[start] in known.leading):
        forms.append(known.forms.get(tokens[start], ""))
        start += 1
    core = []
    for token in tokens[start:end]:
        if token in known.anywhere and end - start > 1:
            forms.append(known.forms.get(token, ""))
        elif token not in _JOINING and token not in known.branches:
            core.append(_word(token))
    return core or [_word(token) for token in tokens]


@lru_cache(maxsize=65_536)
def _word(token: str) -> str:
    word = name_token(token)
    return _known().abbreviations.get(word, word)


def web_domain(text: str) -> str:
    """What a firm registered, of an address, site or mailbox: 'www.shop.acme.co.uk' -> 'acme.co.uk'.

    '' for mail providers, for hosts of many firms' pages and for no host at all.
    """
    host = clean(text).lower()
    host = host.partition("://")[2] or host
    host = host.partition("/")[0].partition("?")[0].rpartition("@")[2].partition(":")[0].strip(" .")
    return _domain(host)


@lru_cache(maxsize=32_768)
def _domain(host: str) -> str:
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if not _HOST.fullmatch(host):
        return ""
    domain = registered_domain(host.removeprefix("www."))
    words = mail_words()
    if (
        is_free_mail(domain)
        or is_free_mail(host)
        or domain in words.shared_hosts
        or domain in words.site_hosts
    ):
        return ""
    return domain
