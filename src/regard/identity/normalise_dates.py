"""Birth dates in the many ways people write them, to ISO; impossible and default dates become nothing."""

import re
from datetime import date
from functools import lru_cache

from regard.identity.fold_text import fold

_MONTHS = {
    name[:3]: number
    for number, names in enumerate(
        (
            ("january", "januar", "styczen", "stycznia", "janvier"),
            ("february", "februar", "luty", "lutego", "fevrier"),
            ("march", "marz", "marzec", "marca", "maerz"),
            ("april", "kwiecien", "kwietnia", "avril"),
            ("may", "mai", "maj"),
            ("june", "juni", "czerwiec", "czerwca"),
            ("july", "juli", "lipiec", "lipca"),
            ("august", "sierpien", "sierpnia"),
            ("september", "wrzesien", "wrzesnia"),
            ("october", "oktober", "pazdziernik", "octobre"),
            ("november", "listopad", "listopada"),
            ("december", "dezember", "grudzien", "grudnia"),
        ),
        start=1,
    )
    for name in names
}
_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?:[t ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_COMMON = re.compile(r"(\d{1,2})([-/. ]+)(\d{1,2})[-/. ]+(\d{4}|\d{2})(?: .*)?")
_WORDED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[ .-]*([a-z]{3,})|([a-z]{3,})[ .]*(\d{1,2})(?:st|nd|rd|th)?)[ ,.-]+(\d{4})"
)
_DEFAULTS = frozenset(
    {"19000101", "19010101", "19700101", "20000101", "11111111", "99991231", "18991230", "18000101"}
)
_OLDEST, _YOUNGEST = 1880, 2035
_PIVOT = 36
_MONTHS_IN_YEAR = 12
_AMERICAN = frozenset({"US", "PH", "FM", "MH", "PW"})


@lru_cache(maxsize=65_536)
def birth_date(text: str, country: str = "") -> str:
    """``yyyymmdd`` or ''. Day before month, unless impossible or not the country's way."""
    parts = _parts(fold(text), country)
    if parts is None:
        return ""
    year, month, day = parts
    try:
        value = date(year, month, day).strftime("%Y%m%d") if _OLDEST <= year <= _YOUNGEST else ""
    except ValueError:
        return ""
    return "" if value in _DEFAULTS else value


def _parts(text: str, country: str) -> tuple[int, int, int] | None:
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _COMMON.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), _full_year(found[4])
        month_first = second > _MONTHS_IN_YEAR or ("/" in found[2] and country in _AMERICAN)
        if month_first and first <= _MONTHS_IN_YEAR:
            return year, first, second
        return year, second, first
    if found := _WORDED.fullmatch(text):
        month = _MONTHS.get((found[2] or found[3])[:3])
        return (int(found[5]), month, int(found[1] or found[4])) if month else None
    return None


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < _PIVOT else 1900)
