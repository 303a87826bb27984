"""One rule says where in the network sources may stand, and every kind of source keeps it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from regard.connectors.allow_networks import (
    EVERYWHERE,
    HostForbiddenError,
    HostUnknownError,
    OwnService,
    SourceNetworks,
    reach_host,
    read_networks,
)
from regard.connectors.connector_catalogue import find_connector
from regard.connectors.connector_contract import SettingsRefusedError, SourceUnavailableError, Surroundings
from regard.connectors.kafka.kafka_settings import split_broker
from regard.connectors.postgres.open_postgres import name_addresses
from regard.connectors.sql import connect_sql
from regard.connectors.sql.sql_settings import SqlSettings, StreamSettings
from regard.kit.clock import SetClock
from regard.processes.list_own_services import list_own_services
from regard.processes.settings import Settings, SettingsError, read_settings

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OUTSIDE = read_networks("public")
STREAMS = [{"table": "t"}]
MANIFEST = """
version: "7"
type: DeclarativeSource
check: {type: CheckStream, stream_names: [a]}
streams:
  - type: DeclarativeStream
    name: a
    primary_key: id
    retriever:
      type: SimpleRetriever
      requester: {type: HttpRequester, url_base: "http://127.0.0.1:9/", path: a}
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
"""


class Names:
    """A resolver that knows some names; a second question may be answered otherwise."""

    def __init__(self, **known: Sequence[str]) -> None:
        self.known = {name.replace("_", "."): addresses for name, addresses in known.items()}
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.known:
            raise OSError(host)
        return self.known[host]


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "168.63.129.16",
        "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "fd00:ec2::23", "fd20:ce::254", "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1:a9fe:a9:fe00:5db8:d822", "::ffff:0:169.254.169.254",
    ],
)  # fmt: skip
def test_the_metadata_service_of_a_cloud_is_no_source_whatever_is_allowed(address: str) -> None:
    everything = read_networks(EVERYWHERE + ", 0.0.0.0/0, ::/0")
    with pytest.raises(HostForbiddenError, match="no source"):
        reach_host("db.corp", 5432, everything, find=Names(db_corp=["10.0.0.1", address]))


@pytest.mark.parametrize(
    ("rule", "address", "allowed"),
    [
        (EVERYWHERE, "10.1.2.3", True),
        (EVERYWHERE, "127.0.0.1", True),
        ("public", "93.184.216.34", True),
        ("public", "10.1.2.3", False),
        ("public", "fd12::1", False),
        ("public, private", "127.0.0.1", False),
        ("public, private", "::1", False),
        ("public, 10.20.0.0/16", "10.20.3.4", True),
        ("public, 10.20.0.0/16", "10.21.3.4", False),
        ("10.20.0.0/16", "93.184.216.34", False),
        ("private", "::ffff:10.0.0.1", True),
        ("public", "::ffff:0:10.0.0.1", False),
        ("public", "64:ff9b:1::10.0.0.1", False),
        ("public", "64:ff9b:1::93.184.216.34", True),
        ("public", "64:ff9b:1:5db8:d8:2200::", True),
        ("public", "fec0::1", False),
        ("private", "fec0::1", True),
        ("", "93.184.216.34", False),
    ],
)
def test_the_operator_says_in_which_networks_sources_may_stand(
    rule: str, address: str, *, allowed: bool
) -> None:
    find = Names(db_corp=[address])
    if allowed:
        assert reach_host("db.corp", 5432, read_networks(rule), find=find) == [address]
    else:
        with pytest.raises(HostForbiddenError, match="REGARD_SOURCE_NETWORKS"):
            reach_host("db.corp", 5432, read_networks(rule), find=find)


def test_one_forbidden_address_among_several_forbids_the_host() -> None:
    with pytest.raises(HostForbiddenError):
        reach_host("db.corp", 1, OUTSIDE, find=Names(db_corp=["93.184.216.34", "10.0.0.1"]))


def test_a_name_without_address_is_a_passing_trouble() -> None:
    with pytest.raises(HostUnknownError, match="name server"):
        reach_host("gone.corp", 1, SourceNetworks(), find=Names())


def test_a_setting_that_names_no_network_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGARD_SOURCE_NETWORKS", "public, intranet")
    with pytest.raises(SettingsError, match="REGARD_SOURCE_NETWORKS"):
        read_settings()


@pytest.mark.parametrize(
    ("url", "own"),
    [
        (None, []),
        ("postgresql://u:p@db.corp:6000/crm", [OwnService("db.corp", 6000, "crm")]),
        ("postgresql://u@/crm?host=/run/postgresql", [OwnService("", 5432, "crm")]),
        ("postgresql://u@localhost/crm", [OwnService("", 5432, "crm")]),
        ("postgresql://u@a,b:7000/crm", [OwnService("a", 5432, "crm"), OwnService("b", 7000, "crm")]),
        ("postgresql://u@[fd12::5]:5433/crm", [OwnService("fd12::5", 5433, "crm")]),
    ],
)
def test_the_own_services_follow_from_the_settings(url: str | None, own: list[OwnService]) -> None:
    listed = list_own_services("0.0.0.0", 8360, url)
    assert list(listed) == [OwnService("", 8360), *own]
    assert list_own_services("127.0.0.1", 8360, url)[0] == OwnService("127.0.0.1", 8360)


def test_regards_own_services_are_no_source() -> None:
    own = Settings(port=8360, database_url="postgresql://regard@db.corp/regard").networks
    find = Names(db_corp=["10.0.0.5"], alias_corp=["10.0.0.5"], other_corp=["10.0.0.6"], me=["127.0.0.1"])
    find.known["127.0.0.1"] = ["127.0.0.1"]
    for host, port in (("me", 8360), ("db.corp", 5432), ("alias.corp", 5432)):
        with pytest.raises(HostForbiddenError, match="Regard itself"):
            reach_host(host, port, own, find=find)
    with pytest.raises(HostForbiddenError, match="Regard itself"):
        reach_host("alias.corp", 5432, own, database="regard", find=find)
    # The company's shop may be another database of the same server, or another server.
    reach_host("db.corp", 5432, own, database="shop", find=find)
    reach_host("other.corp", 5432, own, database="regard", find=find)
    reach_host("me", 5432, own, find=find)


SOURCES: list[tuple[str, dict[str, Any]]] = [
    ("postgres_changes", {"host": "127.0.0.1", "port": 9, "database": "d", "user": "u"}),
    ("sql", {"kind": "postgresql", "host": "127.0.0.1", "port": 9, "database": "d", "streams": STREAMS}),
    ("imap", {"host": "127.0.0.1", "port": 9, "user": "a@b.example", "password": "p"}),
    ("bucket", {"bucket": "b", "endpoint": "http://127.0.0.1:9", "access_key": "a", "secret_key": "s"}),
    ("kafka", {"servers": "127.0.0.1:9", "topics": ["a"]}),
    ("manifest", {"manifest": MANIFEST}),
]


@pytest.mark.parametrize(("kind", "settings"), SOURCES, ids=[kind for kind, _ in SOURCES])
async def test_every_kind_of_source_keeps_the_rule(
    kind: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = SimpleNamespace(Consumer=lambda _: pytest.fail("it was asked"), KafkaException=KeyError)
    monkeypatch.setitem(sys.modules, "confluent_kafka", library)
    connector = find_connector(kind)
    assert connector is not None
    assert connector.open is not None
    client = connector.open(settings, Surroundings("s", SetClock(NOW), networks=OUTSIDE))
    with pytest.raises(HostForbiddenError, match="REGARD_SOURCE_NETWORKS"):
        await client.check()
    await client.close()


def polled(kind: Any, host: str, port: int | None = None) -> SqlSettings:
    return SqlSettings(kind, "erp", (StreamSettings("t", "t", None),), host, port)


def test_mysql_is_given_a_connection_to_the_checked_address_and_keeps_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = Names(erp_corp=["127.0.0.1"])
    monkeypatch.setattr(connect_sql, "reach_host", lambda *given, **_: names(given[0]))
    given: dict[str, Any] = {}

    def take(opened: socket.socket) -> None:
        given["peer"] = opened.getpeername()
        opened.close()

    def connect(**named: Any) -> SimpleNamespace:
        given.update(named)
        return SimpleNamespace(connect=take)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connect_sql._connect(
            polled("mysql", "erp.corp", port), SimpleNamespace(connect=connect), (), {"host": "erp.corp"}
        )
        assert given["peer"] == ("127.0.0.1", port)
    assert (given["host"], given["defer_connect"], given["ssl"]) == ("erp.corp", True, None)
    assert names.asked == ["erp.corp"]
    with pytest.raises(SourceUnavailableError, match=rf"erp\.corp:{port}"):
        connect_sql._connect(polled("mysql", "erp.corp", port), SimpleNamespace(connect=connect), (), {})


def test_a_driver_that_would_go_on_unencrypted_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for version, sslmode, refused in (("1.1.3", "require", True), ("1.1.3", "prefer", False),
                                      ("1.0", "require", True), ("0.10.1", "require", True),
                                      ("1.2.4", "verify-full", False), ("1.10.0", "require", False),
                                      ("1.11", "require", False), ("2.0rc1", "require", False)):  # fmt: skip
        monkeypatch.setattr(connect_sql.metadata, "version", lambda _, told=version: told)
        if refused:
            with pytest.raises(SettingsRefusedError, match=r"pymysql>=1\.2"):
                connect_sql._refuse_silent_driver(sslmode)
        else:
            connect_sql._refuse_silent_driver(sslmode)


def test_the_other_drivers_are_told_the_checked_addresses() -> None:
    assert name_addresses("db.corp", ["10.0.0.5", "10.0.0.6"]) == {
        "host": "db.corp,db.corp", "hostaddr": "10.0.0.5,10.0.0.6",
    }  # fmt: skip
    assert connect_sql.name_server("10.0.0.5", "", 1433) == {"host": "10.0.0.5", "port": "1433"}
    assert connect_sql.name_server("10.0.0.5", "PROD", None) == {"host": "10.0.0.5\\PROD"}


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("kafka-1:9093", ("kafka-1", 9093)),
        ("kafka-1", ("kafka-1", 9092)),
        ("SASL_SSL://kafka-1:1", ("kafka-1", 1)),
        ("[fd12::5]:9093", ("fd12::5", 9093)),
        ("fd12::5", ("fd12::5", 9092)),
    ],
)
def test_brokers_are_read_as_the_client_library_reads_them(written: str, place: tuple[str, int]) -> None:
    assert split_broker(written) == place
