"""What the help desk knows: whoever wrote from a mail address, tickets and their messages."""

from demo.describe_world import Person, Problem, Unit
from demo.keep_notebook import Notebook, filled, stamp
from demo.roll_dice import DAY, Dice
from demo.write_feeds import Feed

FIRST_ID = 700000
RECENT = 30 * DAY


class HelpdeskObserver:
    """Writes `helpdesk/records.jsonl` and `helpdesk/interactions.jsonl`."""

    def __init__(self, notebook: Notebook, records: Feed, interactions: Feed) -> None:
        """Feeds to write to."""
        self._notes = notebook
        self._records = records
        self._interactions = interactions

    def observe(self, dice: Dice, unit: Unit) -> None:
        """Every mail address that wrote is a requester, whoever sat behind it."""
        requesters: dict[str, str] = {}
        for person in unit.persons:
            for problem in person.life.problems:
                writer = person
                if len(unit.persons) > 1 and self._notes.flaws.happen(dice, 0.03):
                    writer = dice.pick(unit.persons)
                requester = self._requester(dice, unit, writer, problem, requesters)
                self._write_problem(person, problem, requester)

    def _requester(
        self, dice: Dice, unit: Unit, person: Person, problem: Problem, requesters: dict[str, str]
    ) -> str:
        fixed = person.aliases.get("helpdesk", {})
        mail = fixed.get("email") or self._mail(dice, person, problem)
        if mail in requesters:
            return requesters[mail]
        requester = fixed.get("id") or str(FIRST_ID + self._notes.numbers.after("requester"))
        requesters[mail] = requester
        organisation = unit.organisation
        if organisation and mail == organisation.mailbox:
            truth = (("helpdesk", "requesters", requester), organisation.id, "shared", "organisation")
        elif "shared_mailbox" in person.tags and not problem.business:
            truth = (("helpdesk", "requesters", requester), person.household, "shared", "household")
        else:
            truth = (("helpdesk", "requesters", requester), person.id, "owner", "person")
        self._notes.truth.record(*truth)
        shown = person.name
        if self._notes.flaws.factor:
            style = dice.random()
            shown = (
                person.name
                if style < 0.6
                else person.given
                if style < 0.75
                else mail.partition("@")[0]
                if style < 0.88
                else f"{person.nickname or person.given} {person.family}".lower()
            )
        self._records.put(
            {
                "stream": "requesters",
                "id": requester,
                "kind": "person",
                "op": "upsert",
                "updated_at": stamp(problem.at),
                "fields": filled({"full_name": fixed.get("full_name") or shown, "email": mail}),
            }
        )
        self._notes.remember(person, helpdesk=requester)
        return requester

    def _mail(self, dice: Dice, person: Person, problem: Problem) -> str:
        if problem.business and person.job:
            firm = person.job.organisation
            return firm.mailbox if firm.shares_mailbox and dice.chance(0.4) else person.job.mail
        return person.mail_at(problem.at)

    def _write_problem(self, person: Person, problem: Problem, requester: str) -> None:
        party = {"stream": "requesters", "id": requester}
        offset = person.locale.utc_offset
        last = {
            "title": problem.title,
            "status": problem.status,
            "channel": problem.channel,
            "order": problem.order,
            "reason": problem.subject,
        }
        states = [(problem.changed_at, {**last, "rating": problem.rating or None})]
        if problem.at > self._notes.period.now - RECENT and problem.changed_at > problem.at:
            states.insert(0, (problem.at, {**last, "status": "open"}))
        for changed, fields in states:
            self._interactions.put(
                {
                    "stream": "tickets",
                    "id": problem.number,
                    "type": "ticket",
                    "event_id": f"ticket-{problem.number}-{changed}",
                    "party": party,
                    "occurred_at": stamp(problem.at, offset),
                    "updated_at": stamp(changed, offset),
                    "fields": filled(fields),
                }
            )
        for position, message in enumerate(problem.messages, start=1):
            self._interactions.put(
                {
                    "stream": "messages",
                    "id": f"{problem.number}-{position}",
                    "type": "message",
                    "event_id": f"message-{problem.number}-{position}",
                    "party": party,
                    "occurred_at": stamp(message.at, offset),
                    "fields": {
                        "ticket": problem.number,
                        "direction": "in" if message.inbound else "out",
                        "channel": problem.channel,
                        "text": message.text,
                    },
                }
            )
