"""Finds out in which encoding a text is written.

Order of trust: a byte order mark; zero bytes in every other place (UTF-16 without a mark); valid UTF-8, also
with single broken bytes; at last a guess among the old 8-bit and East Asian encodings. Between the Latin
ones the letters decide: the right reading has few signs in the middle of words.
"""

from __future__ import annotations

import codecs
from itertools import pairwise

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LATIN = ("cp1252", "cp1250", "iso8859-2", "cp850", "mac_roman")
_OTHERS = ("cp1251", "koi8-r", "cp1253", "shift_jis", "gb18030", "big5", "euc_kr", "euc_jp")
_LETTERS = frozenset(
    "äöüßéèêëàâçñáíóúîïôûùœæøåãõìòýÿðþ" + "ÄÖÜÉÈÊËÀÂÇÑÁÍÓÚÎÏÔÛŒÆØÅÃÕÝ"
    "ąćęłńśźżčďěňřšťůžőűășțđľĺŕ" + "ĄĆĘŁŃŚŹŻČĎĚŇŘŠŤŮŽŐŰĂȘȚĐĽ"
)  # fmt: skip
_SIGNS = frozenset("€–—“”„‚‘’…«»°§´·•™®©№¿¡ºª\xa0")
_SAMPLE = 65_536


def detect_mark(head: bytes) -> str | None:
    """The encoding that a byte order mark announces."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def detect_wide(head: bytes) -> str | None:
    """UTF-16 without a mark, seen by zero bytes in nearly every other place."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.4 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def is_mostly_utf8(lines: bytes) -> bool:
    """Whether the bytes are UTF-8, give or take single broken ones."""
    text = lines.decode("utf-8", "surrogateescape")
    broken = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    good = sum(1 for c in text if c > "\x7f") - broken
    return broken == 0 or good >= 2 * broken


def guess_legacy(lines: bytes) -> str:
    """The likeliest old encoding of lines that hold bytes above 127 and are not UTF-8."""
    sample = lines[:_SAMPLE]
    best = from_bytes(sample, cp_isolation=[*_LATIN, *_OTHERS]).best()
    others = {name.replace("_", "-") for name in _OTHERS}
    if best is not None and best.encoding.replace("_", "-") in others and _share_in_runs(str(best)) > 0.5:
        return str(best.encoding)
    return max(_LATIN, key=lambda name: _score_latin(sample, name))


def _share_in_runs(text: str) -> float:
    """The share of letters beyond ASCII that stand beside another one: small in Latin scripts only."""
    high = sum(1 for c in text if c > "\x7f")
    in_runs = sum(1 for left, right in pairwise(text) if left > "\x7f" and right > "\x7f" and right.isalpha())
    return in_runs / high if high else 0.0


def _score_latin(sample: bytes, encoding: str) -> float:
    text = sample.decode(encoding, "replace")
    score = 0.0
    previous = " "
    for character in text:
        if character > "\x7f":
            score += _score_letter(character, previous)
        previous = character
    return score


def _score_letter(character: str, previous: str) -> float:
    if character in _LETTERS:
        shouts = character.isupper() and previous.islower()
        return -1.0 if shouts else 1.0
    if character in _SIGNS:
        return -0.5 if previous.isalpha() and character not in "’–—…€\xa0”" else 0.3
    return -2.0
