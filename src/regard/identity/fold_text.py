"""Fold any script to plain lower-case Latin letters, so that equal words become equal text."""

import re
import unicodedata
from functools import lru_cache

from regard.identity.fold_scripts import KANA_SPELT, latin_letters, read_context, spell_hangul, spell_kana

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NOT_WORD = re.compile(r"[^\w ]+|_")
_DIGRAPH = re.compile("([aou])e+")
_ROUNDS = 4
_SLAVIC_ENDING = re.compile("sk(?:iy|ii|ij|yi|yy|yj|y)$")
NOTHING = frozenset(
    [
        "", "?", "??", "???", "-", "--", "---", ".", "..", "...", "/", "*", "n/a", "#n/a", "na", "n.a.",
        "n.a", "n / a", "nan", "none", "null", "nil", "(null)", "(none)", "<null>", "<na>", "unknown",
        "unk", "not known", "not provided", "not available", "not applicable", "not specified",
        "not given", "no data", "undefined", "tbd", "tba", "missing", "blank", "(blank)", "empty", "xx",
        "xxx", "xxxx", "xxxxx", "k.a.", "k. a.", "keine", "keine angabe", "unbekannt", "brak",
        "brak danych", "nieznany", "nieznane", "nieznana", "nie dotyczy", "desconocido", "desconocida",
        "sin datos", "no disponible", "no aplica", "inconnu", "inconnue", "non renseigne", "onbekend",
        "geen", "sconosciuto", "non disponibile", "desconhecido", "nao informado", "okand", "ukjent",
        "ukendt", "net", "neizvestno", "ne ukazano", "neznamy", "ismeretlen", "bilinmiyor",
    ]
)  # fmt: skip
"""The folded texts of which ``says_nothing`` is true."""


class _LetterTable(dict[int, str]):
    """What each character folds to, worked out when first met: no larger than the alphabets in use."""

    def __missing__(self, code: int) -> str:
        found = self[code] = _fold_letter(chr(code))
        return found


_LATIN = latin_letters()
_FOLDED = _LetterTable()


def _fold_letter(letter: str) -> str:
    if "\uac00" <= letter <= "\ud7a3":
        return spell_hangul(letter)
    text = letter
    for _ in range(_ROUNDS):
        known = "".join(_LATIN.get(one, one) for one in text)
        bare = "".join(
            one for one in unicodedata.normalize("NFKD", known) if not unicodedata.combining(one)
        ).lower()
        if bare == text:
            break
        text = bare
    return str(unicodedata.decimal(text)) if len(text) == 1 and text.isdecimal() else text


def clean(text: str) -> str:
    """NFKC, invisible characters gone, white space single and trimmed; case and accents stay."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())


def fold(text: str) -> str:
    """Lower-case Latin without accents.

    Cyrillic, Greek, Georgian, Armenian, Hangul and kana are transliterated, of Arabic and Hebrew the
    consonants; other scripts (Han, Thai, Indian ones) stay as they are. Digits of all scripts become 0-9.

    >>> fold("Łukasz  Müller-Ђурић")
    'lukasz muller-djuric'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    lowered = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    folded = read_context(lowered).translate(_FOLDED)
    if not KANA_SPELT.isdisjoint(folded):
        folded = spell_kana(folded)
    return " ".join(folded.split())


def words(text: str) -> str:
    """``fold`` and then letters, digits and single spaces only."""
    folded = fold(text)
    if folded.replace(" ", "").isalnum():
        return folded
    return " ".join(_NOT_WORD.sub(" ", folded).split())


def says_nothing(text: str) -> bool:
    """Is ``text`` what people and programs write where they know nothing ('n/a', '-', 'unknown', 'null')?"""
    return fold(text) in NOTHING


@lru_cache(maxsize=65_536)
def name_token(token: str) -> str:
    """One folded word of a name as names are compared: German ae/oe/ue = ä/ö/ü = a/o/u, -sky = -ski."""
    return spell_token(token)


def spell_token(token: str) -> str:
    """`name_token` of words that hardly come twice, not remembered."""
    return _SLAVIC_ENDING.sub("ski", _DIGRAPH.sub(r"\1", token.replace("'", "")))
