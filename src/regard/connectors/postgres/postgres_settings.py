"""What change capture from PostgreSQL needs to know, as people fill it in and as the code reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from regard.connectors.allow_networks import SourceNetworks
from regard.connectors.check_hosts import check_database, check_host
from regard.connectors.connector_contract import Settings, SettingsRefusedError
from regard.connectors.trust_certificates import CA_PROPERTY, SSLMODE_PROPERTY, read_ca, read_sslmode

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")

SETTINGS_SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["host", "database", "user"],
    "additionalProperties": False,
    "properties": {
        "host": {
            "type": "string",
            "title": "Server",
            "description": "Name or address of the machine that PostgreSQL runs on. Not a pooler such as"
            " PgBouncer: replication needs the server itself.",
        },
        "port": {"type": "integer", "title": "Port", "default": 5432, "minimum": 1, "maximum": 65535},
        "database": {"type": "string", "title": "Database"},
        "user": {
            "type": "string",
            "title": "User",
            "description": "A role of Regard's own with the attribute REPLICATION and the right to read the"
            " tables.",
        },
        "password": {"type": "string", "title": "Password", "writeOnly": True},
        "sslmode": SSLMODE_PROPERTY,
        "ca": CA_PROPERTY,
        "tables": {
            "type": "array",
            "items": {"type": "string"},
            "title": "Tables",
            "description": "For example customer or sales.order; * stands for any letters, so sales.* is"
            " every table of the schema sales, also those made later. Empty: every table of the"
            " publication; when Regard makes that itself, every table of the schema public.",
            "default": [],
        },
        "publication": {
            "type": "string",
            "title": "Publication",
            "description": "The list of tables in the source whose changes are sent.",
            "default": "regard",
            "pattern": "^[a-z_][a-z0-9_]{0,62}$",
        },
        "create_publication": {
            "type": "boolean",
            "title": "Let Regard make the publication",
            "description": "Makes it when it is not there and adds new tables. The user must own the tables;"
            " otherwise turn this off and let the owner run the statement that the check shows.",
            "default": True,
        },
        "slot": {
            "type": "string",
            "title": "Replication slot",
            "description": "The bookmark that the source keeps for Regard. Two installations need two names.",
            "default": "regard",
            "pattern": "^[a-z0-9_]{1,63}$",
        },
        "read_again_when_lost": {
            "type": "boolean",
            "title": "Read all again when the slot is lost",
            "description": "When the source has thrown away changes that Regard had not taken yet, read all"
            " tables again and find out what is gone. Turned off, Regard stops and tells you.",
            "default": True,
        },
        "alarm_bytes": {
            "type": "integer",
            "title": "Alarm when this many bytes wait",
            "description": "The source keeps its log on disk until Regard has taken it.",
            "default": 1_073_741_824,
            "minimum": 1_048_576,
        },
    },
}


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """The settings with their defaults filled in."""

    host: str
    database: str
    user: str
    port: int = 5432
    password: str | None = None
    sslmode: str = "prefer"
    ca: str | None = None
    tables: tuple[str, ...] = ()
    publication: str = "regard"
    create_publication: bool = True
    slot: str = "regard"
    read_again_when_lost: bool = True
    alarm_bytes: int = 1_073_741_824
    networks: SourceNetworks = field(default_factory=SourceNetworks)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The tables meant as `schema.table`, `*` for any letters; empty: all of the publication."""
        named = tuple(one if "." in one else f"public.{one}" for one in self.tables)
        return named or (("public.*",) if self.create_publication else ())

    def means(self, schema: str, table: str) -> bool:
        """Whether this table is asked for."""
        patterns = self.patterns
        return not patterns or any(fnmatchcase(f"{schema}.{table}", one) for one in patterns)

    @property
    def exact_tables(self) -> tuple[str, ...]:
        """The tables that were named without `*`, as `schema.table`: they must be there."""
        return tuple(one for one in self.patterns if not set(one) & set("*?["))


def read_postgres_settings(settings: Settings) -> PostgresSettings:
    """The settings as the code reads them; raises `SettingsRefusedError`."""
    for name in ("host", "database", "user"):
        if not str(settings.get(name) or "").strip():
            raise SettingsRefusedError(f"The setting “{name}” is missing; fill it in.")
    check_host(settings["host"])
    check_database(settings["database"])
    known = {name: value for name, value in settings.items() if value is not None and value != ""}
    unknown = set(known) - set(SETTINGS_SCHEMA["properties"])
    if unknown:
        raise SettingsRefusedError(f"There is no setting “{min(unknown)}”; leave it out.")
    known["tables"] = tuple(str(one).strip() for one in known.get("tables", ()) if str(one).strip())
    known["ca"] = read_ca(settings)
    known["sslmode"] = read_sslmode(settings, known["ca"])
    read = PostgresSettings(**known)
    for name, value in (("publication", read.publication), ("slot", read.slot)):
        if not _NAME.fullmatch(value if name == "publication" else f"_{value}"[:63]):
            raise SettingsRefusedError(
                f"The setting “{name}” may have small letters, digits and _ only; change it."
            )
    return read
