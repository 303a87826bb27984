"""The words of a written name: asides, titles and suffixes taken off, and where the family name begins."""

import re

from regard.identity.fold_text import fold, says_nothing
from regard.identity.read_name_sets import GENERATIONS, LATE_GENERATIONS, NameWords, name_words

_TAIL_PAIRS = {("d", "j"): "jr", ("d", "a"): "sr", ("der", "jungere"): "jr", ("der", "altere"): "sr"}
_SURNAMES_TOO = frozenset({"ma", "ba", "med", "do", "ng", "rn", "pe", "jd", "diaz", "mp"})
_ASIDE = re.compile(r"[(\[]([^)\]]*)[)\]]|\"([^\"]*)\"|(?<!\w)'(\w+)'(?!\w)")
_BREAKS = str.maketrans(dict.fromkeys(".-/_;|,", " "))
_IBERIAN_PARTICLES = frozenset({"de", "del", "la", "las", "los", "da", "do", "dos", "das"})
_DOUBLE = 2


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
    if tokens[-1] in GENERATIONS:
        return tokens[:-1], GENERATIONS[tokens[-1]]
    if tokens[-1] in LATE_GENERATIONS and len(tokens) > least:
        return tokens[:-1], LATE_GENERATIONS[tokens[-1]]
    pair = (tokens[-2], tokens[-1])
    if pair in _TAIL_PAIRS and len(tokens) > _DOUBLE:
        return tokens[:-2], _TAIL_PAIRS[pair]
    return tokens, ""


def capitals_first(text: str, tokens: list[str]) -> int:
    """'DUPONT Jean-Marie' -> 1: how many leading words are family name by their capitals; 0: none."""
    words = text.replace("-", " ").replace("'", "").split()
    if not words or not words[0].isupper() or len(words) != len(tokens) or words[-1].isupper():
        return 0
    front = 0
    while words[front].isupper() and len(words[front]) > 1 and "." not in words[front]:
        front += 1
    return front if not any(word.isupper() for word in words[front:]) and len(words[0]) > _DOUBLE else 0


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
