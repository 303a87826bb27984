"""Evidence that two records are one customer: level and bits per field, household evidence beside it."""

from collections.abc import Collection
from dataclasses import dataclass

from regard.identity.compare_names import middle_level, names_level, organisation_level
from regard.identity.compare_values import address_level, birth_level, mails_level, numbers_level, shared
from regard.identity.fold_text import name_token
from regard.identity.match_model import KindModel, Level, MatchModel, log2_one_plus, score_bits
from regard.identity.normalise_fields import Features

NEVER = float("-inf")
_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against one customer.

    ``score`` = ``prior`` + sum of bits - log2(1 + 2^``household``), where ``household`` is the household
    prior plus the sum of household bits. A field that is missing on either side has no entry.
    """

    levels: tuple[Level, ...]
    prior: float
    household: float
    score: float

    @property
    def household_bits(self) -> float:
        """How many bits the chance of two people of one household takes away."""
        return log2_one_plus(self.household)


def compare(
    first: Features, second: Features, model: MatchModel, hubs: Collection[str] = _NOBODY
) -> Evidence:
    """Compare two records; ``hubs`` are the identifier keys too many records carry to mean anything.

    A person and an organisation are never one: their score is minus infinity.
    """
    weights = model.of(first.kind)
    if first.kind != second.kind:
        return Evidence((), weights.prior, weights.household_prior, NEVER)
    levels = weigh(first, second, model, hubs)
    household = weights.household_prior + sum(level.household for level in levels)
    return Evidence(tuple(levels), weights.prior, household, score_levels(levels, weights))


def score_levels(levels: Collection[Level], weights: KindModel) -> float:
    """The score of one pair of records."""
    match = household = 0.0
    for level in levels:
        match += level.bits
        household += level.household
    return score_bits(weights, match, household)


def weigh(first: Features, second: Features, model: MatchModel, hubs: Collection[str]) -> list[Level]:
    """The levels of two records of one kind, in a fixed order; the same for (a, b) and (b, a)."""
    if first.kind == "organisation":
        return _weigh_organisations(first, second, model.organisation, hubs)
    return _weigh_persons(first, second, model.person, hubs)


def _weigh_persons(
    first: Features, second: Features, weights: KindModel, hubs: Collection[str]
) -> list[Level]:
    table = weights.levels
    found: list[Level] = []
    _weigh_names(first, second, weights, found)
    if level := birth_level(first.birth, second.birth):
        found.append(table["birth_date"][level])
    if first.sex and second.sex:
        found.append(table["sex"]["exact" if first.sex == second.sex else "different"])
    if first.emails and second.emails and (mail := mails_level(first.emails, second.emails, hubs)):
        found.append(table["email"]["named" if mail == "local" and _named(first, second) else mail])
    _weigh_phones(first, second, weights, hubs, found)
    if place := address_level(first.address, second.address):
        found.append(table["address"][place])
    if number := numbers_level(first.governments, second.governments, hubs):
        found.append(table["government_id"][number])
    _weigh_sets(first, second, weights, hubs, found)
    if first.organisation.core and second.organisation.core:
        level_word = organisation_level(first.organisation, second.organisation)
        found.append(table["organisation"]["exact" if level_word in {"exact", "close"} else "different"])
    return found


def _named(first: Features, second: Features) -> bool:
    """Do all mailboxes speak their owner's name? Then names and mailboxes agree together, and count once."""
    return all(
        any(part and part in local for part in (one.name.given, one.name.family))
        for one in (first, second)
        for local in (name_token(mail[2:].partition("@")[0]) for mail in one.emails)
    )


def _weigh_names(first: Features, second: Features, weights: KindModel, found: list[Level]) -> None:
    table, one, two = weights.levels, first.name, second.name
    given, family = names_level(one, two)
    if given:
        common = weights.common["given_name"].get(one.given) if given == "exact" else None
        found.append(common or table["given_name"][given])
    if family:
        common = weights.common["family_name"].get(one.family) if family == "exact" else None
        found.append(common or table["family_name"][family])
    if middle := middle_level(one, two):
        found.append(table["middle_name"][middle])
    if (one.generation or two.generation) and family:
        both = one.generation and two.generation
        word = "one_sided" if not both else "exact" if one.generation == two.generation else "different"
        found.append(table["generation"][word])


def _weigh_phones(
    first: Features, second: Features, weights: KindModel, hubs: Collection[str], found: list[Level]
) -> None:
    if not first.phones or not second.phones:
        return
    key = shared(first.phones, second.phones, hubs)
    if key:
        found.append(weights.levels["phone"][first.lines[first.phones.index(key)]])
    elif not any(phone in hubs for phone in (*first.phones, *second.phones)):
        found.append(weights.levels["phone"]["different"])


def _weigh_sets(
    first: Features, second: Features, weights: KindModel, hubs: Collection[str], found: list[Level]
) -> None:
    table = weights.levels
    if (
        first.accounts
        and second.accounts
        and (account := numbers_level(first.accounts, second.accounts, hubs))
    ):
        found.append(table["account_id"]["exact" if account == "exact" else "different"])
    if first.handles and second.handles and shared(first.handles, second.handles, hubs):
        found.append(table["handle"]["exact"])
    if first.user_id and second.user_id:
        if first.user_id == second.user_id:
            found.append(table["user_id"]["exact"])
        elif first.user_id.split(":", 2)[1] == second.user_id.split(":", 2)[1]:
            found.append(table["user_id"]["different"])
    if first.devices and second.devices and shared(first.devices, second.devices, hubs):
        found.append(table["device_id"]["exact"])


def _weigh_organisations(
    first: Features, second: Features, weights: KindModel, hubs: Collection[str]
) -> list[Level]:
    table = weights.levels
    found: list[Level] = []
    if level := organisation_level(first.organisation, second.organisation):
        found.append(table["name"][level])
    if first.organisation.form and second.organisation.form:
        found.append(
            table["legal_form"][
                "exact" if first.organisation.form == second.organisation.form else "different"
            ]
        )
    if number := numbers_level(first.governments, second.governments, hubs):
        found.append(table["tax_id"][number])
    if first.domains and second.domains:
        found.append(table["domain"]["exact" if shared(first.domains, second.domains, hubs) else "different"])
    if first.emails and second.emails:
        found.append(table["email"]["exact" if shared(first.emails, second.emails, hubs) else "different"])
    _weigh_phones(first, second, weights, hubs, found)
    if place := address_level(first.address, second.address):
        found.append(table["address"][place])
    if (
        first.accounts
        and second.accounts
        and (account := numbers_level(first.accounts, second.accounts, hubs))
    ):
        found.append(table["account_id"]["exact" if account == "exact" else "different"])
    return found
