"""Birth dates in the many ways people write them, to eight digits; impossible dates become nothing."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from regard.identity.fold_text import fold

_MONTH_NAMES = """
january januar janvier enero gennaio janeiro januari styczen stycznia yanvar yanvarya leden ledna
    ianuarie sichen sichnya
february februar fevrier febrero febbraio fevereiro februari luty lutego fevral fevralya unor unora
    feber lyutyi
march marz maerz mars marzo marco maart marzec marca mart marta brezen brezna berezen bereznya
april avril abril aprile kwiecien kwietnia aprel aprelya duben dubna kviten kvitnya
may mai mayo maggio maio mei maj maja maya kveten kvetna traven travnya
june juni juin junio giugno junho czerwiec czerwca iyun iyunya cerven cervna juny cherven chervnya
july juli juillet julio luglio julho lipiec lipca iyul iyulya cervenec cervence lypen lypnya
august aout agosto augustus sierpien sierpnia avgust avgusta srpen srpna serpen serpnya
september septembre septiembre settembre setembro wrzesien wrzesnia sentyabr sentyabrya zari veresen
    veresnya setiembre
october oktober octobre octubre ottobre outubro pazdziernik pazdziernika oktyabr oktyabrya rijen
    rijna zhovten zhovtnya
november novembre noviembre novembro listopad listopada noyabr noyabrya
december dezember decembre diciembre dicembre dezembro grudzien grudnia dekabr dekabrya prosinec
    prosince hruden hrudnya
