"""Mailings and what people do with them, visits to the web site, phone calls, and what sales notes down."""

from demo.describe_world import Call, Campaign, Dealing, Life, Person, Purchase, Touch, Visit
from demo.pools.list_products import (
    BEANS,
    METHODS,
    NEWSLETTERS,
    ORIGINS,
    PAGES,
    PRODUCTS,
    REFERRERS,
    SITE,
)
from demo.roll_dice import DAY, HOUR, Dice, Numbers, Period
from demo.tell_purchases import format_day


def plan_campaigns(dice: Dice, period: Period) -> list[Campaign]:
    """Every mailing of the period, one about every nine days, the last within a day of now."""
    campaigns = []
    at = period.now - 20 * HOUR
    while at > period.start:
        text = dice.pick(NEWSLETTERS)
        title = text.format(bean=dice.pick(BEANS), place=dice.pick(ORIGINS), method=dice.pick(METHODS))
        name = f"nl-{format_day(at)}"
        campaigns.append(Campaign(name, title, at, f"{SITE}/coffee?utm_campaign={name}"))
        at -= dice.between(7 * DAY, 11 * DAY)
    campaigns.reverse()
    return campaigns


class AttentionTeller:
    """Makes up how one person after the other meets the demo company outside of buying."""

    def __init__(self, period: Period, numbers: Numbers, campaigns: list[Campaign], scale: float) -> None:
        """`scale` stretches mailings, visits and calls."""
        self._period = period
        self._numbers = numbers
        self._campaigns = campaigns
        self._scale = scale

    def tell_mailings(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds mailings sent to the person, newest likelier, until the person unsubscribes."""
        wanted = dice.poisson(5.2 * self._scale)
        due = [campaign for campaign in self._campaigns if campaign.at > person.since]
        chosen = sorted(
            {len(due) - 1 - min(int(dice.expovariate(0.08)), len(due) - 1) for _ in range(wanted)}
        )
        for position in chosen if due else []:
            touch = self._touch(dice, due[position])
            life.touches.append(touch)
            if touch.unsubscribed:
                break

    def _touch(self, dice: Dice, campaign: Campaign) -> Touch:
        touch = Touch(campaign, sent=campaign.at + dice.between(0, 1800), bounced=dice.chance(0.015))
        opened = touch.sent + int(dice.expovariate(1 / (9 * HOUR))) + 60
        if not touch.bounced and dice.chance(0.36) and opened < self._period.now:
            touch.opened = opened
            if dice.chance(0.22) and opened + 40 < self._period.now:
                touch.clicked = opened + 40
            elif dice.chance(0.02) and opened + 60 < self._period.now:
                touch.unsubscribed = opened + 60
        return touch

    def tell_visits(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds visits: some before orders, most for nothing; who has an account comes oftener."""
        cookies = [(self._period.start, dice.token(20))]
        for purchase in life.purchases[-3:]:
            if not purchase.guest and dice.chance(0.5 * min(self._scale, 1.5)):
                life.visits.append(
                    self._buying_visit(dice, purchase, self._cookie(dice, cookies, purchase.at))
                )
        account = "shop" in person.seen_by or (person.job is not None and person.job.buys)
        for _ in range(dice.poisson((2.3 if account else 0.2) * self._scale)):
            at = self._period.some_time(dice, person.since, person.locale.utc_offset)
            cookie = self._cookie(dice, cookies, at)
            life.visits.append(self.visit(dice, at, cookie, signed_in=dice.chance(0.5)))

    def _cookie(self, dice: Dice, cookies: list[tuple[int, str]], at: int) -> str:
        """The browser's id at a time; a tenth are lost each quarter."""
        quarter = at // (90 * DAY)
        known = next((name for since, name in cookies if since == quarter), None)
        if known is None:
            known = cookies[-1][1] if dice.chance(0.9) else dice.token(20)
            cookies.append((quarter, known))
        return known

    def visit(self, dice: Dice, at: int, cookie: str, *, signed_in: bool) -> Visit:
        """A stay of one to five pages, sometimes with a product looked at."""
        visit = Visit(cookie, [], [], signed_in, dice.pick(REFERRERS))
        for _ in range(1 + dice.poisson(1.2)):
            if at > self._period.now:
                break
            if dice.chance(0.4):
                product = dice.pick(PRODUCTS)
                visit.pages.append((at, f"/products/{product.sku.lower()}", product.title))
                if dice.chance(0.35) and at + 30 <= self._period.now:
                    visit.actions.append(
                        (at + 30, dice.pick(("Product Viewed", "Product Added")), product.sku)
                    )
            else:
                path, title = dice.pick(PAGES)
                visit.pages.append((at, path, title))
            at += dice.between(15, 240)
        return visit

    def _buying_visit(self, dice: Dice, purchase: Purchase, cookie: str) -> Visit:
        visit = Visit(cookie, [], [], signed_in=True, referrer=dice.pick(REFERRERS))
        at = purchase.at - 420
        for line in purchase.lines[:2]:
            visit.pages.append((at, f"/products/{line.product.sku.lower()}", line.product.title))
            visit.actions.append((at + 25, "Product Added", line.product.sku))
            at += dice.between(40, 120)
        visit.pages.append((purchase.at - 90, "/checkout", "Checkout"))
        return visit

    def tell_calls(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds phone calls; people with an open ticket call oftener."""
        pressing = any(problem.status in ("open", "pending") for problem in life.problems)
        mean = (0.16 + 0.5 * pressing + 0.5 * bool(person.job)) * self._scale
        for _ in range(dice.poisson(mean)):
            about = dice.pick(life.problems).title if life.problems and dice.chance(0.6) else ""
            answered = dice.chance(0.85)
            life.calls.append(
                Call(
                    at=self._period.some_time(dice, person.since, person.locale.utc_offset),
                    inbound=dice.chance(0.8),
                    seconds=int(dice.lognormvariate(5.0, 0.8)) if answered else 0,
                    answered=answered,
                    hidden=dice.chance(0.12),
                    business=person.job is not None and (not person.private or dice.chance(0.4)),
                    about=about,
                )
            )

    def tell_dealings(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds deals, meetings and notes of sales about people who buy for firms."""
        if person.job is None or not person.job.buys:
            return
        firm = person.job.organisation
        for _ in range(dice.poisson(0.8 * self._scale)):
            at = self._period.some_time(dice, firm.since)
            old = at < self._period.now - 60 * DAY
            plan = dice.pick(("Office Coffee", "Orso XL on lease", "Second site", "Machine Care renewal"))
            life.dealings.append(
                Dealing(
                    kind="deal",
                    number=f"D-{format_day(at)}-{self._numbers.after('d' + format_day(at)):03d}",
                    at=at,
                    title=f"{plan}, {firm.name}",
                    status=dice.pick(("won", "won", "lost")) if old else "open",
                    amount=dice.between(4, 60) * 50000,
                )
            )
        for _ in range(dice.poisson(1.0 * self._scale)):
            at = self._period.some_time(dice, firm.since)
            kind, title, text = dice.pick(MEMOS)
            number = f"A-{format_day(at)}-{self._numbers.after('a' + format_day(at)):03d}"
            life.dealings.append(Dealing(kind, number, at, title, text))


MEMOS: tuple[tuple[str, str, str], ...] = (
    ("note", "Call note", "Happy with the service, asks for oat drink in the next delivery."),
    ("note", "Renewal", "Contract runs out in spring, talk about the larger plan before that."),
    ("note", "Competitor", "Has an offer from a vending company. Price matters less than repair times."),
    ("note", "Change of person", "New colleague in purchasing from next month, introduction by mail."),
    ("meeting", "Quarterly review", "Usage up by a fifth, two complaints about the grinder, both solved."),
    ("meeting", "Tasting on site", "Tasted three coffees with the team; they prefer the Huila."),
    ("meeting", "Video call", "Walked through the invoice format their accounts department needs."),
)
