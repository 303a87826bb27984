"""Money and moments as texts."""

from datetime import UTC, datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_moment(at: int, offset: int = 0) -> datetime:
    """Seconds since 1970 as an aware time, `offset` hours off UTC."""
    moment = _EPOCH + timedelta(seconds=at)
    return moment.astimezone(timezone(timedelta(hours=offset))) if offset else moment


def write_day(at: int, country: str) -> str:
    """The day as people of the country write it."""
    style = {"US": "%m/%d/%Y", "GB": "%d/%m/%Y", "BR": "%d/%m/%Y"}.get(country, "%d.%m.%Y")
    return to_moment(at).strftime(style)


def write_decimal(amount: int) -> str:
    """Minor units as a decimal text in major units; all currencies of the demo have two places."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def write_money(amount: int, currency: str) -> str:
    """Minor units as people of the currency's country write them in a letter."""
    plain = write_decimal(amount)
    comma = plain.replace(".", ",")
    return {
        "GBP": f"£{plain}",
        "USD": f"${plain}",
        "EUR": f"{comma} €",
        "PLN": f"{comma} zł",
        "BRL": f"R$ {comma}",
    }[currency]
