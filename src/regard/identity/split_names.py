"""The words of a written name: asides, titles and suffixes taken off, and where the family name begins."""

import re

from regard.identity.fold_text import fold, name_token, says_nothing
from regard.identity.read_name_sets import GENERATIONS, LATE_GENERATIONS, NameWords, name_words

_TAIL_PAIRS = {("d", "j"): "jr", ("d", "a"): "sr", ("der", "jungere"): "jr", ("der", "altere"): "sr"}
_SURNAMES_TOO = frozenset({"ma", "ba", "med", "do", "ng", "rn", "pe", "jd", "diaz", "mp"})
_FAMILIES_TOO = frozenset({"sen", "jun"})
_ASIDE = re.compile(r"[(\[]([^)\]]*)[)\]]|\"([^\"]*)\"|(?<!\w)'(\w+)'(?!\w)")
_BREAKS = str.maketrans(dict.fromkeys(".-/_;|,", " "))
_IBERIAN_PARTICLES = frozenset({"de", "del", "la", "las", "los", "da", "do", "dos", "das"})
_DOUBLE, _LONGEST_KOREAN = 2, 5
KOREAN_FAMILIES = {
    "김": "kim", "이": "lee", "박": "park", "최": "choi", "정": "jung", "강": "kang", "조": "cho",
    "윤": "yoon", "장": "jang", "임": "lim", "한": "han", "오": "oh", "서": "seo", "신": "shin",
    "권": "kwon", "황": "hwang", "안": "ahn", "송": "song", "유": "yoo", "류": "ryu", "전": "jeon",
    "홍": "hong", "고": "ko", "문": "moon", "양": "yang", "손": "son", "배": "bae", "백": "baek",
    "허": "heo", "남": "nam", "심": "shim", "노": "noh", "하": "ha", "곽": "kwak", "성": "sung",
    "차": "cha", "주": "joo", "우": "woo", "구": "koo", "민": "min", "남궁": "namgoong",
    "황보": "hwangbo", "선우": "sunwoo", "제갈": "jegal",
}  # fmt: skip
"""Korean family names as their bearers spell them in Latin letters, seldom in the official romanisation."""


_MEN = (
    "mr mister sir lord herr herrn hr monsieur señor senor senhor sr dhr meneer sig signor panu gospodin "
    "kyrios"
)
_WOMEN = (
    "mrs ms miss dame lady frau frl fräulein fraulein madame mme mlle mademoiselle sra srta señora senora "
    "señorita senorita senhora mevr mevrouw sigra signora signorina pani fru froken gospozha gospodja kyria"
)
_SEX_OF_TITLE = {**dict.fromkeys(_MEN.split(), "m"), **dict.fromkeys(_WOMEN.split(), "f")}
_BETWEEN_TITLES = frozenset({"and", "und", "et", "y", "e", "i", "en", "og", "och", "&", "+"})


def sex_of_title(text: str) -> str:
    """m|f by the titles a name begins with; '' without one, and for a couple ('Mr and Mrs Smith')."""
    found = set()
    for word in text.split()[:-1]:
        title = word.strip(".,").lower()
        if title in _SEX_OF_TITLE:
            found.add(_SEX_OF_TITLE[title])
        elif title not in _BETWEEN_TITLES and title not in name_words().titles:
            break
    return found.pop() if len(found) == 1 else ""


def name_tokens(text: str) -> list[str]:
    """Folded words; letters, digits and nothing else."""
    if says_nothing(text):
        return []
    folded = fold(text).replace("' ", "'").translate(_BREAKS)
    if folded.replace(" ", "").isalnum():
        return folded.split()
    found = ("".join(c for c in word if c.isalnum()) for word in folded.split())
    return [word for word in found if word]


