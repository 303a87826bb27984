"""What the web site knows: cookies, pages, actions, and who signs in (Segment's event API)."""

from typing import Any

from demo.describe_world import Person, Unit, Visit
from demo.keep_notebook import Notebook, stamp
from demo.pools.list_products import OFFICE_PRODUCTS, PRODUCTS, REFERRERS, SITE
from demo.roll_dice import Dice
from demo.tell_visits import AttentionTeller
from demo.write_feeds import BatchFeed

TITLES = {product.sku: product.title for product in (*PRODUCTS, *OFFICE_PRODUCTS)}
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0",
)
BOT = "Mozilla/5.0 (compatible; PriceWatchBot/2.1)"


class WebObserver:
    """Writes `web/batches.jsonl`."""

    def __init__(self, notebook: Notebook, batches: BatchFeed, attention: AttentionTeller) -> None:
        """`attention` makes up the visits of nobody in particular."""
        self._notes = notebook
        self._batches = batches
        self._attention = attention

    def observe(self, dice: Dice, unit: Unit) -> None:
        """Visits of the unit, some on a shared device; now and then a stranger or a bot comes by."""
        shared = ""
        for person in unit.persons:
            if person.life.visits and shared and self._notes.flaws.happen(dice, 0.05):
                for visit in person.life.visits:
                    visit.anonymous_id = shared
            for visit in person.life.visits:
                self._write_visit(dice, person, visit)
                shared = shared or visit.anonymous_id
        if dice.chance(0.03):
            self._write_stranger(dice)

    def _write_stranger(self, dice: Dice) -> None:
        at = self._notes.period.some_time(dice, self._notes.period.start)
        visit = self._attention.visit(dice, at, dice.token(20), signed_in=False)
        self._write_pages(dice, visit, "", BOT if dice.chance(0.3) else dice.pick(AGENTS), "en")

    def _write_visit(self, dice: Dice, person: Person, visit: Visit) -> None:
        user = f"shop-{person.shop_id}" if visit.signed_in and person.shop_id else ""
        agent, language = dice.pick(AGENTS), person.locale.language
        if user and visit.pages:
            shared = "shared_mailbox" in person.tags
            owner = (person.household, "shared", "household") if shared else (person.id, "owner", "person")
            self._notes.truth.record(("web", "users", user), *owner)
            first = visit.pages[0][0]
            traits: dict[str, Any] = {"email": person.mail_at(first)}
            if dice.chance(0.5):
                traits |= {"firstName": person.given, "lastName": person.family_at(first)}
            self._put(dice, visit, "identify", first, user, agent, language, {"traits": traits})
        self._notes.truth.record(("web", "visitors", visit.anonymous_id), person.id)
        self._write_pages(dice, visit, user, agent, language)
        self._notes.remember(person, anonymous=visit.anonymous_id)

    def _write_pages(self, dice: Dice, visit: Visit, user: str, agent: str, language: str) -> None:
        referrer = visit.referrer
        for at, path, title in visit.pages:
            page = {"path": path, "title": title, "url": SITE + path, "referrer": referrer}
            self._put(dice, visit, "page", at, user, agent, language, {"name": title, "properties": page})
            referrer = SITE + path
        for at, action, sku in visit.actions:
            properties = {"sku": sku, "product": TITLES[sku]}
            body = {"event": action, "properties": properties}
            self._put(dice, visit, "track", at, user, agent, language, body)

    def _put(
        self,
        dice: Dice,
        visit: Visit,
        kind: str,
        at: int,
        user: str,
        agent: str,
        language: str,
        body: dict[str, Any],
    ) -> None:
        message: dict[str, Any] = {
            "type": kind,
            "messageId": f"ajs-next-{dice.token(24)}",
            "anonymousId": visit.anonymous_id,
            "timestamp": stamp(at),
            "context": {"userAgent": agent, "locale": language, "library": {"name": "analytics.js"}},
            **body,
        }
        if user:
            message["userId"] = user
        self._batches.put(message)


def live_page(dice: Dice, anonymous: str, user: str, now: str) -> dict[str, Any]:
    """One page view of this moment, for the live trickle."""
    product = dice.pick(PRODUCTS)
    path = f"/products/{product.sku.lower()}"
    page = {"path": path, "title": product.title, "url": SITE + path, "referrer": dice.pick(REFERRERS)}
    message: dict[str, Any] = {
        "type": "page",
        "messageId": f"ajs-live-{dice.token(24)}",
        "anonymousId": anonymous,
        "timestamp": now,
        "name": product.title,
        "properties": page,
        "context": {"userAgent": dice.pick(AGENTS), "library": {"name": "analytics.js"}},
    }
    if user:
        message["userId"] = user
    return message
