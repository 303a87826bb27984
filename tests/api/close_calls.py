"""Two people on whom it is close, whatever the weights are today."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from regard.events.envelope import Event
from regard.events.record_events import RecordUpserted
from regard.identity.identity_index import IdentityIndex
from regard.identity.identity_record import IdentityRecord
from regard.identity.match_model import default_model
from tests.views.customers import record
from tests.views.test_compose_view import NOON

_NAMES = [
    ("Anna", "Brzezinska"),
    ("Ana", "Brzezinska"),
    ("A.", "Brzezinska"),
    ("Anna", "Brzezinski"),
    ("Eva", "Brzezinska"),
]
_MORE = [
    {},
    {"city": "Bern"},
    {"phone": "+4915112345678"},
    {"email": "ab@x.example"},
    {"birth_date": "1980-02-03"},
    {"phone": "+4915112345678", "birth_date": "1980-02-04"},
    {"email": "ab@x.example", "birth_date": "1990-02-03"},
]


def close_call(*, together: bool) -> tuple[Event, Event]:
    """Two records that are one customer, or are not, by little."""
    for name, mine, theirs in product(_NAMES, _MORE, _MORE):
        left = _person("crm", "C-1", ("Anna", "Brzezinska"), mine, 20)
        right = _person("shop", "K-1", name, theirs, 10)
        index = IdentityIndex(default_model())
        index.apply([_record(left), _record(right)], (), (), ())
        if [doubt.together for doubt in index.doubts()] == [together]:
            return left, right
    raise AssertionError("no close call is left; add some to _NAMES and _MORE")


def _person(source: str, number: str, name: tuple[str, str], more: dict[str, str], days: int) -> Event:
    given, family = name
    at = NOON - timedelta(days=days)
    return record(source, "people", number, at, given_name=given, family_name=family, **more)


def _record(event: Event) -> IdentityRecord:
    key, body = event.subject, event.body
    assert isinstance(body, RecordUpserted)
    return IdentityRecord(
        key.record_id, "person", key.source, key.stream, key.external_id, event.occurred_at, body.fields
    )
