"""Tickets: late deliveries, broken machines, failed cards, and the questions everybody asks."""

from demo.describe_world import Bill, Contract, Life, Message, Person, Problem, Purchase, Refund
from demo.draw_names import write_phone
from demo.pools.list_locales import STAFF
from demo.pools.read_conversations import GENERAL, GREETINGS, OFFICE, Conversation, read_conversations
from demo.roll_dice import DAY, HOUR, Dice, Numbers, Period
from demo.write_money import write_day, write_money

MONTHS = {
    "en": ("January", "April", "July", "October"),
    "de": ("Januar", "April", "Juli", "Oktober"),
    "pl": ("styczniu", "kwietniu", "lipcu", "październiku"),
    "pt": ("janeiro", "abril", "julho", "outubro"),
}


class ProblemTeller:
    """Makes up what one person after the other writes to the help desk, from what really went wrong."""

    def __init__(self, period: Period, numbers: Numbers, scale: float) -> None:
        """`scale` stretches how many questions are asked for no special reason."""
        self._period = period
        self._numbers = numbers
        self._scale = scale

    def tell(self, dice: Dice, person: Person, life: Life) -> None:
        """Adds the tickets of the person; refunds late orders, so purchases change too."""
        for purchase in life.purchases:
            if purchase.late and purchase.at < self._period.now - 4 * DAY and dice.chance(0.55):
                self._complain_late(dice, person, life, purchase)
            elif purchase.refund and dice.chance(0.75):
                subject = "defect" if purchase.refund.reason == "defective" else "return"
                at = purchase.refund.at - dice.between(3 * DAY, 5 * DAY)
                life.problems.append(self.open_problem(dice, person, subject, at, purchase=purchase))
        for contract in life.contracts:
            for bill in contract.bills:
                if bill.failed_at and dice.chance(0.55):
                    self.ask_about_bill(dice, person, life, contract, bill)
        self._ask(dice, person, life)

    def _complain_late(self, dice: Dice, person: Person, life: Life, purchase: Purchase) -> None:
        at = purchase.at + dice.between(4 * DAY, 6 * DAY)
        if at >= self._period.now:
            return
        back = round(purchase.total * 0.15 / 100) * 100
        if back and not purchase.refund:
            purchase.refund = Refund(0, back, "late delivery")
        problem = self.open_problem(dice, person, "late", at, purchase=purchase)
        life.problems.append(problem)
        if purchase.refund and purchase.refund.at == 0:
            delivered = next((step for step, status in purchase.steps if status == "delivered"), 0)
            if problem.status in ("solved", "closed") and delivered:
                purchase.refund.at = max(problem.messages[-1].at - 300, delivered)
            else:
                purchase.refund = None

    def ask_about_bill(self, dice: Dice, person: Person, life: Life, contract: Contract, bill: Bill) -> None:
        """A ticket some days after the card failed; solved when the money came."""
        at = bill.failed_at + dice.between(2 * DAY, 9 * DAY)
        if at >= self._period.now:
            return
        problem = self.open_problem(
            dice, person, "overdue", at, contract=contract, bill=bill, solvable=bill.status == "paid"
        )
        life.problems.append(problem)

    def _ask(self, dice: Dice, person: Person, life: Life) -> None:
        known = read_conversations(person.locale.language)
        customer = bool(life.purchases or life.contracts)
        if person.private and customer:
            for _ in range(dice.poisson(0.22 * self._scale)):
                at = self._period.some_time(dice, person.since, person.locale.utc_offset)
                subject = dice.pick([subject for subject in GENERAL if subject in known])
                life.problems.append(self.open_problem(dice, person, subject, at))
        if person.job:
            for _ in range(dice.poisson(0.5 * self._scale)):
                at = self._period.some_time(dice, person.since, person.locale.utc_offset)
                subject = dice.pick([subject for subject in OFFICE if subject in known])
                life.problems.append(self.open_problem(dice, person, subject, at, business=True))

    def open_problem(
        self,
        dice: Dice,
        person: Person,
        subject: str,
        at: int,
        *,
        purchase: Purchase | None = None,
        contract: Contract | None = None,
        bill: Bill | None = None,
        business: bool = False,
        solvable: bool = True,
    ) -> Problem:
        """A ticket with its messages so far: opening, answer, reply, closing, days apart, none after now."""
        talk = read_conversations(person.locale.language)[subject]
        facts = self._facts(dice, person, purchase, contract, bill)
        business = business or bool(purchase and purchase.business) or bool(contract and contract.business)
        channel = dice.choices(("email", "web", "chat"), (6, 3, 2))[0]
        problem = Problem(
            number=f"{at // DAY - 19000}{self._numbers.after(f't{at // DAY}'):04d}",
            at=at,
            title=dice.pick(talk.subjects).format(**facts),
            subject=subject,
            status="open",
            channel=channel,
            business=business,
            order=purchase.number if purchase else "",
            messages=[],
            changed_at=at,
        )
        self._talk(dice, person, problem, talk, facts, solvable=solvable)
        return problem

    def _talk(
        self,
        dice: Dice,
        person: Person,
        problem: Problem,
        talk: Conversation,
        facts: dict[str, str],
        *,
        solvable: bool,
    ) -> None:
        agent = dice.pick(STAFF)
        parts = [(talk.opening, True), (talk.answer, False), (talk.reply, True), (talk.closing, False)]
        if talk.nudge and dice.chance(0.4):
            parts.insert(1, (talk.nudge, True))
        if not solvable:
            parts.pop()
        at = problem.at
        for position, (texts, inbound) in enumerate(parts):
            if at > self._period.now:
                break
            text = dice.pick(texts).format(**facts)
            if position == 0:
                text = self._letter(dice, person, text, business=problem.business)
            elif not inbound:
                hello, bye = GREETINGS[person.locale.language]
                text = f"{hello}\n\n{text[0].upper()}{text[1:]}\n\n{bye}\n{agent}, Fernhill Coffee"
            problem.messages.append(Message(at, inbound, text))
            problem.changed_at = at
            at += int(dice.expovariate(1 / (20 * HOUR))) + 20 * 60
        finished = solvable and len(problem.messages) == len(parts)
        if finished:
            problem.status = "closed" if problem.changed_at < self._period.now - 20 * DAY else "solved"
            problem.rating = dice.choices((0, 5, 4, 3, 1), (60, 24, 8, 4, 4))[0]
        elif not problem.messages[-1].inbound:
            problem.status = "pending"

    def _letter(self, dice: Dice, person: Person, text: str, *, business: bool) -> str:
        hello, bye = GREETINGS[person.locale.language]
        sign = person.latin or (person.name if dice.chance(0.8) else person.given)
        if business and person.job:
            firm = person.job.organisation
            sign += f"\n{person.job.title}, {firm.name} {firm.forms[0]}"
            sign += f"\n{write_phone(dice, firm.switchboard, firm.locale)}-{person.job.extension}"
        elif dice.chance(0.25):
            sign += f"\n{write_phone(dice, person.mobile_at(self._period.now), person.locale)}"
        return f"{hello}\n\n{text}\n\n{bye}\n{sign}"

    def _facts(
        self,
        dice: Dice,
        person: Person,
        purchase: Purchase | None,
        contract: Contract | None,
        bill: Bill | None,
    ) -> dict[str, str]:
        amount, product, due = 0, "", ""
        if purchase:
            product = max(purchase.lines, key=lambda line: line.amount).product.title
            amount = purchase.refund.amount if purchase.refund else purchase.total
        if contract and bill:
            product, amount = contract.plan.title, bill.amount
            due = write_day(bill.due, person.locale.code)
        return {
            "order": purchase.number if purchase else "",
            "product": product,
            "invoice": bill.number if bill else "",
            "amount": write_money(amount, person.locale.currency),
            "due": due,
            "month": dice.pick(MONTHS[person.locale.language]),
        }
