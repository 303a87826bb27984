"""Which hosts and database names a database source may be given. Pure.

Drivers read more into these two settings than a name: libpq takes a folder as that of a socket, a list of
hosts, and a whole connection string as the database. A socket of this machine may be that of Regard's own
database, which trusts whoever reaches it.
"""

from __future__ import annotations

import re

from regard.connectors.connector_contract import SettingsRefusedError

# A name or an address of the network; the backslash stands before the instance of a SQL Server.
_HOST = re.compile(r"(?:\w|\[?:)[\w.:%\]\-]{0,254}(?:\\[\w$]{1,60})?")


def check_host(host: object) -> str:
    """The host as it is; raises `SettingsRefusedError` for what is no name or address of the network."""
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        raise SettingsRefusedError(
            "The setting “host” must be the name or the address of one machine in the network, such as"
            " db.example.com or 10.0.0.5; folders of sockets, lists and connection strings are not taken."
        )
    return host


def check_database(database: object) -> str:
    """The name of a database on a server; raises `SettingsRefusedError` for a connection string."""
    if (
        not isinstance(database, str)
        or not database.strip()
        or set(database) & set("=\0")
        or "://" in database
    ):
        raise SettingsRefusedError(
            "The setting “database” must be the name of a database alone, not a connection string;"
            " fill in host, user and password in their own settings."
        )
    return database
