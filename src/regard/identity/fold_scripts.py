"""Letters of other scripts in Latin ones: small tables, one reading a letter, the same on every machine.

A table of one's own and not a library: romanising libraries cover a hundred scripts, but give Han text a
Chinese reading (wrong for Japanese and Korean names) and change their answers between releases, which would
change features of stored records. Arabic and Hebrew are written without short vowels, so what comes out is
the consonant skeleton; the name sets know those of common given names. Two letters that Ukrainian reads
otherwise than Russian are told by the letters only Ukrainian has.
"""

import re

_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhye", strict=True)),
    "ё": "e", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu",
    "я": "ya",
    "і": "i", "ї": "i", "є": "e", "ґ": "g", "ў": "u", "ј": "j", "љ": "lj", "њ": "nj", "ђ": "dj",
    "ћ": "c",
    "џ": "dz", "ѓ": "gj", "ќ": "kj", "ѕ": "dz", "қ": "k", "ғ": "g", "ң": "n", "ү": "u", "ұ": "u",
    "һ": "h",
    "ө": "o", "ә": "a",
}  # fmt: skip
_GREEK = {
    **dict(zip("αβγδεζηικλμνοπρσςτυφω", "avgdeziiklmnoprsstyfo", strict=True)),
    "θ": "th", "ξ": "x", "χ": "ch", "ψ": "ps",
}  # fmt: skip
_EUROPEAN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "ŋ": "n",
    "ħ": "h", "ə": "a", "ƒ": "f", "ĸ": "k", "ŧ": "t", "ɣ": "g", "ʻ": "'", "ʼ": "'", "ʿ": "", "ʾ": "",
    "’": "'", "`": "'", "´": "'", "‘": "'", "ʹ": "'", "′": "'", "“": '"', "”": '"', "„": '"',
    "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "、": ",", "・": " ", "·": " ",
}  # fmt: skip
_SEMITIC = {
    **dict(zip("ابتجحخدرزسشصضطظعغفقكلمنهويىة", "abtjhkdrzsxsdtzagfqklmnhwyaa", strict=True)),
    "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ث": "th", "خ": "kh", "ذ": "dh", "ش": "sh", "غ": "gh",
    "ء": "", "ئ": "y",
    "ؤ": "w", "پ": "p", "چ": "ch", "ژ": "zh", "گ": "g", "ک": "k", "ی": "y", "ـ": "",
    **dict(zip("אבגדהוזחטיכךלמםנןסעפףקרת", "abgdhvzhtykklmmnnsappkrt", strict=True)),
    "צ": "ts", "ץ": "ts", "ש": "sh",
}  # fmt: skip
_CAUCASIAN = {
    **dict(zip("აბგდევზთიკლმნოპრსტუფქყჯჰ", "abgdevztiklmnoprstupkqjh", strict=True)),
    "ჟ": "zh", "ღ": "gh", "შ": "sh", "ჩ": "ch", "ც": "ts", "ძ": "dz", "წ": "ts", "ჭ": "ch", "ხ": "kh",
    **dict(zip("աբգդեզէըթիլկհմյնոպջռսվտրփքօֆ", "abgdezeetilkhmynopjrsvtrpkof", strict=True)),
    "ժ": "zh", "խ": "kh", "ծ": "ts", "ձ": "dz", "ղ": "gh", "ճ": "ch", "շ": "sh", "չ": "ch",
    "ց": "ts", "ւ": "v",
    "և": "ev",
}  # fmt: skip
_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの",
    "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_IRREGULAR = {
    "し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu",
    "や": "ya", "ゆ": "yu", "よ": "yo",
    "わ": "wa", "ゐ": "i", "ゑ": "e", "を": "o", "ん": "n", "ゔ": "vu",
    "ぁ": "\x02a", "ぃ": "\x02i", "ぅ": "\x02u", "ぇ": "\x02e", "ぉ": "\x02o", "ゃ": "\x01a",
    "ゅ": "\x01u", "ょ": "\x01o",
    "っ": "\x03",
}  # fmt: skip
_INITIALS = (
    "g",
    "kk",
    "n",
    "d",
    "tt",
    "r",
    "m",
    "b",
    "pp",
    "s",
    "ss",
    "",
    "j",
    "jj",
    "ch",
    "k",
    "t",
    "p",
    "h",
)
_VOWELS = (
    *(
        "a",
        "ae",
        "ya",
        "yae",
        "eo",
        "e",
        "yeo",
        "ye",
        "o",
        "wa",
        "wae",
        "oe",
        "yo",
        "u",
        "wo",
        "we",
        "wi",
        "yu",
    ),
    *("eu", "ui", "i"),
)
_FINALS = (
    *("", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t"),
    *("ng", "t", "t", "k", "t", "p", "t"),
)
_FIRST_SYLLABLE = 0xAC00
KANA_SPELT = frozenset("\x01\x02\x03")
"""Marks that small kana leave for ``spell_kana``."""
_UKRAINIAN_ONLY = frozenset("іїєґ")
_GREEK_U = frozenset("υύ")
_UKRAINIAN = str.maketrans({"г": "h", "и": "y"})
_KATAKANA_SHIFT = ord("ア") - ord("あ")


def latin_letters() -> dict[str, str]:
    """Every letter known here and its Latin spelling; small kana give marks for ``spell_kana``."""
    kana = {
        sign: row + vowel for row, signs in _ROWS.items() for sign, vowel in zip(signs, "aiueo", strict=True)
    }
    kana |= _IRREGULAR
    kana |= {chr(ord(sign) + _KATAKANA_SHIFT): spelt for sign, spelt in kana.items()}
    return {**_CYRILLIC, **_GREEK, **_EUROPEAN, **_SEMITIC, **_CAUCASIAN, **kana, "ー": ""}


def spell_hangul(syllable: str) -> str:
    """One Korean syllable in the revised romanisation, without the changes neighbours bring."""
    rest, final = divmod(ord(syllable) - _FIRST_SYLLABLE, len(_FINALS))
    initial, vowel = divmod(rest, len(_VOWELS))
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]


def spell_kana(text: str) -> str:
    """'ki' + small ya -> 'kya', 'shi' + small yo -> 'sho', small tsu doubles the next consonant."""
    text = re.sub("(sh|ch|j)i\x01", r"\1", text)
    text = re.sub("i\x01", "y", text).replace("\x01", "y")
    text = re.sub("[aiueo]\x02", "", text).replace("\x02", "")
    return re.sub("\x03([a-z]?)", r"\1\1", text)


def read_context(text: str) -> str:
    """Lower-case ``text`` with the letters rewritten that read otherwise in company: Ukrainian, Greek ou."""
    if not _GREEK_U.isdisjoint(text):
        text = text.replace("ού", "ou").replace("ου", "ou")
    return text if _UKRAINIAN_ONLY.isdisjoint(text) else text.translate(_UKRAINIAN)
