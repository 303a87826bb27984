"""What people buy, how it is delivered, and what goes wrong on the way."""

from demo.describe_world import Life, Line, Person, Purchase, Refund
from demo.pools.describe_locale import Locale
from demo.pools.list_products import OFFICE_PRODUCTS, PRODUCTS, REVIEWS, Product
from demo.roll_dice import DAY, HOUR, Dice, Numbers, Period
from demo.write_money import to_moment

SHOPPERS: tuple[tuple[float, float], ...] = ((0.30, 0.0), (0.34, 1.0), (0.22, 2.6), (0.10, 6.0), (0.04, 14.0))
"""(share of people, mean orders over the period): most buy once, a few buy for all."""
BUSINESS_ORDERS = 5.0
GUEST_SHARE = 0.3


def local_price(product_price: int, locale: Locale) -> int:
    """List price in euro cents -> local minor units, with the ending shops of the country use."""
    units = round(product_price * locale.price_factor / 100)
    if locale.price_ending == 0:
        return max(units, 1) * 100
    return max(units - 1, 1) * 100 + locale.price_ending


class PurchaseTeller:
    """Makes up the orders of one person after the other."""

    def __init__(self, period: Period, numbers: Numbers, scale: float) -> None:
        """`scale` stretches how much everybody buys."""
        self._period = period
        self._numbers = numbers
        self._scale = scale

    def tell(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds the person's private orders, and those for the firm when the person buys for it."""
        if person.private:
            mean = dice.choices([mean for _, mean in SHOPPERS], [share for share, _ in SHOPPERS])[0]
            habit = dice.chance(GUEST_SHARE * 0.6)
            for _ in range(dice.poisson(mean * self._scale) if mean != 1.0 else int(mean)):
                guest = habit and dice.chance(0.8)
                life.purchases.append(self._purchase(dice, person, guest=guest, business=False))
        if person.job and person.job.buys:
            mean = BUSINESS_ORDERS * self._scale * (3.0 if person.job.organisation.reseller else 1.0)
            for _ in range(dice.poisson(mean)):
                life.purchases.append(self._purchase(dice, person, guest=False, business=True))
        life.purchases.sort(key=lambda purchase: purchase.at)

    def _purchase(self, dice: Dice, person: Person, *, guest: bool, business: bool) -> Purchase:
        locale = person.locale
        at = self._period.some_time(dice, person.since, locale.utc_offset)
        pool = OFFICE_PRODUCTS if business else PRODUCTS
        lines = [
            self._line(dice, product, locale, business=business)
            for product in _basket(dice, pool, 1 + dice.poisson(0.8))
        ]
        late = dice.chance(0.08)
        purchase = Purchase(
            number=order_number(self._numbers, at),
            at=at,
            lines=lines,
            total=sum(line.amount for line in lines),
            currency=locale.currency,
            guest=guest,
            business=business,
            late=late,
            steps=[],
        )
        self._fulfil(dice, purchase)
        self._spoil(dice, purchase)
        self._review(dice, purchase)
        return purchase

    def _line(self, dice: Dice, product: Product, locale: Locale, *, business: bool) -> Line:
        single = product.price > 15000
        quantity = (
            1 if single else dice.choices((1, 2, 3, 4), (7, 3, 1, 1) if not business else (3, 3, 2, 2))[0]
        )
        return Line(product, quantity, quantity * local_price(product.price, locale))

    def _fulfil(self, dice: Dice, purchase: Purchase) -> None:
        """The steps an order has reached by now."""
        at = purchase.at
        if dice.chance(0.02):
            steps = [(at, "placed"), (at + dice.between(600, 30 * HOUR), "cancelled")]
        else:
            shipped = at + dice.between(12 * HOUR, 40 * HOUR)
            delivered = (
                shipped + dice.between(20 * HOUR, 70 * HOUR) + (dice.between(5, 9) * DAY * purchase.late)
            )
            steps = [
                (at, "placed"),
                (at + dice.between(5, 900), "paid"),
                (shipped, "shipped"),
                (delivered, "delivered"),
            ]
        purchase.steps = [step for step in steps if step[0] <= self._period.now]

    def _spoil(self, dice: Dice, purchase: Purchase) -> None:
        """Returns: 4 % of what is delivered comes back, machines oftener."""
        if purchase.steps[-1][1] != "delivered":
            return
        machine = any(line.product.kind in ("machine", "grinder") for line in purchase.lines)
        if not dice.chance(0.09 if machine else 0.025):
            return
        worst = max(purchase.lines, key=lambda line: line.amount)
        at = purchase.steps[-1][0] + dice.between(4 * DAY, 12 * DAY)
        if at <= self._period.now:
            reason = "defective" if machine or dice.chance(0.3) else "changed mind"
            purchase.refund = Refund(at, worst.amount, reason)
            purchase.steps.append((at - dice.between(HOUR, DAY), "returned"))

    def _review(self, dice: Dice, purchase: Purchase) -> None:
        """A sixth reviews: 59/20/8/3/11 % for five to one star as at Olist, worse when late or broken."""
        delivered = next((at for at, status in purchase.steps if status == "delivered"), 0)
        if not delivered or not dice.chance(0.16):
            return
        weights = (59, 20, 8, 3, 11)
        if purchase.late or purchase.refund:
            weights = (8, 10, 20, 22, 40)
        at = delivered + dice.between(DAY, 9 * DAY)
        if at <= self._period.now:
            purchase.rating = dice.choices((5, 4, 3, 2, 1), weights)[0]
            purchase.review = dice.pick(REVIEWS[purchase.rating])
            purchase.reviewed_at = at


def order_number(numbers: Numbers, at: int) -> str:
    """FH-yymmdd-nnnn, counted anew each day."""
    day = format_day(at)
    return f"FH-{day}-{numbers.after('o' + day):04d}"


def format_day(at: int) -> str:
    """yymmdd of a moment."""
    return to_moment(at).strftime("%y%m%d")


def name_basket(titles: list[str]) -> str:
    """What is in an order, in a few words: the first two titles, and how many more."""
    shown = ", ".join(title.partition(",")[0] for title in titles[:2])
    return f"{shown} and {len(titles) - 2} more" if len(titles) > 2 else shown


def _basket(dice: Dice, pool: tuple[Product, ...], size: int) -> list[Product]:
    drawn = dice.choices(pool, [product.weight for product in pool], k=size)
    return list({product.sku: product for product in drawn}.values())
