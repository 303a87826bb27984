"""Turns what places probably hold into the fields of a mapped item, and tells a person about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from regard.connectors.files.load_fields import fields_of
from regard.connectors.files.match_fields import ColumnProposal
from regard.connectors.files.parse_amounts import currency_code
from regard.connectors.files.recognise_columns import normalise_words
from regard.connectors.mapping.describe_stream_mapping import Place, Value, places_of
from regard.connectors.mapping.stream_vocabulary import stream_words
from regard.connectors.mapping.survey_bodies import BodySurvey, PlaceSurvey

_CENTS = frozenset({"cents", "minor", "pence", "cent", "subunits", "centavos"})
_MINOR_WORDS = frozenset({"minor units", "in cents"})
# Coins of which prices are seldom whole: a whole number with odd hundredths beside one of these is in cents.
_WITH_CENTS = frozenset(
    {"EUR", "USD", "GBP", "CHF", "CAD", "AUD", "NZD", "PLN", "SEK", "NOK", "DKK", "BRL", "SGD"}
)
_FEWEST_DIGITS = 3
_TELLING = 3


@dataclass(frozen=True, slots=True)
class PlaceProposal:
    """What a place probably holds; `field` None keeps it beside the others. `samples` are customers' data."""

    path: str
    target: str
    field: str | None
    confidence: float
    reason: str
    samples: list[str]


def build_fields(found: Mapping[str, ColumnProposal], target: str, survey: BodySurvey) -> dict[str, Place]:
    """The fields by name; several places for those that hold several values."""
    known = fields_of(target)
    fields: dict[str, Place] = {}
    for path, proposal in sorted(found.items(), key=lambda one: -one[1].confidence):
        name = proposal.field
        if name is None:
            continue
        place = _shaped(name, path, survey, target)
        if known[name].multiple and name in fields:
            fields[name] = [*places_of(fields[name]), path]
        elif name not in fields and place is not None:
            fields[name] = place
    for name in [one for one in fields if known[one].multiple]:
        fields[name] = _without_copies(fields[name], survey)
    return fields


def _shaped(name: str, path: str, survey: BodySurvey, target: str) -> Place | None:
    place = survey.places[path]
    if name in ("amount", "unit_price"):
        cents = in_cents(place, survey, target)
        return None if cents is None else Value(path=path, form="minor_units") if cents else path
    if name == "duration_seconds" and _in_milliseconds(place):
        return Value(path=path, form="milliseconds")
    if name == "text" and sum(1 for one in place.values[:20] if "</" in one or "<br" in one) * 2 > min(
        20, len(place.values)
    ):
        return Value(path=path, form="html")
    return path


def _in_milliseconds(place: PlaceSurvey) -> bool:
    """Whether durations are in milliseconds: whole seconds throughout, in thousandths."""
    values = [one for one in place.values[:50] if one != "0"]
    return bool(values) and all(one.isdigit() and one.endswith("000") for one in values)


def in_cents(place: PlaceSurvey, survey: BodySurvey, target: str) -> bool | None:
    """Whether an amount is in minor units; None when nobody can tell.

    Its name may say so. Else: who keeps an amount beside its currency writes a fraction where there is one;
    whole numbers throughout, in a currency whose prices have cents, are cents when some of them are not of
    whole hundreds or halves. What somebody estimates, such as the worth of a deal, is whole anyway.
    """
    words = normalise_words(place.path)
    if not place.whole_numbers:
        return False
    if _CENTS & set(words.split()) or any(one in words for one in _MINOR_WORDS):
        return True
    coins = [
        value
        for one in survey.places.values()
        if one.parent == place.parent and "currency" in normalise_words(one.last)
        for value in one.values[:50]
    ]
    if not coins or not place.values or target == "deal":
        return False
    small = all(coin.islower() for coin in coins)
    if not small and not {currency_code(value) for value in coins} <= _WITH_CENTS:
        return False
    return _by_digits(place, coins)


def _by_digits(place: PlaceSurvey, coins: Sequence[str]) -> bool | None:
    different = {one.lstrip("-") for one in place.values[:50]} - {"0"}
    if all(coin.islower() for coin in coins):
        # Small letters are the habit of the interfaces that count cents.
        return True
    if any(len(one) < _FEWEST_DIGITS for one in different):
        return False
    odd = any(one[-2:] not in ("00", "50") for one in different)
    if len(different) >= _TELLING:
        return odd
    return True if odd and place.parent else None


def _without_copies(place: Place, survey: BodySurvey) -> Place:
    """The places of a field without those that say the same in other letters: `email_caps`."""
    paths = places_of(place)
    kept: list[str] = []
    for path in paths:
        values = [_plain(one) for one in survey.places[path].values] if path in survey.places else None
        copies = (
            [_plain(one) for one in survey.places[other].values] == values for other in kept
            if other in survey.places
        )  # fmt: skip
        if values is None or not any(copies):
            kept.append(path)
    return kept[0] if len(kept) == 1 else list(kept)


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum() or c in "@+")


def tell_places(found: Mapping[str, ColumnProposal], target: str, survey: BodySurvey) -> list[PlaceProposal]:
    """The same for the person who looks at the proposal."""
    return [
        PlaceProposal(
            path, target, one.field, round(one.confidence, 2), one.reason,
            list(dict.fromkeys(value[:200] for value in survey.places[path].values[:100]))[:5],
        )
        for path, one in found.items()
    ]  # fmt: skip


def mail_event_words(values: list[str]) -> dict[str, str] | None:
    """Regard's words for what a sender of mails reports; None when the values are something else."""
    known = stream_words().mail_events
    distinct = dict.fromkeys(values[:200])
    told = {one: known[words] for one in distinct if (words := normalise_words(one)) in known}
    if not told or len(told) * 5 < len(distinct) * 3:
        return None
    return {**{word.replace(" ", "_"): meaning for word, meaning in known.items()}, **told}
