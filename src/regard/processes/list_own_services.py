"""Finds out which addresses in the network are services of this installation: no source may lead there."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from regard.connectors.allow_networks import OwnService

_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::", "localhost"})  # noqa: S104 - compared, not bound
_POSTGRESQL = 5432


def list_own_services(host: str, port: int, database_url: str | None) -> tuple[OwnService, ...]:
    """The web server, and the database when it is not the embedded one, which no address leads to. Pure."""
    web = OwnService("" if host in _EVERY_ADDRESS else host, port)
    return (web, *_databases(database_url)) if database_url else (web,)


def _databases(url: str) -> list[OwnService]:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    name = unquote(parts.path.lstrip("/")) or parts.username or None
    hosts = [one for text in query.get("host", []) for one in text.split(",")]
    ports = [one for text in query.get("port", []) for one in text.split(",")]
    for part in parts.netloc.rpartition("@")[2].split(","):
        server, port = _split_port(part)
        if server or port:
            hosts.append(server)
            ports.append(port)
    usual = ports[0] if len(ports) == 1 else ""
    numbers = [*ports, *[usual] * len(hosts)] if len(ports) > 1 else [usual] * len(hosts)
    return [
        # A socket belongs to a server of this machine, which mostly listens in the network too.
        OwnService("" if one.startswith(("/", "@")) or one in _EVERY_ADDRESS else one,
                   int(number) if number.isdigit() else _POSTGRESQL, name)
        for one, number in zip(hosts or [""], numbers or [usual], strict=False)
    ]  # fmt: skip


def _split_port(part: str) -> tuple[str, str]:
    server, colon, port = part.rpartition(":")
    if colon and port.isdigit() and not server.endswith(":"):
        return unquote(server.strip("[]")), port
    return unquote(part.strip("[]")), ""
