"""Which addresses of the network a source may stand at: one rule for every kind of source.

The operator says it by REGARD_SOURCE_NETWORKS. Never allowed, whatever that says: link-local, multicast,
unspecified and reserved addresses, where clouds keep their metadata service, and Regard's own services.
A reader connects to an address that was checked, not to what its name leads to a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regard.kit.errors import RegardError, Terminal, Transient

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Find = Callable[[str], Sequence[str]]

WORDS = ("public", "private", "loopback")
EVERYWHERE = ", ".join(WORDS)
# Metadata services of clouds that are not at link-local addresses: Azure, Alibaba, AWS and Google over IPv6.
_METADATA = tuple(
    map(ipaddress.ip_network, ("168.63.129.16", "100.100.100.200", "fd00:ec2::/32", "fd20:ce::/32"))
)
# IPv4 in the last four bytes: NAT64 (RFC 6052), translated (RFC 2765), compatible (RFC 4291).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TRANSLATED = ipaddress.IPv6Network("::ffff:0:0:0/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# NAT64 of a company's own (RFC 8215), whose prefix may be longer; byte 8 never holds a part of the address.
_OWN_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_OWN_NAT64_BYTES = ((6, 7, 9, 10), (7, 9, 10, 11), (9, 10, 11, 12), (12, 13, 14, 15))
_MOST_ADDRESSES = 4


class HostForbiddenError(RegardError, Terminal):
    """A source leads where none may be; a person must change the source, or the operator the rule."""

    code = "host_forbidden"
    status = 422


class HostUnknownError(RegardError, Transient):
    """The name of a host has no address at the moment."""

    code = "host_unknown"
    status = 503


@dataclass(frozen=True, slots=True)
class OwnService:
    """A service of Regard itself. `host` "": this machine; `database`: only that one of the server."""

    host: str
    port: int
    database: str | None = None


@dataclass(frozen=True, slots=True)
class SourceNetworks:
    """Where sources may stand: kinds of addresses (`WORDS`), networks besides, and what is Regard's own."""

    words: frozenset[str] = frozenset(WORDS)
    networks: tuple[Network, ...] = ()
    own: tuple[OwnService, ...] = ()

    def allows(self, address: Address) -> bool:
        """Whether the operator allows sources at this address."""
        return kind_of(address) in self.words or any(address in network for network in self.networks)


def read_networks(text: str, own: Sequence[OwnService] = ()) -> SourceNetworks:
    """The rule as the operator writes it, such as `public, 10.20.0.0/16`; raises `ValueError`."""
    parts = [part.strip().lower() for part in text.split(",") if part.strip()]
    try:
        networks = tuple(ipaddress.ip_network(part) for part in parts if part not in WORDS)
    except ValueError:
        raise ValueError(f"it must hold {EVERYWHERE} or networks such as 10.20.0.0/16") from None
    return SourceNetworks(frozenset(parts) & frozenset(WORDS), networks, tuple(own))


def kind_of(address: Address) -> str:
    """Which of `WORDS` an address is; "" for one where no source can be."""
    reserved = isinstance(address, ipaddress.IPv4Address) and address.is_reserved
    nowhere = address.is_link_local or address.is_multicast or address.is_unspecified
    if nowhere or reserved or any(address in network for network in _METADATA):
        return ""
    if address.is_loopback:
        return "loopback"
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return "private"
    return "public" if address.is_global else "private"


def read_address(text: str) -> Address:
    """An address; one of IPv4 that is wrapped into IPv6 is taken out. Raises `ValueError`."""
    address = ipaddress.ip_address(text.strip("[]").split("%", maxsplit=1)[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _OWN_NAT64:
        inner = _unwrap_own_nat64(address)
    compatible = address in _COMPATIBLE and int(address) > 1
    if inner is None and (address in _NAT64 or address in _TRANSLATED or compatible):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def _unwrap_own_nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    """Of the addresses that it may hold, the one that the rule looks at most strictly."""
    raw = address.packed
    read = [ipaddress.IPv4Address(bytes(raw[place] for place in places)) for places in _OWN_NAT64_BYTES]
    return min((one for one in read if one.packed[0]), key=_strictness, default=read[-1])


def _strictness(address: Address) -> int:
    return ("", "loopback", "private", "public").index(kind_of(address))


def judge_addresses(host: str, addresses: Sequence[str], allowed: SourceNetworks) -> None:
    """Raise `HostForbiddenError` unless each address of a host may be reached. Pure."""
    found = [read_address(text) for text in addresses]
    if not all(map(kind_of, found)):
        raise HostForbiddenError(
            f"the host {host} leads to an address that is no source (link-local, multicast, reserved or the"
            " metadata service of a cloud); check the address in the settings"
        )
    if not all(map(allowed.allows, found)):
        raise HostForbiddenError(
            f"the host {host} leads into a network where no source may stand; choose another host, or let"
            " the administrator of Regard add its network to REGARD_SOURCE_NETWORKS"
        )


def find_addresses(host: str) -> Sequence[str]:
    """The addresses of a host, by the resolver of the machine; blocks. Raises `OSError`."""
    found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def reach_host(
    host: str,
    port: int,
    allowed: SourceNetworks,
    *,
    database: str | None = None,
    find: Find = find_addresses,
) -> Sequence[str]:
    """The checked addresses to connect to, at most four, in the resolver's order; blocks.

    Raises `HostForbiddenError`, and `HostUnknownError` for a name without address.
    """
    try:
        addresses = find(host)
    except (OSError, UnicodeError):
        raise HostUnknownError(
            f"the host {host} has no address at the moment; check its name and the name server"
        ) from None
    judge_addresses(host, addresses, allowed)
    refuse_own(host, port, addresses, allowed, database=database, find=find)
    return addresses[:_MOST_ADDRESSES]


def refuse_own(
    host: str,
    port: int,
    addresses: Sequence[str],
    allowed: SourceNetworks,
    *,
    database: str | None = None,
    find: Find = find_addresses,
) -> None:
    """Raise `HostForbiddenError` for a service of Regard itself; blocks.

    A source may be another database on the server of Regard's own.
    """
    for own in allowed.own:
        other = None not in (database, own.database) and database != own.database
        if own.port == port and not other and _is_same_machine(own.host, addresses, find):
            raise HostForbiddenError(
                f"the host {host} with port {port} is a service of Regard itself, which is no source;"
                " correct host and port"
            )


def _is_same_machine(own: str, addresses: Sequence[str], find: Find) -> bool:
    there = {read_address(text) for text in addresses}
    try:
        here = {read_address(text) for text in find(own)} if own else set()
    except OSError:
        return False
    if there & here:
        return True
    local = not own or any(map(_is_this_machine, here))
    return local and any(map(_is_this_machine, there))


def _is_this_machine(address: Address) -> bool:
    """Whether an address is one of this machine's own: only to those can a socket be bound."""
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True