"""
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_ROMAN = {roman: month for month, roman in enumerate(_ROMANS, start=1)}


def _months() -> list[str]:
    """One line a month; a line that begins with white space goes on with the month before."""
    return _MONTH_NAMES.replace("\n ", " ").strip().split("\n")


def _month_words() -> dict[str, int]:
    """Every name and every beginning of three letters or more that means one month only."""
    months: dict[str, set[int]] = {}
    for month, names in enumerate(_months(), start=1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                months.setdefault(name[:length], set()).add(month)
    exact = {name: month for month, names in enumerate(_months(), start=1) for name in names.split()}
    return {word: found.copy().pop() for word, found in months.items() if len(found) == 1} | exact | _ROMAN


_MONTHS = _month_words()
_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})\.?(?:[t ].*)?")
_HAN = re.compile(r"(\d{4})[年년] ?(?:(\d{1,2})[月월])? ?(?:(\d{1,2})[日일])?")
_COMMON = re.compile(r"(\d{1,2})\.?([-/. ])\s*(\d{1,2})[-/. ]\s*'?(\d{4}|\d{2})\.?(?: .*)?")
_WORDED = re.compile(
    r"(?:[a-z]{2,10}, )?"
    r"(?:(\d{1,2})(?:st|nd|rd|th|er|e|o|a|\.)?[ .,/-]*(?:of |de |d')?([a-z]+)"
    r"|([a-z]{3,})[ .]*(\d{1,2})(?:st|nd|rd|th)?)"
    r"[ ,./-]*(?:de |del )?'?(\d{4}|\d{2})(?: ?(?:r|g|goda|roku)\.?)?(?: .*)?"
)
_YEAR_MONTH = re.compile(
    r"(\d{4})[-/.](\d{1,2})(?:[-/.]0?0)?|(\d{1,2})[-/.](\d{4})|([a-z]{3,})\.?,? (?:de )?(\d{4})"
)
_YEAR = re.compile(
    r"(?:(?:c|ca|circa|abt|about|approx|est|um|ok|okolo|vers|hacia|cerca)[ .]+|[~c])?"
    r"(\d{4})(?:[-/.]0?0[-/.]0?0|\?|\.0)?"
)
_STAND_INS = frozenset(
    ["19000101", "19010101", "19700101", "11111111", "99991231", "18991230", "18991231", "17530101"]
)
_OLDEST, _YOUNGEST = 1000, 2035
_PIVOT = 27
_MONTHS_IN_YEAR = 12
_AMERICAN = frozenset({"US", "PH", "FM", "MH", "PW"})
_SHEET_START, _SHEET_FIRST, _SHEET_LAST = date(1899, 12, 30), 3_000, 48_000
_COMPACT, _SERIAL = 8, 5


class BirthDate(NamedTuple):
    """``value``: 'yyyymmdd', 'yyyymm00' when no day is known, 'yyyy0000' when only a year; '' = not known.

    ``other``: the date with day and month exchanged, where the writing leaves open which comes first
    ('05/07/1980' of no known country); '' otherwise.
    """

    value: str = ""
    other: str = ""


_NO_DATE = BirthDate()


def birth_date(text: str, country: str = "") -> str:
    """The value of ``read_birth_date``."""
    return read_birth_date(text, country).value


def read_birth_date(text: str, country: str = "") -> BirthDate:
    """Day before month, unless impossible or (with slashes) not the country's way.

    Years 1000 to 2035; two digits up to 26 are 20.., others 19... Read too: month names of a dozen languages
    and Roman ones, 'c. 1856', '1856-00-00', '05/1856', compact '19800507' and '07051980', day numbers of a
    spreadsheet (five digits). Ages are no dates.

    What programs fill in where they know nothing is none: 1900-01-01, 1901-01-01, 1970-01-01 and dates
    that are
    nobody's (1899-12-30, 9999-12-31). A true birth on one of those days is one in tens of thousands; as a
    default they join strangers and part one person's records. Every other first of January stays ('year
    known,
    day not' in historical registers): comparison gives it little weight.
    """
    return _read(text, american=country in _AMERICAN, settled=country != "")


@lru_cache(maxsize=65_536)
def _read(text: str, *, american: bool, settled: bool) -> BirthDate:
    folded = fold(text).strip(" .,;")
    if folded.isdigit():
        return _from_digits(folded, american=american)
    if found := _ISO.fullmatch(folded):
        return BirthDate(_date(int(found[1]), int(found[2]), int(found[3])))
    if found := _COMMON.fullmatch(folded):
        return _from_numbers(found, american=american, settled=settled)
    if value := _without_day(folded):
        return BirthDate(value)
    if found := _WORDED.fullmatch(folded):
        month = _MONTHS.get(found[2] or found[3])
        if month:
            return BirthDate(_date(_full_year(found[5]), month, int(found[1] or found[4])))
    return _NO_DATE


def _from_digits(text: str, *, american: bool) -> BirthDate:
    if len(text) == _COMPACT:
        value = _date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if not value:
            first, second, year = int(text[:2]), int(text[2:4]), int(text[4:])
            day_first, month_first = _date(year, second, first), _date(year, first, second)
            value = (month_first or day_first) if american else (day_first or month_first)
        return BirthDate(value)
    if len(text) == _SERIAL and _SHEET_FIRST <= int(text) <= _SHEET_LAST:
        return BirthDate((_SHEET_START + timedelta(days=int(text))).strftime("%Y%m%d"))
    return BirthDate(_partial(int(text), 0)) if len(text) == 4 else _NO_DATE


def _from_numbers(found: re.Match[str], *, american: bool, settled: bool) -> BirthDate:
    first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if american and found[2] == "/" and month_first:
        return BirthDate(month_first)
    value, other = (day_first, month_first) if day_first else (month_first, "")
    open_order = found[2] != "." and not (settled and found[2] == "/")
    return BirthDate(value, other if open_order and other != value else "")


def _without_day(text: str) -> str:
    if found := _HAN.fullmatch(text):
        year, month, day = (int(part or 0) for part in found.groups())
        return _date(year, month, day) if day else _partial(year, month)
    if found := _YEAR.fullmatch(text):
        return _partial(int(found[1]), 0)
    if found := _YEAR_MONTH.fullmatch(text):
        word = found[5]
        month = _MONTHS.get(word, 0) if word else int(found[2] or found[3])
        return _partial(int(found[1] or found[4] or found[6]), month) if month or not word else ""
    return _from_digits(text.removesuffix(".0"), american=False).value if text.endswith(".0") else ""


def _date(year: int, month: int, day: int) -> str:
    if not day and not 0 <= month <= _MONTHS_IN_YEAR:
        return ""
    if not day:
        return _partial(year, month)
    try:
        date(year, month, day)
    except ValueError:
        return ""
    value = f"{year:04}{month:02}{day:02}"
    return value if _OLDEST <= year <= _YOUNGEST and value not in _STAND_INS else ""


def _partial(year: int, month: int) -> str:
    known = _OLDEST <= year <= _YOUNGEST and 0 <= month <= _MONTHS_IN_YEAR
    return f"{year:04}{month:02}00" if known else ""


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < _PIVOT else 1900)
