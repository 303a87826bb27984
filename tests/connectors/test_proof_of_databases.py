"""A database proves by its certificate who it is, or is not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from regard.connectors.connector_contract import (
    SettingsRefusedError,
    SourceClient,
    SourceRefusesError,
    Surroundings,
)
from regard.connectors.postgres.postgres_source import open_postgres_source
from regard.connectors.sql.sql_settings import read_sql_settings
from regard.connectors.sql.sql_source import open_sql_source
from regard.connectors.trust_certificates import make_tls_context
from regard.kit.clock import SetClock
from tests.connectors.certificates import make_certificate
from tests.connectors.tls_before_postgres import TlsBeforePostgres
from tests.source_postgres import SourceDatabase, SourcePostgres

NAME = "db.shop.example"
AROUND = Surroundings("shop", SetClock(datetime(2026, 6, 1, 12, tzinfo=UTC)))
STRANGER = make_certificate(NAME)[1].decode()


@dataclass
class Encrypted:
    """A server that encrypts, and the certificate that it signed itself."""

    database: SourceDatabase
    front: TlsBeforePostgres
    ca: str

    def polled(self, **more: Any) -> SourceClient:
        given = {"kind": "postgresql", "database": self.database.name, "user": "regard"}
        place = {"port": self.front.port, "streams": [{"table": "t"}]}
        return open_sql_source({**given, **place, **more}, AROUND)

    def captured(self, **more: Any) -> SourceClient:
        return open_postgres_source(self.database.settings(port=self.front.port, **more), AROUND)


@pytest.fixture(scope="module")
def front(
    source_postgres: SourcePostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TlsBeforePostgres, str]]:
    path = tmp_path_factory.mktemp("proof") / "server.pem"
    key, certificate = make_certificate(NAME)
    path.write_bytes(key + certificate)
    front = TlsBeforePostgres(source_postgres.host, path)
    yield front, certificate.decode()
    front.close()


@pytest.fixture
def encrypted(
    source_database: SourceDatabase, front: tuple[TlsBeforePostgres, str], monkeypatch: pytest.MonkeyPatch
) -> Encrypted:
    """Every name leads to the cluster."""
    source_database.run("CREATE TABLE t (id int PRIMARY KEY)")
    for place in ("postgres.open_postgres", "sql.connect_sql"):
        monkeypatch.setattr(
            f"regard.connectors.{place}.reach_host", lambda *_, **__: [source_database.server.host]
        )
    return Encrypted(source_database, *front)


@pytest.mark.parametrize("way", ["polled", "captured"])
async def test_a_server_is_read_when_its_certificate_proves_its_name(encrypted: Encrypted, way: str) -> None:
    client = getattr(encrypted, way)(host=NAME, ca=encrypted.ca)
    await client.check()
    await client.close()


@pytest.mark.parametrize("way", ["polled", "captured"])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"host": NAME, "ca": STRANGER}, "fill in “ca” with the certificate of the authority"),
        ({"host": NAME, "sslmode": "verify-full"}, "fill in “ca”"),
        ({"host": "other.example"}, "names another server"),
    ],
    ids=["signed by a stranger", "without authority", "of another name"],
)
async def test_a_server_that_cannot_prove_itself_is_refused_with_a_sentence(
    encrypted: Encrypted, way: str, settings: dict[str, Any], words: str
) -> None:
    if len(settings) == 1:
        settings = {**settings, "ca": encrypted.ca}
    client = getattr(encrypted, way)(**settings)
    with pytest.raises(SourceRefusesError, match=words):
        await client.check()
    await client.close()


@pytest.mark.parametrize("way", ["polled", "captured"])
@pytest.mark.parametrize(("sslmode", "expected"), [(None, True), ("require", True), ("disable", False)])
async def test_without_an_authority_the_connection_is_encrypted_unless_told_otherwise(
    encrypted: Encrypted, way: str, sslmode: str | None, *, expected: bool
) -> None:
    encrypted.front.seen.clear()
    client = getattr(encrypted, way)(host=NAME, sslmode=sslmode)
    await client.check()
    await client.close()
    assert set(encrypted.front.seen) == {expected}


async def test_mysql_proves_itself_too(
    mariadb_server: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, certificate = mariadb_server
    monkeypatch.setattr("regard.connectors.sql.connect_sql.reach_host", lambda *_, **__: ["127.0.0.1"])
    status = "SELECT variable_value AS cipher FROM information_schema.session_status"
    query = {"name": "own", "query": f"{status} WHERE variable_name = 'SSL_CIPHER'"}
    given = {"kind": "mysql", "port": port, "database": "mysql", "user": "root", "streams": [query]}
    for more, encrypted in (({"sslmode": "disable"}, False), ({}, True), ({"ca": certificate}, True)):
        client = open_sql_source({**given, "host": NAME, **more}, AROUND)
        (batch,) = [batch async for batch in client.read("own", None)]
        assert bool((batch.records[0].body or {})["cipher"]) is encrypted
        await client.close()
    for more in ({"ca": STRANGER, "host": NAME}, {"ca": certificate, "host": "other.example"}):
        client = open_sql_source({**given, **more}, AROUND)
        with pytest.raises(SourceRefusesError, match="does not prove the server; fill in “ca”"):
            await client.check()
        await client.close()


def test_a_certificate_given_means_that_it_must_prove_the_name() -> None:
    given = {"kind": "mysql", "database": "erp", "streams": [{"table": "t"}]}
    plain, proved = read_sql_settings(given), read_sql_settings({**given, "ca": STRANGER})
    assert (plain.sslmode, proved.sslmode) == ("prefer", "verify-full")
    assert make_tls_context(plain.sslmode, plain.ca) is None
    context = make_tls_context(proved.sslmode, proved.ca)
    assert context is not None
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1
    assert read_sql_settings({**given, "ca": STRANGER, "sslmode": "verify-ca"}).sslmode == "verify-ca"
    with pytest.raises(SettingsRefusedError, match="BEGIN CERTIFICATE"):
        read_sql_settings({**given, "ca": "/etc/ssl/ca.pem"})
    with pytest.raises(SettingsRefusedError, match=r"freetds\.conf"):
        read_sql_settings({**given, "kind": "mssql", "ca": STRANGER})
