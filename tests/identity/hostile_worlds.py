"""Small worlds full of what misleads, drawn by Hypothesis situation by situation.

Families, twins, shared mailboxes, typing errors, crowds, promises of sources, firms, visitors, and people
whose judgements contradict each other.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from itertools import count
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from regard.identity import train_model as teaching
from regard.identity.cluster_in_bulk import Nodes
from regard.identity.collect_records import RecordCollection
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord, Judgement
from regard.identity.match_model import MatchModel, default_model
from regard.identity.resolve_records import RecordResolver
from tests.identity.make_records import firm, judgement, person

Situation = list[tuple[str, str, dict[str, Any]]]
"""(kind, source, fields) of the records of one situation."""

SMALL = dataclasses.replace(
    default_model(),
    version="small",
    limits=dataclasses.replace(default_model().limits, key_records=4, identifier_records=5, piece_records=6),
)
"""Caps so small that a dozen records make hubs and pieces that are too large."""

_GIVEN = ("Anna", "Ana", "Bernd", "Berndt", "Carla", "Liz", "Elizabeth", "John")
_FAMILY = ("Schmidt", "Schmitt", "Wolf", "Smith", "Meyer-Wolf", "Brzezinska")
_BORN = ("1980-02-03", "1980-03-02", "1980-02-04", "2001-05-07", "1980", "1901-01-01")
_MAILS = ("anna.schmidt@web.de", "b@x.example", "wolf@mail.example", "carla.wolf@x.example", "a@x.example")
_PHONES = ("+4915112345678", "+493012345678", "030 12345678", "+4915112345679")
_HOMES = (
    {"street": "Ringweg 1", "postcode": "10115", "city": "Berlin"},
    {"street": "Ringweg 10", "postcode": "10115", "city": "Berlin"},
    {"city": "Bern"},
)
_SOURCES = ("crm", "shop", "web")


def _some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    home = fields.pop("home", None) or {}
    return {name: value for name, value in {**fields, **home}.items() if value}


PERSONS = st.fixed_dictionaries(
    {
        "given_name": _some(*_GIVEN),
        "family_name": _some(*_FAMILY),
        "birth_date": _some(*_BORN),
        "email": _some(*_MAILS, [_MAILS[0], _MAILS[1]]),
        "phone": _some(*_PHONES),
        "home": _some(*_HOMES),
        "user_id": _some("1", "2"),
        "anonymous_id": _some("d1", "d2", ["d1", "d2"]),
        "government_id": _some("US:123-45-6780", "US:987-65-4320", "123456780"),
        "generation": _some("Jr", "Sr"),
        "category:trade": _some("weaver", "smith"),
        "text:birth_place": _some("York", "New York"),
    }
).map(_filled)
FULL = st.fixed_dictionaries(
    {
        "given_name": st.sampled_from(_GIVEN),
        "family_name": st.sampled_from(_FAMILY),
        "birth_date": st.sampled_from(_BORN),
        "email": _some(*_MAILS),
        "phone": _some(*_PHONES),
        "home": st.sampled_from(_HOMES),
        "category:trade": _some("weaver", "smith"),
    }
).map(_filled)


@st.composite
def _people(draw: st.DrawFn) -> Situation:
    return [
        ("person", draw(st.sampled_from(_SOURCES)), found)
        for found in draw(st.lists(PERSONS, min_size=1, max_size=4))
    ]


@st.composite
def _family(draw: st.DrawFn) -> Situation:
    """One name, one roof, one landline, perhaps one mailbox; a birthday apart or a twin."""
    shared = {"family_name": draw(st.sampled_from(_FAMILY)), **draw(st.sampled_from(_HOMES))}
    shared |= _filled({"phone": draw(_some(_PHONES[1])), "email": draw(_some(_MAILS[2]))})
    born = draw(st.lists(st.sampled_from(_BORN), min_size=2, max_size=4))
    names = draw(st.lists(st.sampled_from(_GIVEN), min_size=len(born), max_size=len(born)))
    return [("person", draw(st.sampled_from(_SOURCES)), {**shared, "given_name": name, "birth_date": day})
            for name, day in zip(names, born, strict=True)]  # fmt: skip


@st.composite
def _crowd(draw: st.DrawFn) -> Situation:
    """A value that many carry, some of them alike otherwise."""
    name, value = draw(st.sampled_from((("email", _MAILS[0]), ("phone", _PHONES[0]), ("anonymous_id", "d1"),
                                        ("user_id", "1"), ("birth_date", "1980-02-03"))))  # fmt: skip
    many = draw(st.integers(4, 8))
    found: Situation = []
    for at in range(many):
        who = {"given_name": draw(st.sampled_from(_GIVEN)), "family_name": f"Crowd{'abcdefgh'[at]}a"}
        if draw(st.booleans()):
            who |= {"birth_date": draw(st.sampled_from(_BORN))}
        found.append(("person", "web", {**who, name: value}))
    return found


@st.composite
def _copies(draw: st.DrawFn) -> Situation:
    """One person again and again, with a letter wrong or a field missing."""
    whole = draw(FULL)
    found: Situation = [("person", "crm", whole)]
    for _ in range(draw(st.integers(1, 4))):
        copy = dict(whole)
        field = draw(st.sampled_from(sorted(copy)))
        if draw(st.booleans()) and isinstance(copy[field], str) and len(copy[field]) > 3:
            copy[field] = copy[field][:2] + copy[field][3:]
        else:
            del copy[field]
        found.append(("person", draw(st.sampled_from(_SOURCES)), copy))
    return found


@st.composite
def _promised(draw: st.DrawFn) -> Situation:
    """A source that promises that each of its records is another customer, and a third beside them."""
    whole = draw(FULL)
    near = {**whole, "given_name": draw(st.sampled_from(_GIVEN))}
    return [("person", "list", {**whole, "apart": "list"}), ("person", "list", {**near, "apart": "list"}),
            ("person", "shop", whole)]  # fmt: skip


@st.composite
def _firms(draw: st.DrawFn) -> Situation:
    fields = st.fixed_dictionaries(
        {
            "name": _some("Acme GmbH", "Acme AG", "Acme", "Acme Foods GmbH"),
            "domain": _some("acme.example", "x.example"),
            "tax_id": _some("DE811234567", "DE811234568"),
            "phone": _some(*_PHONES),
            "home": _some(*_HOMES),
        }
    ).map(_filled)
    return [
        ("organisation", draw(st.sampled_from(_SOURCES)), one)
        for one in draw(st.lists(fields, min_size=1, max_size=4))
    ]


@st.composite
def _visits(draw: st.DrawFn) -> Situation:
    devices = st.sampled_from(("d1", "d2", ["d1", "d2"], "d3"))
    found: Situation = [
        ("person", "web", {"anonymous_id": one}) for one in draw(st.lists(devices, min_size=1, max_size=4))
    ]
    if draw(st.booleans()):
        found.append(
            ("person", "web", {"anonymous_id": draw(devices), "user_id": draw(st.sampled_from(("1", "2")))})
        )
    return found


NOTHING: Situation = [("person", "crm", {}), ("person", "shop", {"city": "Bern"})]
_SITUATION = st.one_of(
    _people(), _family(), _copies(), _crowd(), _promised(), _firms(), _visits(), st.just(NOTHING)
)


def _told(situations: Sequence[Situation], days: random.Random) -> list[IdentityRecord]:
    number = count()
    return [
        (person if kind == "person" else firm)(str(next(number)), source, days.randrange(4), **fields)
        for situation in situations
        for kind, source, fields in situation
    ]


WORLDS = st.builds(
    _told, st.lists(_SITUATION, min_size=2, max_size=9), st.integers(0, 2**16).map(random.Random)
).filter(lambda records: len(records) > 1)


def judgements(records: Sequence[IdentityRecord], seed: int, most: int = 5) -> list[Judgement]:
    """Judgements about them that may contradict each other, about groups too."""
    dice = random.Random(seed)
    made = []
    for number in range(dice.randint(1, most)):
        chosen = dice.sample(list(records), min(len(records), dice.choice((2, 2, 3, 4))))
        cut = dice.randint(1, len(chosen) - 1)
        made.append(judgement(100 + number, dice.choice(("same", "different")), chosen[:cut], chosen[cut:]))
    return made


def learnt(records: Sequence[IdentityRecord], base: MatchModel = SMALL) -> MatchModel:
    """The model these records teach."""
    collection = RecordCollection(base)
    for one in records:
        collection.add(one)
    with patch.object(teaching, "_STRANGERS", 600):
        return teaching.train_model(Nodes(collection), base, lambda *_: None)


def streamed(
    steps: Sequence[IdentityRecord | Judgement], model: MatchModel, batch: int | None = None
) -> IdentityIndex:
    """An index that was told these facts in this order, so many at a time (None: all at once)."""
    index = IdentityIndex(model)
    size = batch or max(1, len(steps))
    for at in range(0, len(steps), size):
        some = steps[at : at + size]
        index.apply(
            [one for one in some if isinstance(one, IdentityRecord)],
            (),
            [one for one in some if isinstance(one, Judgement)],
            (),
        )
    return index


Customers = dict[Any, Any]
"""Record -> the customer it belongs to."""


def customers(index: IdentityIndex, records: Sequence[IdentityRecord]) -> Customers:
    return {one.record_id: index.customer_of(one.record_id) for one in records}


def in_bulk(records: Sequence[IdentityRecord], model: MatchModel) -> Customers:
    """The customers the batch path finds, each named by its oldest record as the index does."""
    resolver = RecordResolver("batch", model=model)
    for one in records:
        resolver.add(one)
    groups: dict[int, list[IdentityRecord]] = {}
    for one, home in zip(records, resolver.resolve().customer, strict=True):
        groups.setdefault(home, []).append(one)
    oldest = {
        home: min(group, key=lambda one: (one.first_seen, one.record_id.int))
        for home, group in groups.items()
    }
    return {one.record_id: oldest[home].record_id for home, group in groups.items() for one in group}
