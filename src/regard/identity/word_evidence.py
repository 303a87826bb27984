"""Evidence in words for a person. No value ever enters the words: values are shown, or not, beside them."""

from collections.abc import Sequence
from typing import Literal

Word = Literal["Certain", "Likely", "Possible"]

_CERTAIN, _LIKELY = 0.99, 0.90
_LABELS = {
    "given_name": "Given name", "family_name": "Family name", "full_name": "Whole name",
    "middle_name": "Middle name", "generation": "Generation", "apart": "Source",
    "sex": "Sex", "birth_date": "Birth date", "email": "E-mail", "phone": "Phone", "address": "Address",
    "government_id": "Government id", "account_id": "Account number", "handle": "Handle",
    "user_id": "User id",
    "device_id": "Browser or device", "organisation": "Employer", "name": "Name", "legal_form": "Legal form",
    "tax_id": "Tax id", "domain": "Web domain",
}  # fmt: skip
_SAID = {
    "exact": "same {}", "nickname": "{} a form of the same name", "close": "{} nearly the same",
    "initial": "{} with the same initial", "swapped": "{} in the other column", "part": "{} partly the same",
    "crossed": "{} found in the other column", "half_crossed": "{} found in the other column",
    "loose": "{} somewhat alike", "two_names": "{} alike",
    "january_first": "same {} (a first of January)", "near": "{} two digits apart",
    "local": "{} alike before the @", "named": "{} of the same name",
    "company": "e-mail at the same company", "mobile": "same mobile phone", "landline": "same landline",
    "unknown": "same phone", "street": "same street",
    "neighbour": "same street, another number", "postcode": "same postcode", "city": "same city",
    "moved_postcode": "same postcode, another street", "moved_city": "same city, another street",
}  # fmt: skip
_AGAINST = {
    "different": "{} differs", "far": "{} differs by a generation", "other": "{} differs",
    "elsewhere": "{} differs",
    "one_sided": "{} on one side only", "loose": "{} only somewhat alike",
    "half_crossed": "{} only found in the other column", "two_names": "{} alike, but two names",
}  # fmt: skip
_WEAK = 0.5


def in_words(levels: Sequence[tuple[str, str, float]]) -> str:
    """'Same e-mail, same name; although phone differs.' from (field, level, bits), strongest first."""
    agreed = {field for field, level, _ in levels if level == "exact"}
    whole_name = {"given_name", "family_name"} <= agreed
    unsaid = {"full_name", "given_name"} if whole_name else {"full_name"}
    speaking = [found for found in levels if found[0] not in unsaid]
    ranked = sorted(speaking, key=lambda found: (-found[2], found[0]))
    said = [_say(field, level, whole_name=whole_name) for field, level, bits in ranked if bits > _WEAK]
    against = [
        _AGAINST.get(level, "{} speaks against it").format(_noun(field))
        for field, level, bits in reversed(ranked)
        if bits < -_WEAK
    ]
    text = ", ".join(said) or "little in common"
    if against:
        text += "; although " + ", ".join(against)
    return text[:1].upper() + text[1:] + "."


def label_of(field: str) -> str:
    """How a field of the evidence is called, 'category:birth_place' too."""
    generic = field.partition(":")[2]
    return _LABELS.get(field) or generic.replace("_", " ").capitalize() or field


def _noun(field: str) -> str:
    label = label_of(field)
    return label[:1].lower() + label[1:]


def _say(field: str, level: str, *, whole_name: bool) -> str:
    noun = "name" if whole_name and field == "family_name" else _noun(field)
    return _SAID.get(level, "same {}").format(noun)


_WHOLE_VALUES = frozenset({"given_name", "family_name", "birth_date", "organisation", "name"})
_FEWEST = 2.0


def level_words(level: str, bits: float) -> str:
    """How two values of one field agree, beside the field's name: 'nearly the same', 'differs'."""
    said = _AGAINST.get(level) if bits < 0 else None
    return " ".join((said or _SAID.get(level) or _AGAINST.get(level) or "same {}").format("").split())


def one_in(field: str, level: str, stranger: float) -> int | None:
    """Of how many people one bears the value agreed on, rounded to what a person remembers; None where that
    is no question.

    ``stranger``: the chance that somebody else has it.
    """
    if level != "exact" or not (field in _WHOLE_VALUES or ":" in field) or stranger * _FEWEST > 1:
        return None
    count = 1 / stranger
    size = 10 ** (len(str(int(count))) - 1)
    lead = count / size
    return int(size * (round(lead * 2) / 2 if lead < 3 else round(lead)))


def confidence_word(confidence: float) -> Word:
    """The word for a probability."""
    if confidence >= _CERTAIN:
        return "Certain"
    return "Likely" if confidence >= _LIKELY else "Possible"
