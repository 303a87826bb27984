"""Sex, categories and free text: short words in one spelling, nothing where nothing is said."""

import sys
from functools import lru_cache

from regard.identity.fold_text import fold, says_nothing, words

_SEXES = {
    "m": (
        "m male man mann mannlich m. mr herr h homme masculin masculino hombre maschio uomo masculine boy "
        "mezczyzna meski muz mees man. mies muzhskoi muzhchina muzh cholovik arsenikos erkek dhkr otoko "
        "男 男性 1 1.0 he mister herrn monsieur senor dhr"
    ),
    "f": (
        "f female woman frau weiblich w k fem femme feminin feminino femenino mujer femmina donna feminine "
        "girl kobieta zenski zena vrouw kvinna kvinne kvinde nainen zhenskii zhenshchina zhen zhinka kadin "
        "bayan athy onna 女 女性 2 2.0 she mrs ms miss mme madame frl fraulein senora sra mevr mevrouw"
    ),
    "x": (
        "x other divers diverse d nonbinary non-binary nb enby inny otro autre andere anders altro outro "
        "intersex queer 3 3.0 9 they"
    ),
}
_SEX_OF = {word: sex for sex, known in _SEXES.items() for word in known.split()}


@lru_cache(maxsize=1_024)
def sex_of(text: str) -> str:
    """m|f|x ('x': neither, said so); '' when not known.

    '1' and '2' are read as ISO 5218 and health records have them; '0' is 'not known'. 'h' and 'k' are hombre,
    homme and kobieta. A column of titles ('Mrs') tells as much.
    """
    said = fold(text)
    return _SEX_OF.get(said) or _SEX_OF.get(said.rstrip("."), "")


@lru_cache(maxsize=65_536)
def plain_words(text: str) -> str:
    """A category or a free text as compared; '' for the ways to write that nothing is known."""
    return "" if says_nothing(text) else sys.intern(words(text))
