"""Single mails, well-formed and not: everything readable is read, and nothing stops the reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.connectors.mail.judge_mail import read_ours
from regard.connectors.mail.parse_mail import RawMail, Reader, parse_mail
from tests.connectors.describe_items import describe, items_of

DELIVERED = datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
READER = Reader(read_ours(["shop.example", "ann@partner.example"]), ZoneInfo("Europe/Berlin"))


def body_of(raw: str | bytes) -> dict[str, Any]:
    data = raw.encode() if isinstance(raw, str) else raw
    record = parse_mail(RawMail(data, len(data), DELIVERED), READER)
    assert record.body is not None
    return dict(record.body)


def head_of(**headers: str) -> dict[str, Any]:
    return body_of(
        "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items()) + "\nhi"
    )


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("=?utf-8?B?TcO8bGxlciwgQW5uYQ==?= <Anna@Home.Example>", "Müller, Anna", "Anna@home.example"),
        ("=?iso-8859-1?Q?M=FCller?= <a@home.example>", "Müller", "a@home.example"),
        ('"=?utf-8?q?M=C3=BCller?=" <a@home.example>', "Müller", "a@home.example"),
        ("=?utf-8?B?TcO8bGxl?= =?utf-8?B?cg==?= <a@home.example>", "Müller", "a@home.example"),
        ("=?utf-8?B?TcO?= =?utf-8?B?vGxsZXI=?= <a@home.example>", None, "a@home.example"),
        ("=?x-unknown?Q?M=C3=BCller?= <a@home.example>", "Müller", "a@home.example"),
        ("=?zlib?B?eJwDAAAAAAE=?= <a@home.example>", None, "a@home.example"),
        ("Doe, Jane <jane@home.example>", "Doe, Jane", "jane@home.example"),
        ("jane@home.example (Jane Doe)", "Jane Doe", "jane@home.example"),
        ("'jane@home.example' <jane@home.example>", "", "jane@home.example"),
    ],
)
def test_names_are_read_however_they_are_encoded(written: str, name: str | None, address: str) -> None:
    sender = head_of(From=written)["from"]
    assert sender["address"] == address
    assert name is None or sender["name"] == name


def test_raw_bytes_beyond_ascii_in_a_header_are_read_too() -> None:
    assert body_of("From: Jürgen <j@home.example>\n\nx".encode())["from"]["name"] == "Jürgen"
    assert body_of("From: Jürgen <j@home.example>\n\nx".encode("latin-1"))["from"]["name"] == "Jürgen"


def test_the_thread_is_the_root_of_all_references() -> None:
    answer = head_of(Message_ID="<c@x>", In_Reply_To="<b@x>", References="<a@x>\n <b@x>")
    assert (answer["thread_id"], answer["in_reply_to"]) == ("a@x", "b@x")
    assert head_of(Message_ID="<b@x>", In_Reply_To="<a@x>")["thread_id"] == "a@x"
    assert head_of(Message_ID="<a@x>")["thread_id"] == "a@x"


@pytest.mark.parametrize(
    ("written", "read", "doubt"),
    [
        ("Mon, 02 Mar 2026 10:00:00 +0100", "2026-03-02T09:00:00+00:00", False),
        ("Mon, 02 Mar 2026 08:00:00 -0000", "2026-03-02T08:00:00+00:00", False),
        ("Mon, 02 Mar 2026 09:00:00", "2026-03-02T08:00:00+00:00", False),
        ("Thu, 01 Jan 1970 00:00:00 +0000", DELIVERED.isoformat(), True),
        ("Mon, 02 Mar 2036 10:00:00 +0100", DELIVERED.isoformat(), True),
        ("yesterday", DELIVERED.isoformat(), True),
        ("Mon, 99 Mar 2026 10:00:00 +9999", DELIVERED.isoformat(), True),
    ],
)
def test_a_date_that_cannot_be_gives_way_to_the_delivery(written: str, read: str, doubt: bool) -> None:
    body = head_of(From="a@home.example", Date=written)
    assert body["date"] == read
    assert bool(body["problems"]) is doubt


def test_the_way_of_a_mail_is_seen_from_us() -> None:
    def way(**headers: str) -> tuple[str, list[str]]:
        body = head_of(**headers)
        return body["direction"], [one["address"] for one in body["outside"]]

    assert way(From="c@home.example", To="help@shop.example") == ("inbound", ["c@home.example"])
    assert way(From="x@mail.shop.example", To="c@home.example") == ("outbound", ["c@home.example"])
    assert way(From="ann@partner.example", To="bob@partner.example") == ("outbound", ["bob@partner.example"])
    assert way(From="x@shop.example", To="y@shop.example") == ("outbound", [])
    form = {"From": "web@shop.example", "To": "help@shop.example", "Reply_To": "c@home.example"}
    assert way(**form) == ("inbound", ["c@home.example"])
    hosted = {"From": "noreply@forms.example", "To": "help@shop.example", "Reply_To": "c@home.example"}
    assert way(**hosted) == ("inbound", ["c@home.example", "noreply@forms.example"])
    assert way(From="notshop.example@home.example", To="z@evilshop.example")[0] == "inbound"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto-reply"),
        ({"Auto_Submitted": "no"}, None),
        ({"List_Id": "<news.example>"}, "list"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"From": "MAILER-DAEMON@home.example"}, "bounce"),
        ({"From": "no-reply@home.example"}, "bulk"),
        ({}, None),
    ],
)
def test_mail_that_no_person_wrote_is_told_apart(headers: dict[str, str], kind: str | None) -> None:
    assert head_of(**({"From": "c@home.example"} | headers))["automatic"] == kind


def test_html_is_made_safe_and_read_when_there_is_no_plain_text() -> None:
    body = body_of(
        "From: c@home.example\nContent-Type: text/html; charset=utf-8\n\n"
        "<html><head><title>t</title><style>p{background:url(http://spy.example)}</style></head>"
        '<body onload="x()"><p style="background:url(http://spy.example)">Hello<br>there</p>'
        '<script>steal()</script><img src="http://spy.example/1.png"><a href="javascript:x()">click</a>'
        '<form action="http://spy.example"><input name="p"></form><svg><image href="http://spy.example"/></svg>'
        "<ul><li>one</li><li>two</li></ul><blockquote>old</blockquote></body></html>"
    )
    assert "spy.example" not in body["html"]
    assert not {"script", "onload", "javascript", "steal", "<img", "<form"} & set(body["html"].split('"'))
    assert all(word not in body["html"] for word in ("script", "onload", "steal", "img", "form", "style"))
    assert body["text"] == "Hello\nthere\n\nclick\n- one\n- two\n\n> old"
    assert body["reply"] == "Hello\nthere\n\nclick\n- one\n- two"


def test_attachments_are_named_and_measured_and_not_kept() -> None:
    body = body_of(
        "From: c@home.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/"
        "alternative; boundary=c\n\n--c\nContent-Type: text/plain\n\nplain\n--c\nContent-Type: text/html\n\n"
        "<p>html</p>\n--c--\n--b\n"
        'Content-Type: application/pdf; name="=?utf-8?q?Rechnung_f=C3=BCr_Anna.pdf?="\n'
        "Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nc2VjcmV0\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: inner\nFrom: x@y.example\n\ninner text\n--b--\n"
    )
    assert body["text"] == "plain"
    assert body["attachments"] == [
        {"name": "Rechnung für Anna.pdf", "type": "application/pdf", "size": 6},
        {"name": "inner", "type": "message/rfc822", "size": None},
    ]
    assert "secret" not in str(body)
    assert "inner text" not in str(body)


def test_a_mail_without_sender_or_id_is_kept_with_its_problems() -> None:
    body = body_of(b"Subject: who?\x00\n\nhi \x00 there")
    assert (body["subject"], body["text"], body["from"]) == ("who?", "hi  there", None)
    assert "the mail names no sender" in body["problems"]


def test_nobody_can_replace_a_mail_by_sending_another_with_its_id() -> None:
    def named(sender: str) -> str:
        raw = f"From: {sender}\nMessage-ID: <known@shop.example>\n\nx".encode()
        return parse_mail(RawMail(raw, len(raw), DELIVERED), READER).external_id

    assert named("help@shop.example") != named("eve@evil.example")
    assert named("help@shop.example") == named("Help <help@shop.example>")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0\0\0",
        b"From: " + b"(" * 90_000,
        b"Content-Type: text/html\n\n" + b"<div>" * 90_000,
        b"Content-Type: text/html\n\n" + b"<a <" * 90_000,
        b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 500_000,
        b"\n\n" + b"On 1 2\n" * 100_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000)),
        b"Content-Type: message/rfc822\n\n" * 3_000,
        b"Content-Transfer-Encoding: base64\n\n=!=!",
        b"Content-Type: text/plain" + b"; a*0=1" * 10_000 + b"\n\nx",
        b"Content-Disposition: attachment; filename*=x-none''%ff\n\nx",
    ],
    ids=range(12),
)
def test_hostile_mail_is_read_as_far_as_it_can_be(raw: bytes) -> None:
    body = body_of(raw)
    assert body["problems"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 300))
def test_no_mail_stops_the_reading(noise: bytes, at: int) -> None:
    sound = (
        b"From: =?utf-8?B?TcO8?= <a@home.example>\nDate: Mon, 02 Mar 2026 10:00:00 +0100\nMessage-ID: <a@x>\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>x</p>\n--b--\n"
    )
    text = str(body_of(sound[:at] + noise + sound[at:]))
    assert "\\x00" not in text
    assert text.encode("utf-8")


def test_a_mail_is_a_message_of_the_person_behind_the_address() -> None:
    raw = (
        b"From: Ann Lee <Ann@Home.example>\nTo: help@shop.example\nSubject: Where is it?\nMessage-ID: <m@x>\n"
        b"References: <root@x>\nDate: Mon, 02 Mar 2026 10:00:00 +0100\n\nHello\n\n> old text\n"
    )
    record = parse_mail(RawMail(raw, len(raw), DELIVERED), READER)
    message, person = describe(items_of("imap", record))
    assert message.startswith(
        f"message messages/{record.external_id} of addresses/ann@home.example at 2026-03-02T09"
    )
    assert "title: Where is it?" in message
    assert "text: Hello;" in message
    assert "ticket: root@x" in message
    assert "direction: inbound" in message
    assert person.startswith("person addresses/ann@home.example as of 2026-03-02T09")
    assert "full_name: Ann Lee" in person


@pytest.mark.parametrize(
    "header", [b"List-Id: <n>", b"Precedence: bulk", b"From: mailer-daemon@home.example"]
)
def test_lists_and_bounces_make_no_customers(header: bytes) -> None:
    raw = header + b"\nFrom: news@home.example\nTo: help@shop.example\n\nbuy"
    assert items_of("imap", parse_mail(RawMail(raw, len(raw), DELIVERED), READER)) == []
