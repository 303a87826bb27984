"""Cases of things that many share, of papers that agree and contradict, and of firms."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.identity.invent_people import draw_given, draw_surname, misspell, misspell_digits, word_list
from benchmarks.identity.write_cases import CUSTOMERS, REFERENCE, CaseWriter, line, parts, slashes


def hub(write: CaseWriter) -> None:
    """Strangers behind one mailbox and one switchboard."""
    dice, home, phone = write.dice, write.home(), write.phone()
    firm = f"{dice.pick(word_list('firm_heads'))} {dice.pick(word_list('firm_trades'))}"
    mail = f"info@{firm.replace(' ', '').lower()}.example"
    refs = []
    for _ in range(7):
        given, family = draw_given(dice, dice.pick("MF")), draw_surname(dice)
        who = write.someone()
        refs.append(
            write.add(
                who,
                CUSTOMERS,
                parts(home),
                name_full=f"{given} {family}",
                email=mail,
                home_phone=phone,
                org_name=firm,
            )
        )
    for left, right in pairwise(refs):
        write.apart("hub", left, right)


def shared_phone(write: CaseWriter) -> None:
    """Two who share a flat and its phone, with different names."""
    dice, home, phone = write.dice, write.home(), write.phone()
    refs = []
    for _ in range(2):
        given, family, who = draw_given(dice, "F"), draw_surname(dice), write.someone()
        name = {"name_first": given, "name_last": family}
        refs.append(write.add(who, CUSTOMERS, parts(home), name, home_phone=phone))
        write.add(who, CUSTOMERS, name, home_phone=phone, email=f"{given}{family}@post.example".lower())
    write.apart("shared_phone", *refs)


def two_papers(write: CaseWriter) -> None:
    """The same common name; papers and birthdays say that they are two."""
    dice = write.dice
    given, family = dice.pick(("John", "Mary", "James", "Maria")), dice.pick(("Smith", "Garcia", "Johnson"))
    year, refs = dice.between(1950, 1990), []
    for _ in range(2):
        who, home, born = write.someone(), write.home(), write.born(year, year)
        name = {"name_first": given, "name_last": family, "date_of_birth": slashes(born)}
        ssn = dice.fill("%##-%#-####")
        refs.append(write.add(who, CUSTOMERS, parts(home), name, ssn=ssn))
        write.add(who, REFERENCE, line(home), name_full=f"{given} {family}", ssn=ssn.replace("-", ""))
    write.apart("two_papers", *refs)


def misread_papers(write: CaseWriter) -> None:
    """One person; a digit of the number or the order of the date is wrong."""
    dice, who = write.dice, write.someone()
    sex = dice.pick("MF")
    given, middle, family = draw_given(dice, sex), draw_given(dice, sex), draw_surname(dice)
    home, ssn = write.home(), dice.fill("%##-%#-####")
    born = write.born().replace(day=dice.between(1, 12))
    first = write.add(
        who, CUSTOMERS, parts(home), name_first=given, name_middle=middle, name_last=family,
        date_of_birth=slashes(born), ssn=ssn,
    )  # fmt: skip
    second = write.add(
        who, CUSTOMERS, parts(home), name_first=given, name_middle=middle[0],
        name_last=misspell(dice, family),
        date_of_birth=f"{born.day}/{born.month}/{born.year}", ssn=misspell_digits(dice, ssn),
    )  # fmt: skip
    write.add(who, REFERENCE, line(home), name_full=f"{given} {middle} {family}", ssn=ssn)
    write.alike("misread", first, second)


def two_passports(write: CaseWriter) -> None:
    """The same name and birthday, but two passports of one country; and one person with papers of two."""
    dice = write.dice
    given, family, born = draw_given(dice, "M"), draw_surname(dice), write.born()
    name = {"name_full": f"{given} {family}", "date_of_birth": born.isoformat()}
    refs = []
    for _ in range(2):
        who, passport, phone = write.someone(), dice.fill("#########"), write.phone()
        refs.append(write.add(who, CUSTOMERS, name, passport_us=passport, mobile_phone=phone))
        write.add(who, REFERENCE, name_full=f"{given} {family}", passport_us=passport, mobile_phone=phone)
    write.apart("two_passports", *refs)


def sparse(write: CaseWriter) -> None:
    """Little is known: name and address here, name and birthday there, all of it in a third record."""
    dice, who = write.dice, write.someone()
    sex = dice.pick("MF")
    given, family, home, born = draw_given(dice, sex), draw_surname(dice, 0.8), write.home(), write.born()
    first = write.add(who, CUSTOMERS, parts(home), name_first=given, name_last=family)
    second = write.add(who, CUSTOMERS, name_first=given, name_last=family, date_of_birth=slashes(born))
    write.add(who, REFERENCE, line(home), name_full=f"{given} {family}", date_of_birth=born.isoformat())
    write.alike("sparse", first, second)


def spellings(write: CaseWriter) -> None:
    """Apostrophes, hyphens, particles, a title, and the middle name in use."""
    dice, who = write.dice, write.someone()
    given, middle = draw_given(dice, "F"), draw_given(dice, "F")
    family = dice.pick(
        (f"O'{draw_surname(dice)}", f"de la {draw_surname(dice)}", f"{draw_surname(dice)}-Jones")
    )
    home, born, phone = write.home(), write.born(), write.phone()
    bare = family.replace("'", "").replace("-", " ")
    first = write.add(
        who, CUSTOMERS, parts(home), name_first=given, name_middle=middle, name_last=family, home_phone=phone
    )
    second = write.add(
        who, CUSTOMERS, name_full=f"Dr. {given} {bare}", home_phone=phone, date_of_birth=slashes(born)
    )
    write.add(
        who, REFERENCE, line(home), name_full=f"{given[0]} {middle} {bare}", date_of_birth=born.isoformat()
    )
    write.alike("spelling", first, second)


def firm_and_daughter(write: CaseWriter) -> None:
    """A firm under its legal forms; a subsidiary with the same domain; a clerk of it."""
    dice, firm, daughter, clerk = write.dice, write.someone(), write.someone(), write.someone()
    name = f"{dice.pick(word_list('firm_heads'))} {dice.pick(word_list('firm_trades'))}"
    home, away, phone, tax = write.home(), write.home(), write.phone(), dice.fill("##-#######")
    site = f"{name.replace(' ', '').lower()}.example"
    kind = {"record_type": "ORGANIZATION"}
    first = write.add(
        firm, CUSTOMERS, kind, parts(home), org_name=f"{name} Inc.", home_phone=phone, tax_id=tax
    )
    write.add(
        firm,
        CUSTOMERS,
        kind,
        org_name=f"{name.upper()} INCORPORATED",
        website=f"www.{site}",
        home_phone=phone,
    )
    second = write.add(
        firm, REFERENCE, kind, line(home), org_name=name, website=f"https://{site}/", tax_id=tax
    )
    third = write.add(
        daughter,
        REFERENCE,
        kind,
        parts(away),
        org_name=f"{name} Europe Ltd",
        website=site,
        tax_id=dice.fill("##-#######"),
    )
    write.add(daughter, CUSTOMERS, kind, line(away), org_name=f"{name} (Europe) Limited")
    given, family = draw_given(dice, "F"), draw_surname(dice)
    write.add(
        clerk,
        CUSTOMERS,
        name_full=f"{given} {family}",
        org_name=f"{name} Inc",
        email=f"{given}@{site}".lower(),
        home_phone=phone,
    )
    write.alike("organisation", first, second)
    write.apart("subsidiary", first, third)
