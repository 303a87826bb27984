"""What the mailing tool knows: members by the checksum of their mail, what they open and click, consent."""

import hashlib
from typing import Any

from demo.describe_world import Person, Touch, Unit
from demo.draw_names import fold
from demo.keep_notebook import Notebook, filled, stamp
from demo.roll_dice import DAY, Dice
from demo.write_feeds import Feed


class MarketingObserver:
    """Writes `marketing/records.jsonl` and `marketing/interactions.jsonl`."""

    def __init__(self, notebook: Notebook, records: Feed, interactions: Feed) -> None:
        """Feeds to write to."""
        self._notes = notebook
        self._records = records
        self._interactions = interactions

    def observe(self, dice: Dice, unit: Unit) -> None:
        """Members of the unit; nobody is ever deleted here."""
        members: set[str] = set()
        for person in unit.persons:
            if "marketing" not in person.seen_by:
                continue
            fixed = person.aliases.get("marketing", {})
            mail = fixed.get("email") or self._mail(person)
            member = hashlib.md5(mail.lower().encode(), usedforsecurity=False).hexdigest()
            shared = "shared_mailbox" in person.tags
            truth_id, relation = (person.household, "shared") if shared else (person.id, "owner")
            kind = "household" if shared else "person"
            self._notes.truth.record(("marketing", "members", member), truth_id, relation, kind)
            if member not in members:
                self._put_member(dice, person, member, {"email": mail, **fixed})
                members.add(member)
            for touch in person.life.touches:
                self._put_touch(member, touch)
            self._put_consent(dice, person, member, mail)
            self._notes.remember(person, marketing=member)

    def _mail(self, person: Person) -> str:
        if person.job and not person.private:
            return person.job.mail
        return person.mail_at(person.since)

    def _put_member(self, dice: Dice, person: Person, member: str, fixed: dict[str, str]) -> None:
        given, family = person.given, person.family_at(person.since)
        if dice.chance(0.5):
            given, family = fold(given) or given, fold(family) or family
        fields: dict[str, Any] = {
            "given_name": given.upper(),
            "family_name": "" if dice.chance(0.15) else family.upper(),
            "language": person.locale.language,
            "country": person.locale.code,
            "tags": ["newsletter", *(["office"] if person.job and not person.private else [])],
            **fixed,
        }
        self._records.put(
            {
                "stream": "members",
                "id": member,
                "kind": "person",
                "op": "upsert",
                "updated_at": stamp(person.since),
                "fields": filled(fields),
            }
        )

    def _put_touch(self, member: str, touch: Touch) -> None:
        moments = (
            ("sent", touch.sent),
            ("bounce", touch.sent + 20 if touch.bounced else 0),
            ("open", touch.opened),
            ("click", touch.clicked),
            ("unsubscribe", touch.unsubscribed),
        )
        for action, at in moments:
            if not at:
                continue
            fields = {
                "title": touch.campaign.title,
                "campaign": touch.campaign.id,
                "action": action,
                "channel": "email",
                "url": touch.campaign.url if action == "click" else "",
            }
            self._interactions.put(
                {
                    "stream": "activity",
                    "id": f"{touch.campaign.id}-{member}-{action}",
                    "type": "campaign",
                    "party": {"stream": "members", "id": member},
                    "occurred_at": stamp(at),
                    "fields": filled(fields),
                }
            )

    def _put_consent(self, dice: Dice, person: Person, member: str, mail: str) -> None:
        gone = next((touch.unsubscribed for touch in person.life.touches if touch.unsubscribed), 0)
        states = [(min(person.since + dice.between(0, DAY), self._notes.period.now), "granted")]
        if gone:
            states.append((gone, "denied"))
        elif not person.consents.get("email", True):
            states.append((dice.between(states[0][0], self._notes.period.now), "denied"))
        for at, state in states:
            self._interactions.put(
                {
                    "stream": "consents",
                    "id": f"{member}-email",
                    "type": "consent",
                    "event_id": f"consent-{member}-{state}-{at}",
                    "party": {"stream": "members", "id": member},
                    "occurred_at": stamp(at),
                    "updated_at": stamp(at),
                    "fields": {
                        "purpose": "marketing",
                        "channel": "email",
                        "state": state,
                        "contact_point": mail,
                    },
                }
            )
