"""What a Matrix home server pushes: messages, edits, redactions and members, as records with a meaning."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from regard.connectors.connector_contract import RawRecord, WebhookRequest
from regard.connectors.matrix.translate_matrix import translate_transaction
from regard.connectors.name_origin import ItemRefusedError
from tests.connectors.describe_items import describe, items_of

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT = int(NOW.timestamp() * 1000) - 60_000
ANN, AGENT = "@ann:home.example", "@agent-7:shop.example"
SETTINGS = {"our_users": "@agent-.*:shop\\.example"}


def take(*events: object, body: bytes | None = None) -> list[RawRecord]:
    text = body if body is not None else json.dumps({"events": events}).encode()
    return list(translate_transaction(WebhookRequest("PUT", "http://r", {}, text, NOW), SETTINGS).records)


def event(kind: str, content: dict[str, Any], sender: str = ANN, **more: Any) -> dict[str, Any]:
    return {
        "type": kind, "content": content, "sender": sender, "room_id": "!r:home.example", "event_id": "$one",
        "origin_server_ts": AT, "age": 5, "unsigned": {"age": 5}, **more,
    }  # fmt: skip


def said(text: str, **more: Any) -> dict[str, Any]:
    return event("m.room.message", {"msgtype": "m.text", "body": text}, **more)


def edited(text: str, of: str, sender: str = ANN) -> dict[str, Any]:
    content = {
        "msgtype": "m.text", "body": f"* {text}", "m.new_content": {"msgtype": "m.text", "body": text},
        "m.relates_to": {"rel_type": "m.replace", "event_id": of},
    }  # fmt: skip
    return event("m.room.message", content, sender, event_id="$edit")


def lines(record: RawRecord) -> list[str]:
    return describe(items_of("matrix", record))


def test_what_a_real_home_server_sent_is_understood(shared_data: Path) -> None:
    captured = (shared_data / "source_captures" / "matrix-synapse-1.163.2-appservice.jsonl").read_text()
    found = [record for line in captured.splitlines() for record in take(body=json.loads(line)["b"].encode())]
    assert [record.stream for record in found] == ["members", "rooms", "members", "messages"]
    message, _ = lines(found[-1])
    assert "text: Hi, where is my order 1001?" in message
    assert "of senders/@ann:demo.example" in message
    ann = lines(found[0])
    assert ann[0].startswith("person users/@ann:demo.example")
    assert "full_name: ann" in ann[0]


def test_a_message_belongs_to_its_sender_and_its_room() -> None:
    message, person = lines(take(said("Hello"))[0])
    assert message.startswith(f"message messages/{ANN} $one of senders/{ANN} at 2026-03-02T11:59")
    assert "ticket: !r:home.example" in message
    assert "direction: inbound" in message
    assert person.startswith("person senders/@ann:home.example")


def test_what_we_write_is_outgoing_and_makes_no_customer() -> None:
    (message,) = lines(take(said("On its way", sender="@agent-7:shop.example"))[0])
    assert "of nobody" in message
    assert "direction: outbound" in message
    joined = event("m.room.member", {"membership": "join"}, AGENT, state_key=AGENT)
    assert lines(take(joined)[0]) == []
    other = said("Hi", sender="@agent-7:shop.example.evil.example")
    assert "direction: inbound" in lines(take(other)[0])[0]


def test_an_edit_replaces_the_message_of_its_own_sender_only() -> None:
    original, own = take(said("tomorow"))[0], take(edited("tomorrow", "$one"))[0]
    forged = take(edited("never", "$one", "@eve:evil.example"))[0]
    name = lines(original)[0].split(" of ")[0]
    assert lines(own)[0].split(" of ")[0] == name
    assert "text: tomorrow" in lines(own)[0]
    assert lines(forged)[0].split(" of ")[0] != name


def test_a_redaction_takes_message_and_edit_away_in_old_rooms_and_new() -> None:
    old = event("m.room.redaction", {}, redacts="$one")
    new = event("m.room.redaction", {"redacts": "$one"})
    for redaction in (old, new):
        gone = take(redaction)
        assert [(record.stream, record.external_id, record.deleted) for record in gone] == [
            ("messages", "$one", True), ("edits", "$one", True),
        ]  # fmt: skip


def test_a_member_gets_the_name_that_he_gave_himself() -> None:
    own = event("m.room.member", {"membership": "join", "displayname": "Ann Lee"}, state_key=ANN)
    person, ticket, sender = lines(take(own)[0])
    assert "full_name: Ann Lee" in person
    assert ticket.startswith("ticket rooms/!r:home.example of senders/@ann:home.example")
    assert sender.startswith("person senders/@ann:home.example")
    invited = event("m.room.member", {"membership": "invite", "displayname": "Rude"}, "@eve:evil.example",
                    state_key=ANN)  # fmt: skip
    assert not any("full_name" in line for line in lines(take(invited)[0]))


def test_the_quoted_message_before_an_answer_is_left_out() -> None:
    content = {
        "msgtype": "m.text", "body": "> <@agent-7:shop.example> When?\n> Say.\n\nToday",
        "m.relates_to": {"m.in_reply_to": {"event_id": "$zero"}},
    }  # fmt: skip
    (record,) = take(event("m.room.message", content))
    assert record.body is not None
    assert record.body["text"] == "Today"


@pytest.mark.parametrize(
    "broken",
    [
        {}, 7, None, [], "x", event("m.room.message", {}, sender="not a user"), said("x", event_id=7),
        said("x", event_id=""), {**said("x"), "content": "x"}, event("m.room.redaction", {"redacts": 7}),
        event("m.room.member", {}, state_key=7), event("m.unknown", {}),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_broken_event_does_not_stop_its_neighbours(broken: object) -> None:
    assert [record.external_id for record in take(broken, said("Hello", event_id="$two"))] == ["$two"]


def test_odd_values_are_read_as_far_as_they_can_be() -> None:
    (record,) = take(said("a\0b", origin_server_ts=AT + 10**15))
    assert (record.updated_at, record.body and record.body["text"]) == (NOW, "ab")
    (encrypted,) = take(event("m.room.encrypted", {"ciphertext": "x"}))
    assert encrypted.body is not None
    assert encrypted.body["text"] is None
    assert take(body=b'{"transaction_id": "ping"}') == []
    with pytest.raises(ItemRefusedError):
        take(body=b"not json")
