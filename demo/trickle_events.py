"""Live events about known customers: a few a second, coherent enough to watch."""

import http.client
import time
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from demo.call_api import ApiClient, ApiError
from demo.observe_web import live_page
from demo.pools.describe_locale import read_locale
from demo.pools.list_products import NEWSLETTERS, PRODUCTS, REVIEWS
from demo.pools.read_conversations import GENERAL, GREETINGS, read_conversations
from demo.roll_dice import Dice
from demo.tell_purchases import local_price, name_basket
from demo.write_money import write_decimal

Cast = list[dict[str, str]]
Body = dict[str, Any]
STORY_SHARE = 0.04
"""How often a live event is about one of the hand-made customers."""
SHOWN_ACTS = 20
_BEGINNING = 1_767_225_600  # 1 January 2026
AWAY = 1.0
"""Seconds until a server that does not answer is asked again."""
LEADING_ACTS = 400
"""Of the first so many events every twentieth is about the first hand-made customer, so that whoever opens
her page sees it move; later she is left in peace."""


class Trickle:
    """Makes up one live event after the other and sends it through the front doors."""

    def __init__(self, clients: dict[str, ApiClient], cast: Cast) -> None:
        """`clients` by source; `cast` as `live_cast.json` holds it."""
        self._clients = clients
        self._dice = Dice(uuid.uuid4().hex)
        self._cast = cast
        self._stories = [one for one in cast if one.get("story")]
        self._orders: deque[tuple[Body, str]] = deque(maxlen=50)
        self._tickets: deque[tuple[dict[str, str], str]] = deque(maxlen=50)
        self._acts: tuple[tuple[int, str, Callable[[dict[str, str]], None]], ...] = (
            (68, "anonymous", self._visit),
            (5, "shop", self._order),
            (10, "shop", self._move_order),
            (3, "helpdesk", self._write_ticket),
            (3, "helpdesk", self._answer_ticket),
            (3, "billing", self._pay),
            (7, "marketing", self._open_mail),
            (1, "shop", self._review),
        )
        visit = self._visit
        self._lead = cycle((visit, self._pay, visit, self._write_ticket, visit, visit, self._order, visit))
        self._made = 0
        self._last = 0
        self.sent = 0

    def run(self, rate: float, keep_going: Callable[[], bool]) -> None:
        """Sends about `rate` events a second until `keep_going` says no.

        A server that is away for a while, because a part of it was killed, is waited for.
        """
        while keep_going():
            try:
                self.act()
            except (OSError, http.client.HTTPException):
                time.sleep(AWAY)
            except ApiError as refusal:
                if refusal.status < 500:
                    raise
                time.sleep(AWAY)
            time.sleep(self._dice.expovariate(rate) if rate else 1.0)

    def act(self) -> None:
        """One live event about somebody known."""
        self._made += 1
        if self._stories and self._made < LEADING_ACTS and self._made % SHOWN_ACTS == 0:
            next(self._lead)(self._stories[0])
            return
        _, need, act = self._dice.choices(self._acts, [weight for weight, _, _ in self._acts])[0]
        pool = self._stories if self._dice.chance(STORY_SHARE) else self._cast
        known = [one for one in pool if one.get(need)] or [one for one in self._cast if one.get(need)]
        if known:
            act(self._dice.pick(known))

    def _send(self, source: str, body: Body) -> None:
        self._clients[source].post(f"/sources/{source}/interactions", body)
        self.sent += 1

    def _number(self) -> str:
        """Seconds since the beginning: longer than any number of the generator, never given twice."""
        self._last = max(self._last + 1, int(time.time()) - _BEGINNING)
        return str(self._last)

    def _visit(self, who: dict[str, str]) -> None:
        user = f"shop-{who['shop']}" if who.get("shop") and self._dice.chance(0.5) else ""
        now = _now()
        page = live_page(self._dice, who["anonymous"], user, now)
        self._clients["web"].post_batch({"batch": [page], "sentAt": now})
        self.sent += 1

    def _order(self, who: dict[str, str]) -> None:
        locale = read_locale(who["country"])
        products = [product for product in PRODUCTS if product.price < 20000]
        chosen = {
            product.sku: product for product in self._dice.choices(products, k=self._dice.between(1, 3))
        }
        prices = {sku: local_price(product.price, locale) for sku, product in chosen.items()}
        number = f"FH-{self._number()}"
        body = _interaction("orders", number, "order", {"stream": "customers", "id": who["shop"]})
        body["fields"] = {
            "title": name_basket([product.title for product in chosen.values()]),
            "status": "placed",
            "amount": write_decimal(sum(prices.values())),
            "currency": who["currency"],
            "channel": "web",
            "lines": [
                {"sku": sku, "title": product.title, "quantity": 1, "amount": write_decimal(prices[sku])}
                for sku, product in chosen.items()
            ],
        }
        self._send("shop", body)
        self._orders.append((body, "placed"))

    def _move_order(self, who: dict[str, str]) -> None:
        """The oldest live order goes one step on; without one, somebody orders."""
        if not self._orders:
            self._order(who)
            return
        body, status = self._orders.popleft()
        following = {"placed": "paid", "paid": "shipped", "shipped": "delivered"}[status]
        changed = {
            **body,
            "event_id": uuid.uuid4().hex,
            "updated_at": _now(),
            "fields": {**body["fields"], "status": following},
        }
        self._send("shop", changed)
        if following != "delivered":
            self._orders.append((changed, following))

    def _write_ticket(self, who: dict[str, str]) -> None:
        talks = read_conversations(who["language"])
        talk = talks[self._dice.pick([subject for subject in GENERAL if subject in talks])]
        hello, bye = GREETINGS[who["language"]]
        number = self._number()
        party = {"stream": "requesters", "id": who["helpdesk"]}
        ticket = _interaction("tickets", number, "ticket", party)
        title = self._dice.pick(talk.subjects).format(month=_now()[:7])
        ticket["fields"] = {"title": title, "status": "open", "channel": "email"}
        self._send("helpdesk", ticket)
        text = f"{hello}\n\n{self._dice.pick(talk.opening)}\n\n{bye}\n{who['name']}"
        self._message(number, 1, party, text, "in")
        self._tickets.append((who, number))

    def _answer_ticket(self, who: dict[str, str]) -> None:
        """An agent answers the oldest live ticket; without one, somebody writes."""
        if not self._tickets:
            self._write_ticket(who)
            return
        writer, number = self._tickets.popleft()
        hello, bye = GREETINGS[writer["language"]]
        party = {"stream": "requesters", "id": writer["helpdesk"]}
        talk = read_conversations(writer["language"])["pause"]
        text = f"{hello}\n\n{self._dice.pick(talk.answer)}\n\n{bye}\nHannah Fried, Fernhill Coffee"
        self._message(number, 2, party, text, "out")

    def _message(self, ticket: str, position: int, party: dict[str, str], text: str, direction: str) -> None:
        body = _interaction("messages", f"{ticket}-{position}", "message", party)
        body["fields"] = {"ticket": ticket, "direction": direction, "channel": "email", "text": text}
        self._send("helpdesk", body)

    def _pay(self, who: dict[str, str]) -> None:
        number = f"pay_live_{self._number()}"
        body = _interaction("payments", number, "payment", {"stream": "customers", "id": who["billing"]})
        failed = self._dice.chance(0.15)
        body["fields"] = {
            "title": f"Payment for {who['subscription']}",
            "status": "failed" if failed else "succeeded",
            "amount": who["price"],
            "currency": who["currency"],
        }
        if failed:
            body["fields"]["reason"] = "card declined"
        self._send("billing", body)

    def _open_mail(self, who: dict[str, str]) -> None:
        campaign = f"live-{_now()[:10]}"
        action = self._dice.choices(("open", "click"), (3, 1))[0]
        body = _interaction(
            "activity",
            f"{campaign}-{who['marketing']}-{action}",
            "campaign",
            {"stream": "members", "id": who["marketing"]},
        )
        body["fields"] = {
            "title": NEWSLETTERS[5],
            "campaign": campaign,
            "action": action,
            "channel": "email",
        }
        self._send("marketing", body)

    def _review(self, who: dict[str, str]) -> None:
        stars = self._dice.pick((5, 5, 4, 3))
        body = _interaction(
            "reviews", f"V-{self._number()}", "review", {"stream": "customers", "id": who["shop"]}
        )
        body["fields"] = {
            "title": self._dice.pick(PRODUCTS).title,
            "rating": stars,
            "text": self._dice.pick(REVIEWS[stars]) or "Good.",
        }
        self._send("shop", body)


def _interaction(stream: str, number: str, kind: str, party: dict[str, str]) -> Body:
    now = _now()
    return {
        "stream": stream,
        "id": number,
        "type": kind,
        "event_id": uuid.uuid4().hex,
        "party": party,
        "occurred_at": now,
        "updated_at": now,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
