"""Fold any script to plain lower-case Latin letters, so that equal words become equal text."""

import re
import unicodedata
from functools import lru_cache

_LETTERS = {
    **dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhye", strict=True)),
    "ё": "e", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya",
    "і": "i", "ї": "i", "є": "e", "ґ": "g", "ў": "u", "ј": "j", "љ": "lj", "њ": "nj", "ђ": "dj", "ћ": "c",
    "џ": "dz",
    **dict(zip("αβγδεζηικλμνοπρσςτυφω", "avgdeziiklmnoprsstyfo", strict=True)),
    "θ": "th", "ξ": "x", "χ": "ch", "ψ": "ps",
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n",
    "’": "'", "`": "'", "´": "'", "‘": "'",
}  # fmt: skip
_TABLE = str.maketrans(_LETTERS)
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NOT_WORD = re.compile(r"[^\w ]+|_")
_DIGRAPH = re.compile("([aou])e")


def clean(text: str) -> str:
    """NFKC, invisible characters gone, white space single and trimmed; case and accents stay."""
    if text.isascii():
        return " ".join(text.split())
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())


def fold(text: str) -> str:
    """Lower-case Latin without accents; Cyrillic and Greek are transliterated, other scripts stay as they
    are.

    >>> fold("Łukasz  Müller-Ђурић")
    'lukasz muller-djuric'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    lowered = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    # Some Cyrillic letters decompose into another letter and a mark: translate before the marks go.
    latin = unicodedata.normalize("NFKD", lowered.translate(_TABLE))
    bare = "".join(letter for letter in latin if not unicodedata.combining(letter)).translate(_TABLE)
    return _SPACES.sub(" ", bare).strip()


def words(text: str) -> str:
    """``fold`` and then letters, digits and single spaces only."""
    return " ".join(_NOT_WORD.sub(" ", fold(text)).split())


@lru_cache(maxsize=65_536)
def name_token(token: str) -> str:
    """One folded word of a name as names are compared: German ae/oe/ue = ä/ö/ü = a/o/u."""
    return _DIGRAPH.sub(r"\1", token.replace("'", ""))
