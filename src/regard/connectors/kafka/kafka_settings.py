"""What a source of Kafka topics has to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.connector_contract import Settings, SettingsRefusedError

Start = Literal["earliest", "latest"]

_PORT = 9092
_SECURITY = ("plaintext", "ssl", "sasl_ssl", "sasl_plaintext")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

KAFKA_SETTINGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["servers", "topics"],
    "additionalProperties": False,
    "properties": {
        "servers": {
            "type": "string", "title": "Brokers", "minLength": 1, "examples": ["kafka-1:9092, kafka-2:9092"],
        },
        "topics": {
            "type": "array", "title": "Topics", "items": {"type": "string", "minLength": 1}, "minItems": 1,
        },
        "security": {"type": "string", "title": "Security", "enum": list(_SECURITY), "default": "plaintext"},
        "mechanism": {
            "type": "string", "title": "Sign-in", "enum": list(_MECHANISMS), "default": "PLAIN",
            "description": "Only with sasl_ssl and sasl_plaintext.",
        },
        "user": {"type": "string", "title": "User"},
        "password": {"type": "string", "title": "Password", "writeOnly": True},
        "start": {
            "type": "string", "title": "Begin with", "enum": ["earliest", "latest"], "default": "earliest",
            "description": "“earliest”: all that the topics still hold. Counts only at the first reading.",
        },
        "id_fields": {
            "type": "array", "title": "Fields that name a record", "items": {"type": "string"},
            "description": "Only for messages without a key. Left out: “id”.",
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """The checked settings; `driver` holds what the client library is configured with."""

    driver: dict[str, str | int | bool]
    topics: tuple[str, ...]
    start: Start
    id_fields: tuple[str, ...]
    networks: SourceNetworks = field(default_factory=SourceNetworks)

    @property
    def servers(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each broker that the settings name."""
        listed = str(self.driver["bootstrap.servers"]).split(",")
        return tuple(split_broker(one.strip()) for one in listed if one.strip())


def read_kafka_settings(settings: Settings, source: str) -> KafkaSettings:
    """The checked settings; raises `SettingsRefusedError`."""
    servers = str(settings.get("servers") or "").strip()
    topics = settings.get("topics")
    if not servers:
        raise SettingsRefusedError("the source needs “servers”, such as kafka:9092; fill it in")
    if not isinstance(topics, list) or not topics or not all(isinstance(one, str) and one for one in topics):
        raise SettingsRefusedError("the source needs “topics”, a list of names; fill it in")
    start = settings.get("start") or "earliest"
    if start not in ("earliest", "latest"):
        raise SettingsRefusedError("“start” must be earliest or latest")
    driver: dict[str, str | int | bool] = {
        "bootstrap.servers": servers,
        "group.id": f"regard-{source}",
        "client.id": f"regard-{source}",
        # Where to go on is committed with the rows, in our own database.
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "allow.auto.create.topics": False,
        "log_level": 2,
        **_security(settings),
    }
    return KafkaSettings(
        driver, tuple(dict.fromkeys(topics)), "latest" if start == "latest" else "earliest",
        tuple(str(one) for one in settings.get("id_fields") or ()),
    )  # fmt: skip


def split_broker(written: str) -> tuple[str, int]:
    """Host and port of a broker, written as `host`, `host:port` or `PROTOCOL://host:port`."""
    bare = written.rpartition("://")[2]
    host, colon, port = bare.rpartition(":")
    if colon and port.isdigit() and (not host.count(":") or host.endswith("]")):
        return host.strip("[]"), int(port)
    return bare.strip("[]"), _PORT


def _security(settings: Settings) -> dict[str, str | int | bool]:
    security = str(settings.get("security") or "plaintext")
    if security not in _SECURITY:
        raise SettingsRefusedError(f"“security” must be one of {', '.join(_SECURITY)}")
    found: dict[str, str | int | bool] = {"security.protocol": security}
    if not security.startswith("sasl"):
        return found
    mechanism = str(settings.get("mechanism") or "PLAIN")
    if mechanism not in _MECHANISMS:
        raise SettingsRefusedError(f"“mechanism” must be one of {', '.join(_MECHANISMS)}")
    if not settings.get("user") or not settings.get("password"):
        raise SettingsRefusedError("signing in needs “user” and “password”; fill them in")
    return found | {
        "sasl.mechanism": mechanism,
        "sasl.username": str(settings["user"]),
        "sasl.password": str(settings["password"]),
    }
