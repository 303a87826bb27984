"""The truth files: whose each source record is, which pairs are hard, and what is true of everybody."""

from pathlib import Path

from demo.describe_world import Organisation, Person, Unit
from demo.roll_dice import Dice, Period
from demo.write_feeds import Table
from demo.write_money import to_moment, write_decimal

Key = tuple[str, str, str]
"""(source, stream, external id)."""

SAME_TAGS = ("b2c_and_b2b", "new_mail", "renamed", "recycled_number", "other_script", "moved", "story")


class Truth:
    """Writes `truth_record.csv`, `truth_pairs_hard.csv` and `truth_profile.csv`."""

    def __init__(self, folder: Path, period: Period) -> None:
        """Opens the three files in the folder."""
        self._period = period
        self._records = Table(
            folder / "truth_record.csv",
            (
                "source",
                "stream",
                "external_id",
                "truth_kind",
                "truth_id",
                "relation",
                "valid_from",
                "valid_to",
            ),
        )
        self._pairs = Table(folder / "truth_pairs_hard.csv", ("tag", "verdict", "level", "left", "right"))
        self._profiles = Table(
            folder / "truth_profile.csv",
            (
                "truth_id", "kind", "name", "given", "family", "birth_date", "sex", "email", "phone",
                "street", "house_number", "postcode", "city", "country", "organisation", "orders",
                "ordered", "refunded", "currency", "open_tickets", "overdue_invoices",
                "marketing_email", "tags",
            ),
        )  # fmt: skip
        self._unit: dict[str, list[Key]] = {}
        self._known: set[Key] = set()

    def record(self, key: Key, truth_id: str, relation: str = "owner", kind: str = "person") -> None:
        """Notes whose a source record really is; the first word counts."""
        if key in self._known:
            return
        self._known.add(key)
        self._unit.setdefault(truth_id, []).append(key)
        since = to_moment(self._period.start).isoformat()
        self._records.put((*key, kind, truth_id, relation, since, ""))

    def finish_unit(self, unit: Unit, dice: Dice) -> None:
        """Writes the profiles and hard pairs of a household or firm and forgets its records."""
        for pair in unit.hard:
            self._pairs.put((pair.tag, pair.verdict, "truth", pair.left, pair.right))
        for person in unit.persons:
            keys = self._unit.get(person.id, [])
            for tag in SAME_TAGS:
                if tag in person.tags and len(keys) > 1:
                    left, right = dice.sample(keys, 2)
                    self._pairs.put((tag, "same", "record", "/".join(left), "/".join(right)))
            self._profiles.put(self._person_row(person))
        if unit.organisation:
            self._profiles.put(self._organisation_row(unit.organisation))
        self._unit.clear()
        self._known.clear()

    def _person_row(self, person: Person) -> tuple[object, ...]:
        now = self._period.now
        home = person.home_at(now)
        life = person.life
        refunded = sum(purchase.refund.amount for purchase in life.purchases if purchase.refund)
        return (
            person.id,
            "person",
            person.name,
            person.given,
            person.family,
            person.birth.isoformat(),
            person.sex,
            person.mail_at(now),
            person.mobile_at(now),
            home.street,
            home.house_number,
            home.postcode,
            home.city,
            home.country,
            person.job.organisation.id if person.job else "",
            len(life.purchases),
            write_decimal(sum(purchase.total for purchase in life.purchases)),
            write_decimal(refunded),
            person.locale.currency,
            sum(problem.status in ("open", "pending") for problem in life.problems),
            sum(bill.status == "overdue" for contract in life.contracts for bill in contract.bills),
            {True: "granted", False: "denied", None: ""}[person.consents.get("email")],
            " ".join(sorted(person.tags)),
        )

    def _organisation_row(self, firm: Organisation) -> tuple[object, ...]:
        home = firm.address
        return (
            firm.id, "organisation", f"{firm.name} {firm.forms[0]}", "", "", "", "", firm.mailbox,
            firm.switchboard, home.street, home.house_number, home.postcode, home.city, home.country, "", 0,
            "0.00", "0.00", firm.locale.currency, 0, 0, "", "reseller" if firm.reseller else "",
        )  # fmt: skip

    def close(self) -> int:
        """Closes the files; the number of source records noted."""
        for table in (self._records, self._pairs, self._profiles):
            table.close()
        return self._records.lines
