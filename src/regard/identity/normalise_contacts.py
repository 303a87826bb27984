"""E-mail addresses and handles in one form each; test values become nothing."""

import re
from functools import lru_cache
from typing import NamedTuple

from regard.identity.fold_text import clean, fold, says_nothing
from regard.identity.read_mail_words import is_free_mail, mail_words

__all__ = ["Mail", "email_address", "email_addresses", "handle_name", "is_free_mail"]

_EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]]+@(?:[^\s@<>\"',;:()\[\].]+\.)+[^\s@<>\"',;:()\[\].\d]{2,}")
_HOST = re.compile(r"(?:[^\s@<>\"',;:()\[\].]+\.)+[^\s@<>\"',;:()\[\].\d]{2,}")
_SPELT_AT = re.compile(r"\s*[\[({]\s*(?:at|a|@|malpa|arroba)\s*[\])}]\s*|\s+at\s+(?=\S+\s*(?:\.|dot\b))")
_SPELT_DOT = re.compile(r"\s*[\[({]\s*(?:dot|punkt|kropka|punto)\s*[\])}]\s*|\s+dot\s+")
_SLIPS = (
    (re.compile(r"\s*@\s*"), "@"),
    (re.compile(r"\.{2,}"), "."),
    (re.compile(r",(com|net|org|de|pl|fr|es|it)\b"), r".\1"),
)
_DIGITS = "0123456789"
_SHORT_REPEAT = 3
_NETWORKS = {
    "twitter": "x",
    "t": "telegram",
    "wa": "whatsapp",
    "fb": "facebook",
    "ig": "instagram",
    "youtu": "youtube",
}
_PROFILE_PATHS = frozenset(
    {"in", "user", "users", "u", "channel", "c", "profile", "people", "pub", "company"}
)


class Mail(NamedTuple):
    """``value`` as compared; ``shared`` when the mailbox names a role and not a person."""

    value: str
    shared: bool


def email_addresses(text: str) -> list[Mail]:
    """The mailboxes of one field; several may stand in it."""
    if text.count("@") <= 1:
        found = email_address(text)
        return [found] if found else []
    return [mail for mail in map(email_address, _EMAIL.findall(clean(text).lower())) if mail]


def email_address(text: str) -> Mail | None:
    """Lower case, no display name, no plus tag, no dots where they do not count; None for test values.

    Hosts of one provider that lead to one mailbox are one (googlemail.com, me.com, protonmail.com). Typing
    errors in a host stay: whether 'gmial.com' means gmail.com is for comparison to weigh.
    """
    lowered = text.strip().lower()
    local, at, name = lowered.partition("@")
    bare = local.replace(".", "").replace("_", "").replace("-", "")
    host = _host(name) if at and bare.isalnum() and lowered.isascii() else None
    if host is None:
        found = _search(text)
        if not found:
            return None
        local, _, name = found.rpartition("@")
        local = local.partition("+")[0]
        bare = local.replace(".", "").replace("_", "").replace("-", "")
        host = _host(name)
    if host is None or host.junk or not bare or _is_junk(bare, host.label):
        return None
    if host.dotless:
        local = local.replace(".", "") if host.dotless == "." else bare
    roles = mail_words().roles
    shared = bare in roles or (bare[-1] in _DIGITS and bare.rstrip(_DIGITS) in roles)
    return Mail(f"{local.strip('.')}@{host.name}", shared)


def _is_junk(bare: str, label: str) -> bool:
    if bare in mail_words().junk:
        return True
    if bare[0] == bare[-1] and len(bare) >= _SHORT_REPEAT and bare == bare[0] * len(bare):
        return not bare.isdigit()
    return len(bare) <= _SHORT_REPEAT and bare == label


class _Host(NamedTuple):
    name: str
    label: str
    dotless: str
    junk: bool


@lru_cache(maxsize=32_768)
def _host(text: str) -> _Host | None:
    """What ``text`` is as the host of a mailbox; None when it can be none."""
    if not _HOST.fullmatch(text):
        return None
    words = mail_words()
    name = words.aliases.get(text, text)
    dotless = "" if name not in words.dotless else "." if name == "gmail.com" else "._-"
    return _Host(
        name,
        text.partition(".")[0],
        dotless,
        text in words.junk_hosts or text.endswith((".invalid", ".localhost")),
    )


def _search(text: str) -> str:
    """The first thing in ``text`` that can be an address, after undoing what people do to addresses."""
    lowered = clean(text).lower().rstrip(".,; ").replace('"@', "@").removeprefix("mailto:")
    if "@" not in lowered:
        lowered = _SPELT_AT.sub("@", lowered)
        if "@" not in lowered:
            return ""
        lowered = _SPELT_DOT.sub(".", lowered)
    if "<" not in lowered:
        for slip, meant in _SLIPS:
            lowered = slip.sub(meant, lowered)
    found = _EMAIL.search(lowered.replace("mailto:", ""))
    return found[0] if found else ""


def handle_name(text: str) -> tuple[str, str]:
    """(network, name) of '@anna', 'x:anna' or a profile address; network '' when not said."""
    folded = fold(text)
    if says_nothing(folded):
        return "", ""
    if "://" in folded or "/" in folded:
        parts = folded.partition("://")[2] or folded
        host, _, path = parts.partition("?")[0].partition("/")
        network = host.removeprefix("www.").removeprefix("m.").partition(".")[0]
        steps = [step for step in path.strip("/@").split("/") if step]
        name = steps[1] if len(steps) > 1 and steps[0] in _PROFILE_PATHS else steps[-1] if steps else ""
        return _NETWORKS.get(network, network), name.lstrip("@")
    network, colon, name = folded.partition(":")
    if not colon:
        return "", folded.strip(" @")
    network = network.strip()
    return _NETWORKS.get(network, network), name.strip(" @")
