"""Values of a Debezium row in plain JSON, told by the schema that comes with them.

Without a schema nothing tells a day from a count, so values stay as they are. Times of columns without a zone
have none here either: whoever reads them knows the source's zone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from regard.connectors.name_origin import ItemRefusedError
from regard.connectors.read_embedded_json import read_embedded_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_SCALE = 10_000

Field = Mapping[str, Any]


def fields_of(schema: object, *path: str) -> dict[str, Field]:
    """The fields of a struct inside a schema, by name; empty where there is no such schema."""
    for name in path:
        schema = fields_of(schema).get(name)
    listed = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(listed, list):
        return {}
    return {
        str(one.get("field")): one for one in listed if isinstance(one, dict) and one.get("field") is not None
    }


def plain_row(row: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """The row with each value as a person would write it."""
    return {name: plain_value(value, fields.get(name)) for name, value in row.items()}


def plain_value(value: object, field: Field | None) -> object:
    """One value; what does not have the form its schema promises stays as it is."""
    if value is None or field is None:
        return value
    kind = field.get("type")
    if kind == "array" and isinstance(value, list):
        items = field.get("items")
        return [plain_value(one, items if isinstance(items, dict) else None) for one in value]
    convert = _CONVERTERS.get(str(field.get("name")))
    if convert is not None:
        try:
            return convert(value, field)
        except (ValueError, ArithmeticError, TypeError, KeyError, binascii.Error, ItemRefusedError):
            return value
    if kind == "struct" and isinstance(value, dict):
        return plain_row(value, fields_of(field))
    return value


def moment(count: int, per_second: int) -> datetime:
    """The instant that lies so many parts of a second after 1970; raises `OverflowError`."""
    return _EPOCH + timedelta(microseconds=count * 1_000_000 // per_second)


def _decimal(value: object, field: Field) -> str:
    parameters = field.get("parameters")
    scale = int(parameters["scale"]) if isinstance(parameters, dict) else 0
    return _scaled(value, scale)


def _variable_decimal(value: object, _: Field) -> object:
    return _scaled(value["value"], int(value["scale"])) if isinstance(value, dict) else value


def _scaled(value: object, scale: int) -> str:
    """Big-endian two's complement in base64, with so many digits after the point."""
    if not isinstance(value, str) or abs(scale) > _LARGEST_SCALE:
        raise ValueError
    number = int.from_bytes(base64.b64decode(value, validate=True), "big", signed=True)
    digits = Decimal(number).as_tuple()
    return format(Decimal((digits.sign, digits.digits, -scale)), "f")


def _date(value: object, _: Field) -> str:
    return (_EPOCH + timedelta(days=_whole(value))).date().isoformat()


def _timestamp(per_second: int) -> Callable[[object, Field], str]:
    return lambda value, _: moment(_whole(value), per_second).replace(tzinfo=None).isoformat()


def _time(per_second: int) -> Callable[[object, Field], str]:
    return lambda value, _: moment(_whole(value), per_second).time().isoformat()


def _json(value: object, _: Field) -> object:
    # Only objects and lists are worth opening, and a list is read inside an object.
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    return read_embedded_json(f'{{"value":{value}}}', "JSON column")["value"]


def _whole(value: object) -> int:
    """A count; big ones come as texts."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return int(value)


_MILLI, _MICRO, _NANO = 1_000, 1_000_000, 1_000_000_000
_DEBEZIUM, _CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
_CONVERTERS: dict[str, Callable[[Any, Field], object]] = {
    f"{_CONNECT}Decimal": _decimal,
    "io.debezium.data.VariableScaleDecimal": _variable_decimal,
    f"{_DEBEZIUM}Date": _date,
    f"{_CONNECT}Date": _date,
    f"{_DEBEZIUM}Timestamp": _timestamp(_MILLI),
    f"{_CONNECT}Timestamp": _timestamp(_MILLI),
    f"{_DEBEZIUM}MicroTimestamp": _timestamp(_MICRO),
    f"{_DEBEZIUM}NanoTimestamp": _timestamp(_NANO),
    f"{_DEBEZIUM}Time": _time(_MILLI),
    f"{_CONNECT}Time": _time(_MILLI),
    f"{_DEBEZIUM}MicroTime": _time(_MICRO),
    f"{_DEBEZIUM}NanoTime": _time(_NANO),
    "io.debezium.data.Json": _json,
}
