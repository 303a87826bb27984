"""What the CRM knows: a semicolon CSV export of contacts and accounts, and the notes of sales."""

from pathlib import Path

from demo.describe_world import Organisation, Person, Unit
from demo.draw_names import fold, write_phone
from demo.keep_notebook import Notebook, filled, stamp
from demo.pools.describe_locale import Locale
from demo.pools.list_locales import STAFF
from demo.roll_dice import DAY, Dice
from demo.write_feeds import Feed, Table
from demo.write_money import to_moment, write_decimal

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CONTACT_COLUMNS = (
    "Contact ID", "Name", "Salutation", "E-Mail", "Phone", "Mobile", "Street", "Postal code", "City",
    "Country", "Date of birth", "Account ID", "Account", "Job title", "Tier", "Owner", "Customer since",
    "Last modified", "Note",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "Account ID", "Account name", "Website", "VAT number", "Phone", "E-Mail", "Street", "Postal code", "City",
    "Country", "Industry", "Employees", "Tier", "Owner", "Customer since", "Last modified",
)  # fmt: skip


class CrmObserver:
    """Writes `crm/contacts.csv`, `crm/accounts.csv`, `crm/records.jsonl` and `crm/interactions.jsonl`.

    The export cannot say which account a contact belongs to in a way that an import understands as a
    reference, so the records are patches that add just that.
    """

    def __init__(self, folder: Path, notebook: Notebook, records: Feed, interactions: Feed) -> None:
        """Opens the two tables in the folder."""
        self._notes = notebook
        self._records = records
        self._interactions = interactions
        self.contacts = Table(folder / "contacts.csv", CONTACT_COLUMNS, delimiter=";", mark=True)
        self.accounts = Table(folder / "accounts.csv", ACCOUNT_COLUMNS, delimiter=";", mark=True)

    def observe(self, dice: Dice, unit: Unit) -> None:
        """The firm, the people sales knows, some of them typed in twice."""
        if unit.organisation:
            self._write_account(dice, unit.organisation)
        for person in unit.persons:
            if "crm" not in person.seen_by:
                continue
            contact = self._write_contact(dice, person, retyped=False)
            if person.aliases.get("crm_again") or self._notes.flaws.happen(dice, 0.08):
                self._write_contact(dice, person, retyped=True)
            self._write_interactions(dice, person, contact)

    def _write_account(self, dice: Dice, firm: Organisation) -> None:
        firm.crm_id = firm.crm_id or "001" + dice.token(15, BASE62)
        self._notes.truth.record(("crm", "accounts", firm.crm_id), firm.id, kind="organisation")
        home = firm.address
        changed = dice.between(max(firm.since, self._notes.period.start), self._notes.period.now)
        name = self._notes.misspell(dice, firm.name, 0.02)
        self.accounts.put(
            (
                firm.crm_id, f"{name} {firm.forms[0]}", f"www.{firm.domain}", firm.tax_id,
                write_phone(dice, firm.switchboard, firm.locale), firm.mailbox,
                street_line(firm.locale, home.street, home.house_number), home.postcode, home.city,
                home.country, firm.industry, firm.employees, firm.tier, dice.pick(STAFF),
                german_day(firm.since), german_time(changed),
            )
        )  # fmt: skip

    def _write_contact(self, dice: Dice, person: Person, *, retyped: bool) -> str:
        period, flaws = self._notes.period, self._notes.flaws
        fixed = person.aliases.get("crm_again" if retyped else "crm", {})
        contact = fixed.get("id") or "003" + dice.token(15, BASE62)
        self._notes.truth.record(("crm", "contacts", contact), person.id)
        stale = flaws.happen(dice, 0.2) or (retyped and flaws.happen(dice, 0.4))
        seen = dice.between(min(person.since, period.now), period.now)
        home = person.homes[0] if stale else person.home_at(seen)
        firm = person.job.organisation if person.job else None
        mail = person.job.mail if person.job and not person.private else person.mail_at(seen)
        if flaws.happen(dice, 0.12) or (retyped and flaws.happen(dice, 0.3)):
            mail = ""
        given = self._notes.misspell(dice, person.given, 0.15 if retyped else 0.03)
        family = self._notes.misspell(dice, person.family_at(seen), 0.2 if retyped else 0.03)
        if retyped and person.nickname and dice.chance(0.3):
            given = person.nickname
        if flaws.happen(dice, 0.06):
            given, family = fold(given) or given, fold(family) or family
        suffix = f" {person.generation}" if person.generation else ""
        row = {
            "Contact ID": contact,
            "Name": f"{family}{suffix}, {given}" if family else given,
            "Salutation": person.locale.honorific_female
            if person.sex == "F"
            else person.locale.honorific_male,
            "E-Mail": mail,
            "Phone": self._phone(dice, person, firm),
            "Mobile": ""
            if flaws.happen(dice, 0.35)
            else write_phone(dice, person.mobile_at(seen), person.locale),
            "Street": street_line(person.locale, home.street, home.house_number),
            "Postal code": home.postcode,
            "City": home.city,
            "Country": home.country,
            "Date of birth": self._birth(dice, person),
            "Account ID": firm.crm_id if firm else "",
            "Account": firm.name if firm and firm.crm_id else "",
            "Job title": person.job.title if person.job else "",
            "Tier": dice.choices(("", "Silver", "Gold"), (75, 18, 7))[0],
            "Owner": dice.pick(STAFF),
            "Customer since": german_day(person.since),
            "Last modified": german_time(seen),
            "Note": dice.choices(("", "Prefers to be called in the evening", "VIP"), (94, 4, 2))[0],
        }
        row.update({name: value for name, value in fixed.items() if name in row})
        self.contacts.put([row[column] for column in CONTACT_COLUMNS])
        if firm and firm.crm_id:
            self._write_reference(contact, firm.crm_id)
        return contact

    def _write_reference(self, contact: str, account: str) -> None:
        self._records.put(
            {
                "stream": "contacts",
                "id": contact,
                "kind": "person",
                "op": "patch",
                "updated_at": stamp(self._notes.period.now),
                "fields": {"organisation_ref": {"stream": "accounts", "id": account}},
            }
        )

    def _phone(self, dice: Dice, person: Person, firm: Organisation | None) -> str:
        if firm and person.job and not person.private:
            return f"{write_phone(dice, firm.switchboard, firm.locale)}-{person.job.extension}"
        return write_phone(dice, person.landline, person.locale) if person.landline else ""

    def _birth(self, dice: Dice, person: Person) -> str:
        if not person.private or self._notes.flaws.happen(dice, 0.6):
            return ""
        if self._notes.flaws.happen(dice, 0.05):
            return "01.01.1900"
        return person.birth.strftime("%d.%m.%Y")

    def _write_interactions(self, dice: Dice, person: Person, contact: str) -> None:
        firm = person.job.organisation if person.job else None
        for dealing in person.life.dealings:
            party = {"stream": "contacts", "id": contact}
            if dealing.kind == "deal" and firm and firm.crm_id:
                party = {"stream": "accounts", "id": firm.crm_id}
            fields = {
                "title": dealing.title,
                "text": dealing.text,
                "status": dealing.status,
                "amount": write_decimal(dealing.amount) if dealing.amount else "",
                "currency": person.locale.currency if dealing.amount else "",
                "channel": "person" if dealing.kind == "meeting" else "",
            }
            self._interactions.put(
                {
                    "stream": {"deal": "deals", "note": "notes", "meeting": "meetings"}[dealing.kind],
                    "id": dealing.number,
                    "type": dealing.kind,
                    "party": party,
                    "occurred_at": stamp(dealing.at, 1),
                    "fields": filled(fields),
                }
            )
        self._write_consents(dice, person, contact)

    def _write_consents(self, dice: Dice, person: Person, contact: str) -> None:
        for channel, granted in sorted(person.consents.items()):
            mistaken = channel == "email" and self._notes.flaws.happen(dice, 0.04)
            at = dice.between(min(person.since, self._notes.period.now - DAY), self._notes.period.now)
            self._interactions.put(
                {
                    "stream": "consents",
                    "id": f"{contact}-{channel}",
                    "type": "consent",
                    "party": {"stream": "contacts", "id": contact},
                    "occurred_at": stamp(at, 1),
                    "fields": {
                        "purpose": "marketing",
                        "channel": channel,
                        "state": "granted" if granted != mistaken else "denied",
                    },
                }
            )

    def close(self) -> None:
        """Closes the tables."""
        self.contacts.close()
        self.accounts.close()


def street_line(locale: Locale, street: str, number: str) -> str:
    """Street and house number in the country's order."""
    return f"{number} {street}" if locale.number_first else f"{street} {number}"


def german_day(at: int) -> str:
    """dd.mm.yyyy."""
    return to_moment(at).strftime("%d.%m.%Y")


def german_time(at: int) -> str:
    """dd.mm.yyyy hh:mm."""
    return to_moment(at).strftime("%d.%m.%Y %H:%M")
