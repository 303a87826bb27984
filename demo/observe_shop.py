"""What the shop knows: accounts, guests, orders step by step, refunds, reviews."""

from typing import Any

from demo.describe_world import Address, Person, Purchase, Unit
from demo.draw_names import write_phone
from demo.garble_text import garble_mail
from demo.keep_notebook import Notebook, filled, stamp
from demo.roll_dice import DAY, Dice
from demo.tell_purchases import name_basket
from demo.write_feeds import Feed
from demo.write_money import write_decimal

FIRST_ID = 10000
RECENT = 21 * DAY
"""Orders younger than this are told step by step, older ones in their last state."""


class ShopObserver:
    """Writes `shop/records.jsonl` and `shop/interactions.jsonl`."""

    def __init__(self, notebook: Notebook, records: Feed, interactions: Feed) -> None:
        """Feeds to write to."""
        self._notes = notebook
        self._records = records
        self._interactions = interactions

    def observe(self, dice: Dice, unit: Unit) -> None:
        """Accounts by mail address: who shares a mailbox shares an account."""
        accounts: dict[str, str] = {}
        for person in unit.persons:
            if "shop" in person.seen_by and person.private:
                mail = person.mail_at(person.since)
                if mail in accounts:
                    person.shop_id = accounts[mail]
                    self._notes.truth.record(
                        ("shop", "customers", person.shop_id), person.household, "shared"
                    )
                else:
                    person.shop_id = accounts[mail] = self._open_account(dice, person)
            firm_account = ""
            for purchase in person.life.purchases:
                if purchase.business and not firm_account:
                    firm_account = self._open_firm_account(dice, person)
                    person.shop_id = person.shop_id or firm_account
                party = self._party(dice, person, purchase, firm_account)
                self._write_purchase(dice, unit, person, purchase, party)

    def _new_id(self) -> str:
        return str(FIRST_ID + self._notes.numbers.after("shop"))

    def _open_account(self, dice: Dice, person: Person) -> str:
        fixed = person.aliases.get("shop", {})
        account = fixed.get("id") or self._new_id()
        self._notes.truth.record(("shop", "customers", account), person.id)
        since = person.since
        given = person.nickname if person.nickname and dice.chance(0.12) else person.given
        fields = {
            "given_name": self._notes.misspell(dice, given, 0.015),
            "family_name": self._notes.misspell(dice, person.family_at(since), 0.015),
            "email": self._mail(dice, person.mail_at(since)),
            "phone": "" if dice.chance(0.4) else write_phone(dice, person.mobile_at(since), person.locale),
            "language": person.locale.language,
            "customer_since": stamp(since)[:10],
            "user_id": f"shop-{account}",
            **self._address(dice, person.home_at(since)),
            **{name: value for name, value in fixed.items() if name != "id"},
        }
        self._put_record(account, "upsert", since, fields)
        for home in person.homes[1:]:
            if home.since > since and not self._notes.flaws.happen(dice, 0.2):
                self._put_record(account, "patch", home.since, self._address(dice, home))
        self._notes.remember(person, shop=account)
        return account

    def _open_firm_account(self, dice: Dice, person: Person) -> str:
        if person.job is None:
            return ""
        firm = person.job.organisation
        fixed = person.aliases.get("shop_firm", {})
        account = fixed.get("id") or self._new_id()
        self._notes.truth.record(("shop", "customers", account), person.id)
        shared = firm.shares_mailbox and dice.chance(0.5)
        fields = {
            "given_name": person.given,
            "family_name": self._notes.misspell(dice, person.family, 0.015),
            "email": firm.mailbox if shared else person.job.mail,
            "phone": write_phone(dice, firm.switchboard, firm.locale),
            "organisation": f"{firm.name} {dice.pick(firm.forms)}",
            "language": person.locale.language,
            "customer_since": stamp(person.since)[:10],
            "user_id": f"shop-{account}",
            **self._address(dice, firm.address),
            **{name: value for name, value in fixed.items() if name != "id"},
        }
        self._put_record(account, "upsert", person.since, fields)
        self._notes.remember(person, shop=account, business="yes")
        return account

    def _put_record(self, account: str, operation: str, at: int, fields: dict[str, Any]) -> None:
        self._records.put(
            {
                "stream": "customers",
                "id": account,
                "kind": "person",
                "op": operation,
                "event_id": f"customer-{account}-{operation}-{at}",
                "updated_at": stamp(at),
                "fields": filled(fields),
            }
        )

    def _mail(self, dice: Dice, mail: str) -> str:
        return garble_mail(dice, mail) if self._notes.flaws.happen(dice, 0.015) else mail

    def _address(self, dice: Dice, home: Address) -> dict[str, str]:
        return {
            "street": self._notes.misspell(dice, home.street, 0.02),
            "house_number": home.house_number,
            "postcode": home.postcode,
            "city": self._notes.misspell(dice, home.city, 0.01),
            "country": home.country,
        }

    def _party(
        self, dice: Dice, person: Person, purchase: Purchase, firm_account: str
    ) -> dict[str, str] | None:
        if purchase.business:
            return {"stream": "customers", "id": firm_account}
        if not purchase.guest and person.shop_id:
            return {"stream": "customers", "id": person.shop_id}
        if dice.chance(0.08):
            return None
        guest = f"guest-{purchase.number}"
        self._notes.truth.record(("shop", "guests", guest), person.id)
        fields = {
            "full_name": self._notes.misspell(dice, f"{person.given} {person.family_at(purchase.at)}", 0.04),
            "email": self._mail(dice, person.mail_at(purchase.at)),
            "phone": ""
            if dice.chance(0.5)
            else write_phone(dice, person.mobile_at(purchase.at), person.locale),
            **self._address(dice, person.home_at(purchase.at)),
        }
        self._records.put(
            {
                "stream": "guests",
                "id": guest,
                "kind": "person",
                "op": "upsert",
                "updated_at": stamp(purchase.at),
                "fields": filled(fields),
            }
        )
        return {"stream": "guests", "id": guest}

    def _write_purchase(
        self, dice: Dice, unit: Unit, person: Person, purchase: Purchase, party: dict[str, str] | None
    ) -> None:
        recent = purchase.at > self._notes.period.now - RECENT
        fields = self._order_fields(dice, unit, person, purchase)
        for at, status in purchase.steps if recent else purchase.steps[-1:]:
            self._put(
                "orders", purchase.number, "order", party, purchase.at, at, {**fields, "status": status}
            )
        if purchase.refund and purchase.refund.at:
            refund = {
                "title": f"Refund for order {purchase.number}",
                "amount": write_decimal(purchase.refund.amount),
                "currency": purchase.currency,
                "order": purchase.number,
                "reason": purchase.refund.reason,
                "status": "refunded",
            }
            at = purchase.refund.at
            self._put("refunds", f"R-{purchase.number}", "refund", party, at, at, refund)
        if purchase.rating:
            review = {
                "title": purchase.lines[0].product.title,
                "rating": purchase.rating,
                "text": purchase.review,
                "order": purchase.number,
            }
            at = purchase.reviewed_at
            self._put("reviews", f"V-{purchase.number}", "review", party, at, at, filled(review))

    def _order_fields(self, dice: Dice, unit: Unit, person: Person, purchase: Purchase) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "title": name_basket([line.product.title for line in purchase.lines]),
            "amount": write_decimal(purchase.total),
            "currency": purchase.currency,
            "channel": "web",
            "lines": [
                {
                    "sku": line.product.sku,
                    "title": line.product.title,
                    "quantity": line.quantity,
                    "amount": write_decimal(line.amount),
                }
                for line in purchase.lines
            ],
        }
        others = [other for other in unit.persons if other is not person]
        if others and self._notes.flaws.happen(dice, 0.06):
            fields["ship_to"] = dice.pick(others).name
        return fields

    def _put(
        self,
        stream: str,
        number: str,
        kind: str,
        party: dict[str, str] | None,
        at: int,
        changed: int,
        fields: dict[str, Any],
    ) -> None:
        body: dict[str, Any] = {
            "stream": stream,
            "id": number,
            "type": kind,
            "event_id": f"{stream}-{number}-{fields.get('status', '')}",
            "occurred_at": stamp(at),
            "updated_at": stamp(changed),
            "fields": fields,
        }
        if party:
            body["party"] = party
        self._interactions.put(body)
