"""What becomes of events: whose timeline they stand in, what they add up to, and what is set aside."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import UNSET

from regard.events.envelope import Event, RecordKey, believed_time
from regard.events.interaction_events import InteractionDeleted, InteractionStated, PartyReference
from regard.events.record_events import RecordDeleted
from tests.laws.back_end import BackEnd
from tests.laws.companies import START, event, person

ANNE = person("shop", 1, 1, "1", full_name="Anne Kowalczyk", email="anne@example.com")
JAN = person("shop", 2, 1, "2", full_name="Jan Nowak", email="jan@example.org")


def happened(
    number: int, kind: str, party: str | None, external_id: str, minute: int = 10, **stated: Any
) -> Event:
    """An interaction of the shop; `party` None leaves it to the order or ticket it belongs to."""
    fields = {
        name: stated.pop(name)
        for name in ("order", "ticket", "due_at", "purpose", "channel", "state")
        if name in stated
    }
    body = InteractionStated(
        f"{kind}s", external_id, kind, PartyReference("people", party) if party else None,
        stated.get("status"), stated.get("amount_minor"), stated.get("currency"), fields,
        dated_by=stated.get("dated_by", UNSET),
    )  # fmt: skip
    key = RecordKey("shop", "people", party) if party else RecordKey("shop", f"{kind}s", external_id)
    return event("shop", 1_000 + number, minute, key, body)


async def figures(back_end: BackEnd, customer: Event) -> dict[str, Any]:
    async with back_end.pool.acquire() as connection:
        text = await connection.fetchval(
            "SELECT figures::text FROM indicators.figures WHERE customer_id = $1", customer.subject.record_id
        )
    return dict(json.loads(text)) if text else {}


async def owners(back_end: BackEnd) -> dict[str, UUID | None]:
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch("SELECT external_id, record_id FROM timeline.entry WHERE NOT deleted")
    return {row["external_id"]: row["record_id"] for row in rows}


async def test_a_line_without_a_customer_belongs_to_the_customer_of_its_order_whichever_comes_first(
    back_end: BackEnd,
) -> None:
    early = happened(1, "order_line", None, "77-a", order="77", amount_minor=500, currency="EUR")
    late = happened(2, "order_line", None, "77-b", order="77", amount_minor=250, currency="EUR")
    order = happened(3, "order", "1", "77", status="paid")
    await back_end.deliver([ANNE, early, order, late], batch=1)

    assert set((await owners(back_end)).values()) == {ANNE.subject.record_id}
    orders = (await figures(back_end, ANNE))["orders"]
    assert orders["count"] == 1
    assert orders["by_currency"] == {"EUR": {"ordered": 750, "refunded": 0}}


async def test_an_order_that_is_given_to_another_customer_takes_its_lines_along(back_end: BackEnd) -> None:
    line = happened(1, "order_line", None, "77-a", order="77", amount_minor=500, currency="EUR")
    await back_end.deliver([ANNE, JAN, line, happened(2, "order", "1", "77")])
    await back_end.deliver([happened(3, "order", "2", "77", minute=30)])
    assert set((await owners(back_end)).values()) == {JAN.subject.record_id}
    assert "orders" not in await figures(back_end, ANNE)


async def test_a_guest_order_is_kept_and_belongs_to_nobody(back_end: BackEnd) -> None:
    await back_end.deliver([happened(1, "order", None, "G1", amount_minor=900, currency="EUR")])
    assert await owners(back_end) == {"G1": None}


async def test_an_order_whose_customer_is_not_known_yet_waits_for_the_record(back_end: BackEnd) -> None:
    await back_end.deliver([happened(1, "order", "1", "77", amount_minor=900, currency="EUR")])
    await back_end.deliver([ANNE])
    async with back_end.pool.acquire() as connection:
        assert await connection.fetchval("SELECT name FROM profiles.profile") == "Anne Kowalczyk"
    assert (await figures(back_end, ANNE))["orders"]["count"] == 1


async def test_an_order_with_an_amount_of_its_own_does_not_count_its_lines_as_well(back_end: BackEnd) -> None:
    order = happened(1, "order", "1", "77", amount_minor=1_000, currency="EUR")
    line = happened(2, "order_line", "1", "77-a", order="77", amount_minor=1_000, currency="EUR")
    await back_end.deliver([ANNE, order, line])
    assert (await figures(back_end, ANNE))["orders"]["by_currency"]["EUR"]["ordered"] == 1_000


async def test_cancelled_orders_do_not_count_and_refunds_stand_apart(back_end: BackEnd) -> None:
    await back_end.deliver(
        [
            ANNE,
            happened(1, "order", "1", "77", amount_minor=1_000, currency="EUR", status="cancelled"),
            happened(2, "order", "1", "78", amount_minor=700, currency="EUR", status="paid"),
            happened(3, "refund", "1", "r1", amount_minor=200, currency="EUR", order="78"),
        ]
    )
    orders = (await figures(back_end, ANNE))["orders"]
    assert orders["count"] == 1
    assert orders["by_currency"]["EUR"] == {"ordered": 700, "refunded": 200}


async def test_a_ticket_that_is_solved_is_no_longer_open(back_end: BackEnd) -> None:
    await back_end.deliver([ANNE, happened(1, "ticket", "1", "T1", status="open")])
    assert (await figures(back_end, ANNE))["tickets"]["open"] == 1
    await back_end.deliver([happened(2, "ticket", "1", "T1", minute=50, status="solved")])
    assert (await figures(back_end, ANNE))["tickets"] == {"open": 0, "total": 1}


async def test_what_nothing_dates_is_counted_and_is_neither_the_first_nor_the_last(back_end: BackEnd) -> None:
    kinds = {"order": "paid", "payment": "succeeded", "ticket": "open", "message": None, "campaign": None}
    await back_end.deliver([
        ANNE,
        *(happened(n, kind, "1", f"new-{kind}", minute=500, status=status, dated_by="arrival")
          for n, (kind, status) in enumerate(kinds.items())),
    ])  # fmt: skip
    undated = await figures(back_end, ANNE)
    assert undated["entries"] == len(kinds)
    assert undated["orders"]["count"] == undated["payments"]["count"] == undated["tickets"]["open"] == 1
    assert not [
        name for name in ("first_at", "last_at", "oldest_open_at") if f'"{name}"' in json.dumps(undated)
    ]
    await back_end.deliver([
        happened(10 + n, kind, "1", f"old-{kind}", minute=20, status=status)
        for n, (kind, status) in enumerate(kinds.items())
    ])  # fmt: skip
    told = await figures(back_end, ANNE)
    at = (START + timedelta(minutes=20)).isoformat()
    times = [told[name]["last_at"] for name in ("orders", "payments", "contact", "campaigns")]
    assert [*times, told["tickets"]["oldest_open_at"]] == [at] * 5


async def test_a_refusal_outlives_an_older_consent_that_arrives_late(back_end: BackEnd) -> None:
    stated = {"purpose": "marketing", "channel": "email"}
    denied = happened(1, "consent", "1", "c2", minute=60, state="denied", **stated)
    granted = happened(2, "consent", "1", "c1", minute=20, state="granted", **stated)
    await back_end.deliver([ANNE, denied, granted], batch=1)
    async with back_end.pool.acquire() as connection:
        assert await connection.fetchval("SELECT state FROM consent.statement") == "denied"


async def test_an_event_that_cannot_be_applied_is_set_aside_and_the_others_go_on(back_end: BackEnd) -> None:
    # A number that no bigint holds cannot come through the doors; a faulty one might still let it in.
    broken = happened(1, "order", "1", "X", amount_minor=2**80, currency="EUR")
    await back_end.deliver(
        [ANNE, broken, JAN, happened(2, "order", "2", "78", amount_minor=1, currency="EUR")]
    )
    async with back_end.pool.acquire() as connection:
        parked = await connection.fetch("SELECT source, event_id, reason FROM pipeline.parked_event")
        names = await connection.fetch("SELECT name FROM profiles.profile ORDER BY name")
    assert [(row["source"], row["event_id"]) for row in parked] == [("shop", broken.event_id)]
    assert [row["name"] for row in names] == ["Anne Kowalczyk", "Jan Nowak"]
    assert (await figures(back_end, JAN))["orders"]["count"] == 1


async def test_one_bad_event_among_many_costs_a_few_failures_and_not_one_for_each(back_end: BackEnd) -> None:
    crowd = [person("crm", n, n, str(n), full_name=f"Person {n}") for n in range(400)]
    broken = happened(1, "order", "1", "X", amount_minor=2**80, currency="EUR")
    await back_end.append([*crowd[:200], broken, *crowd[200:]])
    tries = 0
    commit = back_end.projector._commit

    async def counted(*args: Any, **named: Any) -> None:
        nonlocal tries
        tries += 1
        await commit(*args, **named)

    back_end.projector._commit = counted  # type: ignore[method-assign]
    await back_end.projector.catch_up()
    assert tries < 25
    async with back_end.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM profiles.profile") == 400
        assert await connection.fetchval("SELECT count(*) FROM pipeline.parked_event") == 1


async def test_what_belongs_to_a_deleted_order_still_belongs_to_its_customer_after_a_rebuild(
    back_end: BackEnd,
) -> None:
    order = happened(1, "order", "1", "77", amount_minor=900, currency="EUR")
    payment = happened(2, "payment", None, "P1", order="77", amount_minor=900, currency="EUR")
    await back_end.deliver([ANNE, order, payment], batch=1)
    await back_end.deliver([event("shop", 3, 60, order.subject, InteractionDeleted("orders", "77"))])
    before = await back_end.digests()
    assert (await owners(back_end))["P1"] == ANNE.subject.record_id
    await back_end.rebuild()
    assert await back_end.digests() == before


async def test_a_rebuild_writes_no_history_of_memberships_a_second_time(back_end: BackEnd) -> None:
    fields = {"full_name": "Anne Kowalczyk", "email": "anne@example.com", "birth_date": "1980-02-03"}
    await back_end.deliver([person("crm", 1, 1, "1", **fields)])
    await back_end.deliver([person("mail", 1, 2, "1", **fields)])
    count = "SELECT count(*) FROM identity.customer_change"
    async with back_end.pool.acquire() as connection:
        once = await connection.fetchval(count)
        assert once
        await back_end.rebuild()
        assert await connection.fetchval(count) == once


async def test_a_deleted_record_keeps_its_history_but_states_nothing_any_more(back_end: BackEnd) -> None:
    fields = {"full_name": "Anne Kowalczyk", "email": "anne@example.com", "birth_date": "1980-02-03"}
    in_crm = person("crm", 1, 2, "9", plan="gold", **fields)
    in_shop = person("shop", 1, 1, "1", **fields)
    await back_end.deliver([in_shop, in_crm])
    assert await plans(back_end) == ["gold"]
    await back_end.deliver([event("crm", 2, 3, in_crm.subject, RecordDeleted("people", "9"))])
    assert await plans(back_end) == [None]


async def plans(back_end: BackEnd) -> list[str | None]:
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch("SELECT golden #>> '{plan,value}' AS plan FROM profiles.profile")
    return [row["plan"] for row in rows]


async def test_two_workers_taking_turns_never_work_from_a_stale_memory(back_end: BackEnd) -> None:
    fields = {"full_name": "Anne Kowalczyk", "email": "anne@example.com", "birth_date": "1980-02-03"}
    other = back_end.new_projector()
    for number, source in enumerate(("crm", "shop", "mail", "desk")):
        await back_end.append([person(source, 1, number, "1", **fields)])
        await (other if number % 2 else back_end.projector).catch_up()
    assert len(await plans(back_end)) == 1


async def test_the_change_feed_numbers_changes_without_a_gap(back_end: BackEnd) -> None:
    await back_end.deliver([ANNE, JAN, happened(1, "order", "1", "77")], batch=1)
    async with back_end.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT position, customer_id, kinds FROM pipeline.change_feed ORDER BY 1"
        )
        version = await connection.fetchval(
            "SELECT version FROM profiles.profile WHERE name = 'Anne Kowalczyk'"
        )
    assert [row["position"] for row in rows] == [1, 2, 3]
    assert rows[2]["kinds"] == ["timeline"]
    assert version == 3


def test_an_event_from_the_future_is_filed_under_the_time_it_was_received() -> None:
    assert believed_time(START + timedelta(days=3650), START) == START
    assert believed_time(START + timedelta(minutes=1), START) == START + timedelta(minutes=1)
