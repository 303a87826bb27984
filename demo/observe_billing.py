"""What billing knows: one customer per subscription, invoices, payments that come or fail."""

from typing import Any

from demo.describe_world import Bill, Contract, Person, Unit
from demo.draw_names import write_phone
from demo.keep_notebook import Notebook, filled, stamp
from demo.roll_dice import Dice
from demo.write_feeds import Feed
from demo.write_money import write_decimal


class BillingObserver:
    """Writes `billing/records.jsonl` and `billing/interactions.jsonl`."""

    def __init__(self, notebook: Notebook, records: Feed, interactions: Feed) -> None:
        """Feeds to write to."""
        self._notes = notebook
        self._records = records
        self._interactions = interactions

    def observe(self, dice: Dice, unit: Unit) -> None:
        """All subscriptions of the unit."""
        for person in unit.persons:
            for contract in person.life.contracts:
                if contract.business and person.job:
                    customer = self._open_firm(dice, person, contract)
                else:
                    customer = self._open_person(dice, unit, person, contract)
                party = {"stream": "customers", "id": customer}
                self._write_subscription(contract, party)
                for bill in contract.bills:
                    self._write_bill(contract, bill, party)
                if contract.status != "cancelled":
                    self._notes.remember(
                        person,
                        billing=customer,
                        subscription=contract.plan.title,
                        price=write_decimal(contract.price),
                    )

    def _open_person(self, dice: Dice, unit: Unit, person: Person, contract: Contract) -> str:
        payer = person
        if len(unit.persons) > 1 and "story" not in person.tags and self._notes.flaws.happen(dice, 0.1):
            payer = dice.pick(unit.persons)
        at = contract.since
        home = payer.home_at(at)
        fixed = person.aliases.get("billing", {})
        customer = contract.billing_id or f"cus_{dice.token(14)}"
        relation = "owner" if payer is person else "proxy"
        self._notes.truth.record(("billing", "customers", customer), payer.id, relation)
        fields = {
            "full_name": self._notes.misspell(dice, f"{payer.given} {payer.family_at(at)}", 0.02),
            "email": payer.mail_at(at),
            "phone": "" if dice.chance(0.6) else write_phone(dice, payer.mobile_at(at), payer.locale),
            "street": home.street,
            "house_number": home.house_number,
            "postcode": home.postcode,
            "city": home.city,
            "country": home.country,
            "plan": contract.plan.title,
            **fixed,
        }
        self._put_record(customer, "person", at, fields)
        return customer

    def _open_firm(self, dice: Dice, person: Person, contract: Contract) -> str:
        if person.job is None:
            return ""
        firm = person.job.organisation
        customer = contract.billing_id or f"cus_{dice.token(14)}"
        firm.billing_id = customer
        self._notes.truth.record(("billing", "customers", customer), firm.id, kind="organisation")
        home = firm.address
        fields = {
            "name": f"{firm.name} {dice.pick(firm.forms)}",
            "email": firm.mailbox if dice.chance(0.6) else person.job.mail,
            "domain": "" if dice.chance(0.5) else firm.domain,
            "tax_id": "" if self._notes.flaws.happen(dice, 0.3) else firm.tax_id,
            "phone": "" if dice.chance(0.5) else write_phone(dice, firm.switchboard, firm.locale),
            "street": home.street,
            "house_number": home.house_number,
            "postcode": home.postcode,
            "city": home.city,
            "country": home.country,
            "plan": contract.plan.title,
        }
        self._put_record(customer, "organisation", contract.since, fields)
        return customer

    def _put_record(self, customer: str, kind: str, at: int, fields: dict[str, Any]) -> None:
        self._records.put(
            {
                "stream": "customers",
                "id": customer,
                "kind": kind,
                "op": "upsert",
                "updated_at": stamp(at),
                "fields": filled(fields),
            }
        )

    def _write_subscription(self, contract: Contract, party: dict[str, str]) -> None:
        changed = contract.until or contract.since
        if contract.status == "past_due":
            changed = max(bill.failed_at or bill.due for bill in contract.bills if bill.status == "overdue")
        fields = {
            "title": contract.plan.title,
            "status": contract.status,
            "amount": write_decimal(contract.price),
            "currency": contract.currency,
        }
        self._put(
            "subscriptions",
            contract.number,
            "subscription",
            party,
            contract.since,
            max(changed, contract.since),
            fields,
        )

    def _write_bill(self, contract: Contract, bill: Bill, party: dict[str, str]) -> None:
        money = {"amount": write_decimal(bill.amount), "currency": contract.currency}
        changed = bill.paid_at or (bill.due if bill.status == "overdue" else bill.at)
        fields = {
            "title": contract.plan.title,
            "status": bill.status,
            "due_at": stamp(bill.due),
            "subscription": contract.number,
            **money,
        }
        self._put("invoices", bill.number, "invoice", party, bill.at, changed, fields)
        for at, status in ((bill.failed_at, "failed"), (bill.paid_at, "succeeded")):
            if at:
                payment = {
                    "title": f"Payment for {bill.number}",
                    "status": status,
                    "invoice": bill.number,
                    "reason": "card declined" if status == "failed" else "",
                    **money,
                }
                self._put(
                    "payments", f"pay_{bill.number}_{status}", "payment", party, at, at, filled(payment)
                )

    def _put(
        self,
        stream: str,
        number: str,
        kind: str,
        party: dict[str, str],
        at: int,
        changed: int,
        fields: dict[str, Any],
    ) -> None:
        self._interactions.put(
            {
                "stream": stream,
                "id": number,
                "type": kind,
                "event_id": f"evt_{number}_{fields['status']}",
                "party": party,
                "occurred_at": stamp(at),
                "updated_at": stamp(changed),
                "fields": fields,
            }
        )
