"""Cases of one person under several guises, and of the nearest relatives."""

from __future__ import annotations

from benchmarks.identity.invent_people import draw_given, draw_surname, pet_name
from benchmarks.identity.write_cases import (
    CUSTOMERS,
    REFERENCE,
    WATCHLIST,
    CaseWriter,
    foreign_names,
    line,
    parts,
    slashes,
)


def short_names(write: CaseWriter) -> None:
    """One person under a full name, a short one, family name first, and an alias on a list."""
    dice, who = write.dice, write.someone()
    given, family, home, born, phone = (
        write.short("male"),
        draw_surname(dice),
        write.home(),
        write.born(),
        write.phone(),
    )
    mail = f"{given[0]}{family}@mailbox.example".lower()
    first = write.add(
        who,
        CUSTOMERS,
        parts(home),
        name_first=given,
        name_last=family,
        date_of_birth=slashes(born),
        home_phone=phone,
    )
    write.add(who, CUSTOMERS, parts(home), name_first=pet_name(dice, given), name_last=family, email=mail)
    second = write.add(
        who, CUSTOMERS, name_full=f"{family}, {given[0]}", email=mail.upper(), mobile_phone=phone
    )
    write.add(who, REFERENCE, line(home), name_full=f"{given} J {family}", date_of_birth=born.isoformat())
    third = write.add(
        who,
        WATCHLIST,
        line(home),
        name_full=f"{pet_name(dice, given)} {family}",
        date_of_birth=str(born.year),
    )
    write.alike("short_name", first, third)
    write.alike("initial", first, second)


def couple(write: CaseWriter) -> None:
    """Husband and wife: surname, address, landline and mailbox are the same."""
    dice = write.dice
    family, home, phone = draw_surname(dice), write.home(), write.phone()
    mail = f"the{family}s@mailbox.example".lower()
    refs = []
    for sex in "MF":
        who, given, born = write.someone(), draw_given(dice, sex), write.born()
        name = {"name_first": given, "name_last": family}
        refs.append(write.add(who, CUSTOMERS, parts(home), name, home_phone=phone, email=mail, gender=sex))
        write.add(who, CUSTOMERS, parts(home), name, date_of_birth=slashes(born), email=mail)
        write.add(who, REFERENCE, line(home), name_full=f"{given} {family}", date_of_birth=born.isoformat())
    write.apart("couple", *refs)


def father_and_son(write: CaseWriter) -> None:
    """The same name and address; suffixes and birthdays tell them apart."""
    dice, given = write.dice, write.short("male")
    family, home, phone = draw_surname(dice), write.home(), write.phone()
    refs = []
    for suffix, born in (("Sr", write.born(1935, 1950)), ("Jr", write.born(1965, 1985))):
        who = write.someone()
        name = {"name_first": given, "name_last": family}
        refs.append(
            write.add(
                who,
                CUSTOMERS,
                parts(home),
                name,
                name_suffix=suffix,
                date_of_birth=slashes(born),
                home_phone=phone,
            )
        )
        write.add(who, CUSTOMERS, parts(home), name, date_of_birth=born.isoformat())
        write.add(who, REFERENCE, line(home), name_full=f"{given} {family} {suffix}.", home_phone=phone)
    write.apart("father_son", *refs)


def twins(write: CaseWriter) -> None:
    """Two people born on one day in one house."""
    dice = write.dice
    sex = dice.pick("MF")
    family, home, born = draw_surname(dice), write.home(), write.born()
    names: list[str] = []
    while len(names) < 2:
        name = draw_given(dice, sex)
        if name not in names:
            names.append(name)
    refs = []
    for given in names:
        who = write.someone()
        known = {"name_first": given, "name_last": family, "date_of_birth": slashes(born), "gender": sex}
        ssn = dice.fill("%##-%#-####")
        refs.append(write.add(who, CUSTOMERS, parts(home), known, ssn=ssn))
        write.add(
            who, REFERENCE, line(home), name_full=f"{given} {family}", date_of_birth=born.isoformat(), ssn=ssn
        )
    write.apart("twins", *refs)


def moved(write: CaseWriter) -> None:
    """One person at two addresses; birthday, phone or licence ties them."""
    dice, who = write.dice, write.someone()
    sex = dice.pick("MF")
    given, family, born, phone = draw_given(dice, sex), draw_surname(dice), write.born(), write.phone()
    old, new, licence = write.home(), write.home(), dice.fill("%#######")
    name = {"name_first": given, "name_last": family, "gender": sex}
    first = write.add(who, CUSTOMERS, parts(old), name, date_of_birth=slashes(born), licence_nc=licence)
    write.add(who, CUSTOMERS, parts(new), name, mobile_phone=phone, licence_nc=licence.lower())
    write.add(who, CUSTOMERS, name, mobile_phone=f"+1 {phone}", date_of_birth=born.isoformat())
    last = write.add(
        who,
        WATCHLIST,
        line(new),
        name_full=f"{family.upper()} {given.upper()}",
        licence_va=dice.fill("?########"),
    )
    write.alike("moved", first, last)


def married(write: CaseWriter) -> None:
    """A new family name; birthday, licence and mailbox stay."""
    dice, who = write.dice, write.someone()
    given, maiden, family = draw_given(dice, "F"), draw_surname(dice), draw_surname(dice)
    home, born, licence = write.home(), write.born(), dice.fill("%#######")
    mail = f"{given}.{maiden}@post.example".lower()
    common = {"name_first": given, "date_of_birth": slashes(born)}
    first = write.add(who, CUSTOMERS, parts(home), common, name_last=maiden, email=mail, licence_nc=licence)
    second = write.add(who, CUSTOMERS, common, name_last=family, email=mail)
    write.add(
        who,
        REFERENCE,
        name_full=f"{given} {maiden}-{family}",
        licence_nc=licence,
        date_of_birth=born.isoformat(),
    )
    write.alike("renamed", first, second)


def other_script(write: CaseWriter) -> None:
    """A name in its own script and in Latin letters."""
    dice, who = write.dice, write.someone()
    sex = dice.pick("MF")
    (given, latin_given), (family, latin_family) = dice.pick(foreign_names(sex))
    born, passport = write.born(), dice.fill("??#######")
    phone = dice.fill("+4479########")
    first = write.add(
        who,
        CUSTOMERS,
        name_full=f"{latin_given} {latin_family}",
        date_of_birth=born.isoformat(),
        mobile_phone=phone,
    )
    written = f"{family}{given}" if len(family) <= 2 else f"{given} {family}"
    second = write.add(who, CUSTOMERS, name_full=written, mobile_phone=phone)
    write.add(
        who,
        REFERENCE,
        name_full=f"{latin_family}, {latin_given}",
        passport_other=passport,
        mobile_phone=phone,
    )
    write.add(who, WATCHLIST, name_full=written, date_of_birth=born.isoformat(), passport_other=passport)
    write.alike("other_script", first, second)
