"""Layer 1, the true world: who exists, what they own over time, and what happens to them."""

from dataclasses import dataclass, field
from datetime import date

from demo.pools.describe_locale import Locale
from demo.pools.list_products import Plan, Product

FOREVER = 1 << 40
"""End of a spell that has not ended, in seconds since 1970."""


@dataclass(slots=True)
class Spell:
    """Something a person has from `since` until `until` (seconds)."""

    value: str
    since: int
    until: int = FOREVER


@dataclass(slots=True)
class Address:
    """A postal address; `country` in ISO 3166 letters."""

    street: str
    house_number: str
    postcode: str
    city: str
    state: str
    country: str
    since: int = 0


@dataclass(slots=True)
class Organisation:
    """A firm. `forms` are the spellings of its legal form."""

    id: str
    locale: Locale
    name: str
    forms: tuple[str, ...]
    domain: str
    mailbox: str
    switchboard: str
    tax_id: str
    industry: str
    employees: int
    address: Address
    since: int
    tier: str
    shares_mailbox: bool
    reseller: bool = False
    crm_id: str = ""
    billing_id: str = ""


@dataclass(slots=True)
class Job:
    """What a person does at a firm."""

    organisation: Organisation
    title: str
    mail: str
    extension: str
    buys: bool


@dataclass(slots=True)
class Line:
    """A line of an order; `amount` in minor units for the whole line."""

    product: Product
    quantity: int
    amount: int


@dataclass(slots=True)
class Refund:
    """Money given back; `amount` in minor units."""

    at: int
    amount: int
    reason: str


@dataclass(slots=True)
class Purchase:
    """An order as it really went. `steps` are (time, status) in order and all in the past."""

    number: str
    at: int
    lines: list[Line]
    total: int
    currency: str
    guest: bool
    business: bool
    late: bool
    steps: list[tuple[int, str]]
    refund: Refund | None = None
    rating: int = 0
    review: str = ""
    reviewed_at: int = 0


@dataclass(slots=True)
class Bill:
    """One invoice of a subscription."""

    number: str
    at: int
    due: int
    amount: int
    status: str
    paid_at: int = 0
    failed_at: int = 0


@dataclass(slots=True)
class Contract:
    """A running or ended subscription. `business`: the person's firm pays."""

    number: str
    plan: Plan
    since: int
    until: int
    status: str
    currency: str
    price: int
    business: bool
    bills: list[Bill]
    billing_id: str = ""


@dataclass(slots=True)
class Message:
    """One message of a ticket; `inbound` = written by the customer."""

    at: int
    inbound: bool
    text: str


@dataclass(slots=True)
class Problem:
    """Something a customer wrote to the help desk about."""

    number: str
    at: int
    title: str
    subject: str
    status: str
    channel: str
    business: bool
    order: str
    messages: list[Message]
    changed_at: int = 0
    rating: int = 0


@dataclass(slots=True)
class Campaign:
    """A mailing to all members."""

    id: str
    title: str
    at: int
    url: str


@dataclass(slots=True)
class Touch:
    """What one member did with a mailing; 0 = did not."""

    campaign: Campaign
    sent: int
    opened: int = 0
    clicked: int = 0
    unsubscribed: int = 0
    bounced: bool = False


@dataclass(slots=True)
class Visit:
    """A stay on the web site: pages (time, path, title) and actions (time, name, sku)."""

    anonymous_id: str
    pages: list[tuple[int, str, str]]
    actions: list[tuple[int, str, str]]
    signed_in: bool
    referrer: str


@dataclass(slots=True)
class Call:
    """A phone call; `hidden` = the caller's number was withheld."""

    at: int
    inbound: bool
    seconds: int
    answered: bool
    hidden: bool
    business: bool
    about: str


@dataclass(slots=True)
class Dealing:
    """What sales noted: kind `deal`, `meeting` or `note`; `amount` in minor units."""

    kind: str
    number: str
    at: int
    title: str
    text: str = ""
    status: str = ""
    amount: int = 0


@dataclass(slots=True)
class Life:
    """Everything that happened to one person."""

    purchases: list[Purchase] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    dealings: list[Dealing] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """A human being and what is true of them. `seen_by` names the sources that know them.

    `aliases` fixes what single sources have on file, for the hand-made customers of `stories.py`.
    """

    id: str
    household: str
    locale: Locale
    given: str
    family: str
    sex: str
    birth: date
    mails: list[Spell]
    mobiles: list[Spell]
    homes: list[Address]
    since: int
    middle: str = ""
    latin: str = ""
    nickname: str = ""
    generation: str = ""
    landline: str = ""
    old_family: str = ""
    renamed_at: int = 0
    job: Job | None = None
    private: bool = True
    shop_id: str = ""
    seen_by: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    consents: dict[str, bool] = field(default_factory=dict)
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    life: Life = field(default_factory=Life)

    def mail_at(self, at: int) -> str:
        """The private mail address in use at a time."""
        return _at(self.mails, at)

    def mobile_at(self, at: int) -> str:
        """The mobile number in use at a time, E.164."""
        return _at(self.mobiles, at)

    def home_at(self, at: int) -> Address:
        """Where the person lived at a time."""
        return next((home for home in reversed(self.homes) if home.since <= at), self.homes[0])

    def family_at(self, at: int) -> str:
        """The surname carried at a time."""
        return self.old_family if self.renamed_at and at < self.renamed_at else self.family

    @property
    def name(self) -> str:
        """Given and family name as they are today."""
        return f"{self.given} {self.family}{' ' + self.generation if self.generation else ''}"


def _at(spells: list[Spell], at: int) -> str:
    return next((spell.value for spell in reversed(spells) if spell.since <= at), spells[0].value)


@dataclass(slots=True)
class HardPair:
    """Two true parties that are easily confused (`different`), or one seen as two (`same`)."""

    tag: str
    verdict: str
    left: str
    right: str


@dataclass(slots=True)
class Unit:
    """A household, or a firm with the people who deal with us for it."""

    persons: list[Person]
    organisation: Organisation | None = None
    hard: list[HardPair] = field(default_factory=list)
