"""What the telephone switch knows: numbers, as it shows them, in local time."""

from typing import Any

from demo.describe_world import Call, Person, Unit
from demo.draw_names import write_phone
from demo.keep_notebook import Notebook, filled, stamp
from demo.roll_dice import Dice
from demo.write_feeds import Feed


class CallsObserver:
    """Writes `calls/records.jsonl` and `calls/interactions.jsonl`."""

    def __init__(self, notebook: Notebook, records: Feed, interactions: Feed) -> None:
        """Feeds to write to."""
        self._notes = notebook
        self._records = records
        self._interactions = interactions

    def observe(self, dice: Dice, unit: Unit) -> None:
        """A number is a party; a hidden number is nobody."""
        shown: dict[str, str] = {}
        for person in unit.persons:
            for call in person.life.calls:
                number, true_number = "", self._number(dice, person, call)
                if not call.hidden:
                    number = shown.get(true_number, "")
                    if not number:
                        number = shown[true_number] = self._first_call(dice, person, call, true_number)
                self._write_call(person, call, number)

    def _number(self, dice: Dice, person: Person, call: Call) -> str:
        if call.business and person.job:
            return person.job.organisation.switchboard
        if person.landline and dice.chance(0.4):
            return person.landline
        return person.mobile_at(call.at)

    def _first_call(self, dice: Dice, person: Person, call: Call, true_number: str) -> str:
        locale = person.job.organisation.locale if call.business and person.job else person.locale
        number = write_phone(dice, true_number, locale).replace(" ", "")
        kind = "person"
        truth_id, relation = person.id, "owner"
        if person.job and true_number == person.job.organisation.switchboard:
            truth_id, relation, kind = person.job.organisation.id, "shared", "organisation"
        elif true_number == person.landline:
            truth_id, relation, kind = person.household, "shared", "household"
        self._notes.truth.record(("calls", "numbers", number), truth_id, relation, kind)
        self._records.put(
            {
                "stream": "numbers",
                "id": number,
                "kind": "person",
                "op": "upsert",
                "updated_at": stamp(call.at, locale.utc_offset),
                "fields": {"phone": number, "country": locale.code},
            }
        )
        return number

    def _write_call(self, person: Person, call: Call, number: str) -> None:
        moment = stamp(call.at, person.locale.utc_offset)
        identity = self._notes.numbers.after("call")
        fields = {
            "title": call.about or ("Call" if call.answered else "Missed call"),
            "direction": "in" if call.inbound else "out",
            "status": "answered" if call.answered else "missed",
            "channel": "phone",
            "duration_seconds": call.seconds or None,
        }
        body: dict[str, Any] = {
            "stream": "calls",
            "id": f"call-{call.at}-{identity}",
            "type": "call",
            "event_id": f"call-{call.at}-{identity}",
            "occurred_at": moment,
            "fields": filled(fields),
        }
        if number:
            body["party"] = {"stream": "numbers", "id": number}
        self._interactions.put(body)
