"""Law: no byte of a field leaves to a role that may not see the field, whichever way it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute

from regard.access.field_registry import shipped_registry
from regard.access.load_roles import role_of
from regard.connectors.files.load_fields import fields_of
from regard.events.envelope import Event
from regard.events.interaction_events import INTERACTION_TYPES
from regard.intake.run_imports import ImportWorker
from tests.api.world import ALL_ROLES, World, id_of, open_world
from tests.laws.back_end import BackEnd
from tests.views.customers import happened, record

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
# Words for a field that a source cannot choose freely: they are no secret by themselves.
_FIXED = {"status", "channel", "direction", "amount", "currency", "purpose", "state", "due_at", "quantity",
          "duration_seconds", "rating", "number", "order", "ticket", "lines"}  # fmt: skip
_NOT_IN_RECORDS = {"organisation_ref", "name", "external_id"}


@dataclass
class Seeded:
    """The customers with a secret in every field; `of_field` and `of_entry` say which is whose."""

    of_field: dict[str, list[str]] = field(default_factory=dict)
    of_entry: dict[tuple[str, str], str] = field(default_factory=dict)
    unclassified: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    entry_ids: list[str] = field(default_factory=list)
    import_ids: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def forbidden(self, role_name: str) -> Iterator[tuple[str, str]]:
        """(field, secret) of everything the role may not see in clear."""
        policy = role_of(role_name).policy
        for name, secrets in self.of_field.items():
            if policy.decide(name).action != "show":
                yield from ((name, secret) for secret in secrets)
        for (type_, name), secret in self.of_entry.items():
            visible = policy.shows_entry(type_, name)
            if type_ == "consent":
                visible = visible or policy.shows(f"interaction.{name}")
            if not visible:
                yield f"{type_}.{name}", secret
        yield from (("an unclassified field", secret) for secret in self.unclassified)

    def allowed(self, role_name: str) -> set[str]:
        """The secrets the role may see."""
        every = {s for secrets in self.of_field.values() for s in secrets} | set(self.of_entry.values())
        return every - {secret for _, secret in self.forbidden(role_name)}


def seed() -> Seeded:
    """A person of two sources: every field and every interaction with a secret of its own."""
    seeded = Seeded()
    records = [f for f in shipped_registry().rules if "." not in f and f not in _NOT_IN_RECORDS]
    shaped = {
        "email": "Zqmail{n}@zqhidden{n}.com", "phone": "+49 30 9021{n}7{n}", "birth_date": "196{n}-07-2{n}",
        "government_id": "ZQ90817{n}6543", "domain": "zqdomain{n}.com",
    }  # fmt: skip
    for number, source in ((1, "crm"), (2, "shop")):
        fields: dict[str, Any] = {}
        for name in records:
            secret = shaped.get(name, f"Zq{name.replace('_', '')}{number}x").format(n=number)
            fields[name] = secret
            seeded.of_field.setdefault(name, []).append(secret)
        fields["shoe_size"] = f"Zqshoe{number}x"
        seeded.unclassified.append(fields["shoe_size"])
        external_id = f"zqexternal{number}@example.com"
        seeded.of_field.setdefault("external_id", []).append(external_id)
        party = record(source, "contacts", external_id, NOON - timedelta(days=40 + number), **fields)
        seeded.events.append(party)
    seeded.of_field["name"] = [f"Zqgivenname{n}x Zqmiddlename{n}x Zqfamilyname{n}x" for n in (1, 2)]
    _seed_interactions(seeded)
    return seeded


def _seed_interactions(seeded: Seeded) -> None:
    party = seeded.events[0]
    names = [f.removeprefix("interaction.") for f in shipped_registry().rules if f.startswith("interaction.")]
    for at, type_ in enumerate(INTERACTION_TYPES):
        fields: dict[str, Any] = {}
        for name in names:
            if name in _FIXED:
                continue
            secret = f"Zqe{type_.replace('_', '')}{name.replace('_', '')}x"
            fields[name] = secret
            seeded.of_entry[(type_, name)] = secret
        line = f"Zqe{type_.replace('_', '')}linex"
        seeded.of_entry[(type_, "lines")] = line
        fields |= {"lines": [{"title": line, "quantity": 1}], "purpose": "marketing", "channel": "email",
                   "state": "granted", "due_at": "2026-05-01"}  # fmt: skip
        number = f"zqnumber{type_.replace('_', '')}x"
        seeded.of_entry[(type_, "number")] = number
        hidden = f"Zqproperty{type_.replace('_', '')}x"
        seeded.unclassified.append(hidden)
        event = happened(
            party, type_, number, NOON - timedelta(days=at + 1), "open", 4200 + at,
            properties={"colour": hidden}, **fields,
        )  # fmt: skip
        seeded.events.append(event)


@pytest.fixture
async def world(back_end: BackEnd, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(back_end, tmp_path) as world:
        yield world


async def _settle(world: World) -> Seeded:
    """The secrets in the projections, both records judged to be one customer with a secret reason."""
    seeded = seed()
    await world.add_source("crm", "CRM")
    await world.add_source("shop", "Shop")
    await world.deliver(*seeded.events)
    one, other = (id_of(event) for event in seeded.events[:2])
    joined = await world.fetch("SELECT DISTINCT customer_id FROM identity.membership")
    reason = "Zqreasonofjudgementx"
    seeded.of_field["judgement.reason"] = [reason]
    if len(joined) > 1:
        path = f"/api/v1/customers/{one}/merge"
        client = await world.as_role("data_steward")
        answer = await client.post(path, json={"with": str(other), "reason": reason})
        assert answer.status_code == 200, answer.text
    else:
        await world.execute(
            "INSERT INTO identity.judgement (judgement_id, verdict, left_records, right_records, made_by,"
            " made_at, reason) VALUES (gen_random_uuid(), 'same', $1, $2, 'steward', now(), $3)",
            [one], [other], reason,
        )  # fmt: skip
    await world.execute(
        "INSERT INTO identity.doubt VALUES"
        " (least($1::uuid, $2), greatest($1::uuid, $2), 1, true, 'weak_join', 0.4) ON CONFLICT DO NOTHING",
        one, other,
    )  # fmt: skip
    queue = await world.json("data_steward", "/identity/queue")
    assert len(queue["doubts"]) == 1
    job = "00000000-0000-7000-8000-000000000001"
    await world.execute(
        "INSERT INTO identity.model_job (job_id, kind, status, version, against, asked_at, asked_by, result)"
        " VALUES ($1, 'compare', 'done', 'others', 'these', now(), 'steward', '{}')",
        job,
    )
    await world.execute(
        "INSERT INTO identity.model_difference VALUES"
        " ($1, 1, 'split', ARRAY[$2::uuid], ARRAY[$2, $3::uuid],"
        " ARRAY[$2, $3], ARRAY[$2, $2], ARRAY[$2, $3])",
        job, one, other,
    )  # fmt: skip
    found = await world.json("data_steward", "/identity/models/others/differences")
    assert len([row for side in found["differences"][0]["after"] for row in side["shown"]]) == 2
    rows = await world.fetch("SELECT entry_id::text AS id FROM timeline.entry ORDER BY 1")
    seeded.entry_ids = [row["id"] for row in rows]
    await _bring_files(world, seeded)
    flags = await world.fetch("SELECT DISTINCT flag FROM quality.flag_count WHERE source = 'crm' AND n > 0")
    seeded.flags = [row["flag"] for row in flags]
    assert len(seeded.flags) > 5
    await _send_what_is_refused(world, seeded)
    return seeded


async def _bring_files(world: World, seeded: Seeded) -> None:
    """Files with the secrets in samples, in rows that cannot be taken, and in the sentences about those."""
    person = {name: secrets[0] for name, secrets in seeded.of_field.items() if name in fields_of("person")}
    born = "Zqbornx"
    seeded.of_field["birth_date"].append(born)
    person |= {"shoe_size": seeded.unclassified[0]}
    await _bring_file(world, seeded, "person", person, {"birth_date": born})
    due = "Zqduex"
    seeded.of_entry[("ticket", "due_at")] = due
    names = set(fields_of("ticket")) - {"amount", "unit_price"}
    ticket = {n: s for (type_, n), s in seeded.of_entry.items() if type_ == "ticket" and n in names}
    await _bring_file(world, seeded, "ticket", ticket | {"colour": seeded.unclassified[-1]}, {"due_at": due})


async def _bring_file(
    world: World, seeded: Seeded, target: str, row: dict[str, str], wrong: dict[str, str]
) -> None:
    columns = ["key", *row]
    dated = [name for name, one in fields_of(target).items() if one.kind in ("day", "instant")]
    sound = row | {name: "" for name in dated if name in row}
    table = [columns, ["", *row.values()], ["7", *(row | wrong).values()], ["8", *sound.values()]]
    text = "".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in table)
    client = await world.as_role("data_steward")
    path = f"/api/v1/imports?source=crm&stream={target}s&filename={target}s.csv"
    answer = await client.post(path, content=text.encode())
    assert answer.status_code == 201, answer.text
    one = f"/api/v1/imports/{answer.json()['id']}"
    mapped = {name: name if name in fields_of(target) else None for name in columns}
    changes = {"target": target, "id": ["key"], "columns": mapped, "party": None, "occurred_at": None,
               "updated_at": None}  # fmt: skip
    for reply in (await client.put(f"{one}/mapping", json=changes), await client.post(f"{one}/dry-run")):
        assert reply.status_code in (200, 202), reply.text
    services = world.services
    folder = services.settings.home / "imports"
    worker = ImportWorker(services.pool, services.keyring, services.clock, folder, "law")
    assert await worker.work_once()
    rows = (await client.get(f"{one}/rows")).json()["rows"]
    assert [row["code"] for row in rows] == ["no_id", "not_a_date"]
    assert (await client.post(f"{one}/run")).status_code == 202
    assert await worker.work_once()
    await world.back_end.projector.catch_up()
    assert len((await client.get(f"{one}/rows?outcome=stored")).json()["rows"]) == 1
    assert len((await client.get(f"{one}/comparison")).json()["rows"]) == 1
    seeded.import_ids.append(answer.json()["id"])


async def _send_what_is_refused(world: World, seeded: Seeded) -> None:
    """An item with every secret that no door takes: it has no stream."""
    fields = {name: secrets[0] for name, secrets in seeded.of_field.items()}
    item = {"id": seeded.of_field["external_id"][0], "kind": "person", "fields": fields}
    client = await world.as_role("administrator")
    answer = await client.post("/api/v1/sources/crm/records", json=item)
    assert answer.json()["rejected"] == 1, answer.text
    listed = await world.json("administrator", "/sources/crm/quarantine")
    assert len(listed["items"]) == 1
    await world.add_source("left", "What the company left behind")
    assert (await client.post("/api/v1/sources/left/removal")).status_code == 202


def _addresses(world: World, seeded: Seeded) -> dict[str, list[str]]:
    """Every GET route with the concrete addresses that are asked; a route that is not here fails the law."""
    one = f"/api/v1/customers/{id_of(seeded.events[0])}"
    filters = ["", *(f"?filter={name}" for name in ("everything", "important", "web", "marketing"))]
    fields = [*seeded.of_field, "shoe_size", "nothing"]
    typed = [s for secrets in seeded.of_field.values() for s in secrets] + [
        *seeded.of_entry.values(),
        "",
        "Zq",
    ]
    searches = [f"?q={quote(text)}" for text in typed]
    source = "/api/v1/sources/crm"
    imports = [f"/api/v1/imports/{one}" for one in seeded.import_ids]
    return {
        "/api/v1/customers": [f"/api/v1/customers{search}" for search in searches],
        "/api/v1/customers.csv": ["/api/v1/customers.csv", "/api/v1/customers.csv?q=Zqgivenname1x"],
        "/api/v1/customers/{customer_id}": [one],
        "/api/v1/customers/{customer_id}/timeline": [f"{one}/timeline{which}" for which in filters],
        "/api/v1/customers/{customer_id}/timeline/{entry_id}": [
            f"{one}/timeline/{entry_id}" for entry_id in seeded.entry_ids
        ],
        "/api/v1/customers/{customer_id}/identity": [f"{one}/identity"],
        "/api/v1/customers/{customer_id}/changes": [f"{one}/changes"],
        "/api/v1/identity/queue": ["/api/v1/identity/queue"],
        "/api/v1/identity/models": ["/api/v1/identity/models"],
        "/api/v1/identity/models/{version}/differences": ["/api/v1/identity/models/others/differences"],
        "/api/v1/identity/compare": [
            f"/api/v1/identity/compare?left={id_of(seeded.events[0])}&right={id_of(seeded.events[1])}"
        ],
        "/api/v1/customers/{customer_id}/provenance/{field}": [f"{one}/provenance/{name}" for name in fields],
        "/api/v1/customers/{customer_id}/export": [f"{one}/export"],
        "/api/v1/session": ["/api/v1/session"],
        "/api/v1/setup": ["/api/v1/setup"],
        "/api/v1/health": ["/api/v1/health"],
        "/api/v1/openapi.json": ["/api/v1/openapi.json"],
        "/api/v1/sources": ["/api/v1/sources"],
        "/api/v1/sources/{source}/removal": ["/api/v1/sources/left/removal"],
        "/api/v1/removed-sources": ["/api/v1/removed-sources"],
        "/api/v1/sources/{source}/keys": [f"{source}/keys"],
        "/api/v1/sources/{source}/quarantine": [f"{source}/quarantine"],
        "/api/v1/imports": ["/api/v1/imports"],
        "/api/v1/imports/fields": ["/api/v1/imports/fields"],
        "/api/v1/imports/{import_id}": imports,
        "/api/v1/imports/{import_id}/rows": [
            f"{one}/rows{which}" for one in imports for which in ("", "?outcome=stored", "?outcome=unchanged")
        ],
        "/api/v1/imports/{import_id}/comparison": [f"{one}/comparison" for one in imports],
        "/api/v1/connectors": ["/api/v1/connectors"],
        "/api/v1/mapping-targets": ["/api/v1/mapping-targets"],
        "/api/v1/source-health": ["/api/v1/source-health"],
        "/api/v1/sources/{source}/connection": [f"{source}/connection"],
        "/api/v1/sources/{source}/streams": [f"{source}/streams"],
        "/api/v1/sources/{source}/streams/{stream}/mapping": [f"{source}/streams/contacts/mapping"],
        "/api/v1/sources/{source}/quality": [f"{source}/quality"],
        "/api/v1/sources/{source}/quality/records": [
            f"{source}/quality/records?flag={quote(flag)}" for flag in seeded.flags
        ],
        "/api/v1/sources/{source}/cleansings": [f"{source}/cleansings"],
        "/api/v1/sources/{source}/pushes": [f"{source}/pushes"],
        "/hooks/{source}": ["/hooks/crm"],
        "/hooks/{source}/{secret:path}": ["/hooks/crm/guessed"],
        "/hooks/{source}/rooms/{room:path}": ["/hooks/crm/rooms/guessed"],
        "/hooks/{source}/users/{user:path}": ["/hooks/crm/users/guessed"],
        "/hooks/{source}/_matrix/app/v1/rooms/{room:path}": ["/hooks/crm/_matrix/app/v1/rooms/guessed"],
        "/hooks/{source}/_matrix/app/v1/users/{user:path}": ["/hooks/crm/_matrix/app/v1/users/guessed"],
        "/_matrix/app/v1/rooms/{room:path}": ["/_matrix/app/v1/rooms/guessed"],
        "/_matrix/app/v1/users/{user:path}": ["/_matrix/app/v1/users/guessed"],
        "/api/surveys/": ["/api/surveys/?token=guessed"],
        "/array/{key}/config": ["/array/guessed/config"],
        "/array/{key}/config.js": ["/array/guessed/config.js"],
        "/v1/projects/{key}/settings": ["/v1/projects/guessed/settings"],
        "/i": ["/i?aid=guessed"],
        "/snowplow/{key}/i": ["/snowplow/guessed/i"],
        "/sourceConfig": ["/sourceConfig"],
        "/sourceConfig/": ["/sourceConfig/"],
        "/api/{rest:path}": ["/api/v1/nothing", f"/api/{id_of(seeded.events[0])}"],
        "/{path:path}": ["/", f"/customers/{id_of(seeded.events[0])}"],
    }


_WALKED_ELSEWHERE = {"/api/v1/stream": "test_the_live_stream_says_ids_and_versions_only"}


def readable_paths(app: FastAPI) -> set[str]:
    """The paths of every route that answers a GET."""

    def walk(routes: list[BaseRoute]) -> Iterator[str]:
        for route in routes:
            # FastAPI keeps an included router whole and tells its routes with their prefix when asked.
            included = getattr(route, "effective_route_contexts", None)
            nested = list(included()) if included else getattr(route, "routes", None) or []
            methods = getattr(route, "methods", None)
            if getattr(route, "path", None) and not nested and (methods is None or "GET" in methods):
                yield route.path
            yield from walk(nested)

    return set(walk(app.routes))


async def test_every_address_that_can_be_read_is_walked_by_this_law(world: World) -> None:
    walked = set(_addresses(world, seed())) | set(_WALKED_ELSEWHERE)
    assert sorted(readable_paths(world.routes) ^ walked) == []


async def test_no_role_reads_a_secret_of_a_field_it_may_not_see(world: World) -> None:
    seeded = await _settle(world)
    addresses = [one for many in _addresses(world, seeded).values() for one in many]
    read_by_anybody: set[str] = set()
    for role in ALL_ROLES:
        client = await world.as_role(role)
        forbidden = list(seeded.forbidden(role))
        allowed = seeded.allowed(role)
        for address in addresses:
            answer = await client.get(address)
            assert answer.status_code != 500, f"{role} {address}: {answer.text}"
            heard = answer.text + repr(answer.headers)
            leaks = {name for name, secret in forbidden if secret in heard and secret not in address}
            assert not leaks, f"{role} reads {leaks} at {address}"
            read_by_anybody |= {secret for secret in allowed if secret in heard}
    # The law would hold in silence as well: most secrets must be readable by those who may read them.
    readable = set().union(*(seeded.allowed(role) for role in ALL_ROLES))
    assert len(read_by_anybody) > 0.9 * len(readable), readable - read_by_anybody


async def test_the_administrator_reads_no_customer_at_all(world: World) -> None:
    seeded = await _settle(world)
    for template, addresses in _addresses(world, seeded).items():
        if template.startswith("/api/v1/customers"):
            for address in addresses:
                answer = await (await world.as_role("administrator")).get(address)
                assert answer.status_code in (403, 404), address
    assert (await world.get("administrator", "/stream")).status_code == 403


async def test_the_live_stream_says_ids_and_versions_only(world: World) -> None:
    await _settle(world)
    (row,) = await world.fetch("SELECT customer_id FROM profiles.profile")
    customer = row["customer_id"]
    for role in ALL_ROLES:
        if role == "administrator":
            continue
        listener = await world.listen(role, "/stream", {"last-event-id": "0"})
        heard = await listener.until(str(customer))
        await listener.close()
        assert "Zq" not in heard
        assert "zq" not in heard


async def test_what_was_searched_for_stands_in_the_audit_as_a_hash_alone(world: World) -> None:
    seeded = await _settle(world)
    secret = seeded.of_field["email"][0]
    await world.get("sales_rep", "/customers", params={"q": secret})
    rows = await world.fetch("SELECT a::text AS row FROM access.audit_read AS a")
    assert rows
    assert not [row for row in rows if "zq" in row["row"].lower()]
