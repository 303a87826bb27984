"""The words about mailboxes and hosts this room ships, and the domain a firm owns."""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple


class MailWords(NamedTuple):
    """See the file: what each list is for stands at its top."""

    free: frozenset[str]
    free_labels: frozenset[str]
    roles: frozenset[str]
    junk: frozenset[str]
    junk_hosts: frozenset[str]
    dotless: frozenset[str]
    shared_hosts: frozenset[str]
    site_hosts: frozenset[str]
    aliases: Mapping[str, str]


_SECOND_LEVEL = frozenset(
    [
        "ac",
        "co",
        "com",
        "edu",
        "go",
        "gob",
        "gouv",
        "gov",
        "gv",
        "mil",
        "ne",
        "net",
        "or",
        "org",
        "nom",
        "info",
    ]
)
_COUNTRY_LETTERS = 2


@cache
def mail_words() -> MailWords:
    """The file, read once."""
    raw: dict[str, Any] = tomllib.loads(
        resources.files("regard.identity").joinpath("mail_words.toml").read_text(encoding="utf-8")
    )
    lists = {name: frozenset(raw[name]) for name in MailWords._fields if name != "aliases"}
    return MailWords(**lists, aliases=raw["aliases"])


@lru_cache(maxsize=32_768)
def is_free_mail(host: str) -> bool:
    """Do mailboxes at ``host`` belong to private people of any firm?"""
    words = mail_words()
    label, _, rest = host.partition(".")
    return host in words.free or (label in words.free_labels and rest.count(".") <= 1)


def registered_domain(host: str) -> str:
    """'www.shop.acme.co.uk' -> 'acme.co.uk': what somebody registered and owns.

    A rule instead of the public suffix list (ten thousand lines that change weekly, so that features would
    depend on the day): two labels, three under 'co.', 'com.', 'org.' ... of a country and under the hosts
    named
    in the file, where each firm has a name of its own.
    """
    labels = host.split(".")
    if len(labels) <= _COUNTRY_LETTERS:
        return host
    last_two = ".".join(labels[-2:])
    deep = (len(labels[-1]) == _COUNTRY_LETTERS and labels[-2] in _SECOND_LEVEL) or (
        last_two in mail_words().site_hosts
    )
    return ".".join(labels[-3:]) if deep else last_two
