"""Values of each database become JSON, its times instants."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.connectors.polled_databases import Engine


async def test_a_time_without_zone_is_in_the_zone_of_the_source(postgres: Engine) -> None:
    postgres.run("CREATE TABLE c (id int PRIMARY KEY, at timestamp, at_zone timestamptz)")
    postgres.run("INSERT INTO c VALUES (1, '2026-01-15 10:00:00', '2026-01-15 10:00:00+00')")
    local = postgres.polled("Europe/Berlin", table="c", cursor="at")
    await local.read()
    assert local.times["1"] == datetime(2026, 1, 15, 9, tzinfo=UTC)
    aware = postgres.polled("Europe/Berlin", table="c", cursor="at_zone")
    await aware.read()
    assert aware.times["1"] == datetime(2026, 1, 15, 10, tzinfo=UTC)


async def test_a_timestamp_of_mysql_is_an_instant_and_a_datetime_is_not(mariadb: Engine) -> None:
    """The server's zone is five hours from UTC, and so is that of its application."""
    mariadb.run("CREATE TABLE c (id int PRIMARY KEY, at timestamp NULL, local datetime)")
    mariadb.run(
        "SET time_zone = '+05:00'", "INSERT INTO c VALUES (1, '2026-01-15 10:00:00', '2026-01-15 10:00:00')"
    )
    polled = mariadb.polled("Europe/Berlin", table="c", cursor="at")
    await polled.read()
    assert polled.times["1"] == datetime(2026, 1, 15, 5, tzinfo=UTC)
    assert polled.records["1"]["at"] == "2026-01-15T05:00:00+00:00"
    local = mariadb.polled("Europe/Berlin", table="c", cursor="local")
    await local.read()
    assert local.times["1"] == datetime(2026, 1, 15, 9, tzinfo=UTC)


async def test_values_of_postgresql_become_json(postgres: Engine) -> None:
    postgres.run(
        "CREATE TABLE v (id uuid PRIMARY KEY, price numeric(30,4), raw bytea, day date, doc jsonb,"
        " tags text[],"
        " yes boolean)",
        "INSERT INTO v VALUES ('6b1c8f5e-0000-4000-8000-000000000001', 12345678901234567890.1000, '\\x00ff',"
        " '2026-02-03', '{\"id\": 9007199254740993}', ARRAY['a'], true)",
    )
    polled = postgres.polled(table="v")
    await polled.read()
    assert polled.records["6b1c8f5e-0000-4000-8000-000000000001"] == {
        "id": "6b1c8f5e-0000-4000-8000-000000000001", "price": "12345678901234567890.1000", "raw": "AP8=",
        "day": "2026-02-03", "doc": {"id": 9007199254740993}, "tags": ["a"], "yes": True,
    }  # fmt: skip


async def test_values_of_mysql_become_json(mariadb: Engine) -> None:
    mariadb.run(
        "CREATE TABLE v (id int PRIMARY KEY, price decimal(20,4), raw varbinary(9), gap time,"
        " kind set('a','b'))",
        "INSERT INTO v VALUES (1, 1.5000, x'00ff', '08:30:00', 'a,b'), (2, NULL, NULL, '-30:00:00', '')",
    )
    polled = mariadb.polled(table="v")
    await polled.read()
    assert polled.records["1"] == {
        "id": 1, "price": "1.5000", "raw": "AP8=", "gap": "08:30:00", "kind": ["a", "b"],
    }  # fmt: skip
    assert polled.records["2"]["gap"] == "PT-108000.000000S"