def take_asides(text: str) -> tuple[str, list[str], list[str]]:
    """(the name itself, words in brackets or quotes, words of a former name)."""
    asides: list[str] = []
    if any(sign in text for sign in "([\"'“„«‘"):
        plain = fold(text) if not text.isascii() else text
        asides = [part for found in _ASIDE.findall(plain) for part in found if part]
        text = _ASIDE.sub(" ", plain)
    markers = name_words().former
    former: list[str] = []
    kept = []
    for aside in asides:
        words = name_tokens(aside)
        former += words[1:] if words and words[0] in markers else []
        kept += words if words and words[0] not in markers else []
    head, sign, tail = _cut_former(text)
    return (head, kept, former + name_tokens(tail)) if sign else (text, kept, former)


def _cut_former(text: str) -> tuple[str, str, str]:
    words = text.split()
    for place, word in enumerate(words[1:-1], start=1):
        if fold(word).strip(".,") in name_words().former:
            return " ".join(words[:place]).rstrip(","), word, " ".join(words[place + 1 :])
    return text, "", ""


def strip_titles(tokens: list[str]) -> list[str]:
    """Without the titles before and the degrees behind a name."""
    known = name_words()
    start, end = 0, len(tokens)
    while start < end - 1 and (
        tokens[start] in known.titles or (start and tokens[start] in known.title_tails)
    ):
        start += 1
    # 'Yo-Yo Ma' and 'Anna Do' end in their family names
    while end - start > 1 and tokens[end - 1] in known.degrees and tokens[end - 1] not in _SURNAMES_TOO:
        end -= 1
    return tokens[start:end]


def take_generation(tokens: list[str], least: int) -> tuple[list[str], str]:
    """``least``: how many words a name must keep for its last one to be read as a suffix."""
    if len(tokens) <= 1:
        return tokens, ""
    if tokens[-1] in GENERATIONS and (tokens[-1] not in _FAMILIES_TOO or len(tokens) > least):
        return tokens[:-1], GENERATIONS[tokens[-1]]
    if tokens[-1] in LATE_GENERATIONS and len(tokens) > least:
        return tokens[:-1], LATE_GENERATIONS[tokens[-1]]
    pair = (tokens[-2], tokens[-1])
    if pair in _TAIL_PAIRS and len(tokens) > _DOUBLE:
        return tokens[:-2], _TAIL_PAIRS[pair]
    return tokens, ""


def korean_name(text: str) -> tuple[str, str] | None:
    """(given, family name) in Latin letters of a name in Hangul, the family first; None for other text."""
    word = text.replace(" ", "")
    if not 2 <= len(word) <= _LONGEST_KOREAN or not all("\uac00" <= letter <= "\ud7a3" for letter in word):
        return None
    front = 2 if word[:2] in KOREAN_FAMILIES and len(word) > _DOUBLE else 1
    family = word[:front]
    return fold(word[front:]), KOREAN_FAMILIES.get(family) or fold(family)


def capitals_first(text: str, tokens: list[str]) -> int:
    """'DUPONT Jean-Marie' -> 1: how many leading words are family name by their capitals; 0: none."""
    words = text.replace("-", " ").replace("'", "").split()
    if not words or not words[0].isupper() or len(words) != len(tokens) or words[-1].isupper():
        return 0
    front = 0
    while words[front].isupper() and len(words[front]) > 1 and "." not in words[front]:
        front += 1
    if any(word.isupper() for word in words[front:]) or len(words[0]) <= _DOUBLE:
        return 0
    # 'LINDA Lewis' shouts her given name: only a known given name behind them makes capitals a family name.
    roots = name_words().roots
    return front if name_token(tokens[front]) in roots and name_token(tokens[0]) not in roots else 0


def family_start(tokens: list[str], known: NameWords) -> int:
    """Where the family name begins: the last word, particles before it, two words of Iberian names."""
    cut = len(tokens) - 1
    doubled = False
    while cut > 1:
        if tokens[cut - 1] in known.particles:
            cut -= 1
        elif not doubled and (tokens[cut - 1] in known.iberian or tokens[cut - 2] in _IBERIAN_PARTICLES):
            doubled = True
            cut -= 1
        else:
            break
    return cut
