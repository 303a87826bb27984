"""A pushed request is believed when the source signed it, now, and otherwise refused with a sentence."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from regard.connectors.connector_contract import WebhookRequest
from regard.connectors.signatures.refuse_signature import SignatureRefusedError
from regard.connectors.signatures.signature_catalogue import SCHEMES
from regard.connectors.signatures.verify_hubspot import plain_address
from regard.connectors.signatures.verify_twilio import addresses_of
from tests.connectors.signed_requests import (
    ARRIVED,
    BODY,
    CASES,
    FORM,
    SIGNED_AT,
    STANDARD_SECRET,
    Case,
    digest,
    request,
    standard,
    stripe,
)

TIMED = {name: case for name, case in CASES.items() if case.timed}
WITH_BODY = {name: case for name, case in CASES.items() if case.covers_body}
OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret altogether").decode()


def verify(scheme: str, asked: WebhookRequest, secret: str) -> None:
    SCHEMES[scheme].verify(asked, secret)


def refusal(scheme: str, asked: WebhookRequest, secret: str) -> SignatureRefusedError:
    with pytest.raises(SignatureRefusedError) as caught:
        verify(scheme, asked, secret)
    assert caught.value.status == 401
    assert len(str(caught.value)) > 40
    return caught.value


FIXED = {
    "stripe": ("whsec_test", request({
        "Stripe-Signature":
            "t=1700000000,v1=6fe65cad82f9383efc2872af4a1a955924c50f4962e3ec2373a2109004f4cad1"})),
    "standard_webhooks": (STANDARD_SECRET, request({
        "webhook-id": "msg_1", "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,ia1JWJv7g6CjlpwSwmXJIUUQxSyvpJX0ARj3XRuE5Nw="})),
    "twilio": ("tok", request(
        {"X-Twilio-Signature": "hVB/3fYDgRc/PcyNKjtZiBOuEf8="}, FORM, "https://hub.example/twilio")),
    "shopify": ("secret", request({"X-Shopify-Hmac-Sha256": "8UpnEZtvSHvygYK2MoHi8rW5RjH8JtyP1cwMofK8Q10="})),
    "woocommerce": ("secret", request({
        "X-WC-Webhook-Signature": "8UpnEZtvSHvygYK2MoHi8rW5RjH8JtyP1cwMofK8Q10="})),
    "zendesk": ("secret", request({
        "X-Zendesk-Webhook-Signature": "tMoIVc4O6wbQ59FRaQ1rbDQ1uzrRWA5So9EgZy3dqnA=",
        "X-Zendesk-Webhook-Signature-Timestamp": "1700000000"})),
}  # fmt: skip


@pytest.mark.parametrize("scheme", FIXED)
def test_what_the_vendors_own_library_accepts_is_accepted(scheme: str) -> None:
    secret, asked = FIXED[scheme]
    verify(scheme, asked, secret)


@pytest.mark.parametrize("name", CASES)
def test_a_genuine_request_passes(name: str) -> None:
    case = CASES[name]
    verify(case.scheme, case.sign(BODY, case.secret, SIGNED_AT), case.secret)


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_changed_body_is_refused(name: str) -> None:
    case = WITH_BODY[name]
    asked = case.sign(BODY, case.secret, SIGNED_AT)
    tampered = replace(asked, body=asked.body.replace(b"ann", b"eve"))
    assert tampered.body != asked.body
    assert refusal(case.scheme, tampered, case.secret).code == "wrong_signature"


@pytest.mark.parametrize("name", CASES)
def test_another_secret_is_refused(name: str) -> None:
    case = CASES[name]
    asked = case.sign(BODY, OTHER_SECRET, SIGNED_AT)
    assert refusal(case.scheme, asked, case.secret).code == "wrong_signature"


@pytest.mark.parametrize("name", CASES)
def test_without_any_proof_the_sentence_says_what_is_missing(name: str) -> None:
    case = CASES[name]
    asked = replace(case.sign(BODY, case.secret, SIGNED_AT), headers={}, url="https://hub.example/hooks/shop")
    assert refusal(case.scheme, asked, case.secret).code == "missing_signature"


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("minutes", [5.1, -5.1, 60 * 24 * 3652, -60 * 24 * 3652])
def test_beyond_five_minutes_a_request_is_stale_both_ways(name: str, minutes: float) -> None:
    case = TIMED[name]
    asked = case.sign(BODY, case.secret, SIGNED_AT)
    late = replace(asked, received_at=ARRIVED + timedelta(minutes=minutes))
    error = refusal(case.scheme, late, case.secret)
    assert error.code == "stale_signature"
    assert "clocks" in str(error)
    verify(case.scheme, replace(asked, received_at=ARRIVED + timedelta(minutes=4.9)), case.secret)
    verify(case.scheme, replace(asked, received_at=ARRIVED - timedelta(minutes=4.9)), case.secret)


@pytest.mark.parametrize("name", TIMED)
def test_a_new_time_on_an_old_signature_is_refused(name: str) -> None:
    case = TIMED[name]
    asked = case.sign(BODY, case.secret, SIGNED_AT)
    later = case.sign(BODY, case.secret, SIGNED_AT + 3_600)
    changed = {
        header: value if "signature" not in header or "timestamp" in header else asked.headers[header]
        for header, value in later.headers.items()
    }
    if case.scheme == "stripe":
        changed = {
            "stripe-signature": asked.headers["stripe-signature"].replace(
                str(SIGNED_AT), str(SIGNED_AT + 3_600)
            )
        }
    moved = replace(asked, headers=changed, received_at=ARRIVED + timedelta(hours=1))
    assert refusal(case.scheme, moved, case.secret).code == "wrong_signature"


@pytest.mark.parametrize("name", CASES)
def test_while_a_secret_is_replaced_the_old_and_the_new_one_both_hold(name: str) -> None:
    case = CASES[name]
    both = f"{OTHER_SECRET}\n{case.secret}\n"
    verify(case.scheme, case.sign(BODY, case.secret, SIGNED_AT), both)
    verify(case.scheme, case.sign(BODY, OTHER_SECRET, SIGNED_AT), both)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("secret", ["", " \n\r\n"])
def test_a_source_without_a_secret_lets_nobody_in(scheme: str, secret: str) -> None:
    for case in (case for case in CASES.values() if case.scheme == scheme):
        asked = case.sign(BODY, "" if scheme != "standard_webhooks" else "whsec_", SIGNED_AT)
        refusal(scheme, asked, secret)


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith(("any", "address"))])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_the_headers_only_a_refusal_comes_of_it(name: str, data: st.DataObject) -> None:
    case = CASES[name]
    asked = case.sign(BODY, case.secret, SIGNED_AT)
    text = st.text(max_size=40) | st.sampled_from(
        ["t=1,v1=", "t=x,v1=é", "v1,", "v1a,A", "9" * 30, "²", "\ud800"]
    )
    headers = {header: data.draw(text) for header in asked.headers}
    body = data.draw(st.binary(max_size=30))
    secret = data.draw(st.sampled_from([case.secret, "whsec_é", "whpk_AAAA", "whpk_é", "x"]))
    url = data.draw(st.sampled_from([asked.url, "http://[::1", "", "https://x:99999/hooks/a?bodySHA256=é"]))
    for scheme in {case.scheme, "any"}:
        with pytest.raises(SignatureRefusedError):
            verify(scheme, replace(asked, headers=headers, body=body, url=url), secret)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_proof_for_one_kind_of_sender_is_no_proof_for_another(scheme: str) -> None:
    if scheme == "any":
        return
    for case in CASES.values():
        same_form = {case.scheme, scheme} <= {"any", "standard_webhooks"} or case.scheme == scheme
        if case.scheme != "any" and not same_form:
            refusal(scheme, case.sign(BODY, case.secret, SIGNED_AT), case.secret)


def test_stripe_sends_a_signature_for_each_key_while_one_is_rolled() -> None:
    old = stripe(BODY, "whsec_old", SIGNED_AT).headers["stripe-signature"]
    new = stripe(BODY, "whsec_new", SIGNED_AT).headers["stripe-signature"].partition(",")[2]
    asked = request({"Stripe-Signature": f"{old}, {new}"})
    verify("stripe", asked, "whsec_old")
    verify("stripe", asked, "whsec_new")
    refusal("stripe", asked, "whsec_third")


def test_svix_names_its_headers_otherwise_and_lists_several_signatures() -> None:
    signed = standard(BODY, STANDARD_SECRET, SIGNED_AT).headers
    headers = {name.replace("webhook", "svix"): value for name, value in signed.items()}
    headers["svix-signature"] = f"v1,AAAA v2,BBBB {headers['svix-signature']}"
    verify("standard_webhooks", request(headers), STANDARD_SECRET)


def test_a_public_key_proves_without_sharing_a_secret() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    secret = "whpk_" + base64.b64encode(public).decode()
    signature = base64.b64encode(private.sign(f"msg_1.{SIGNED_AT}.".encode() + BODY)).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(SIGNED_AT)}
    verify("standard_webhooks", request(headers | {"webhook-signature": f"v1a,{signature}"}), secret)
    refusal("standard_webhooks", request(headers | {"webhook-signature": f"v1,{signature}"}), secret)
    tampered = request(headers | {"webhook-signature": f"v1a,{signature}"}, BODY + b" ")
    refusal("standard_webhooks", tampered, secret)


def test_the_public_key_itself_signs_nothing() -> None:
    public = base64.b64encode(b"k" * 32).decode()
    forged = standard(BODY, public, SIGNED_AT)
    refusal("standard_webhooks", forged, f"whpk_{public}")


def test_hubspot_signs_an_address_with_some_characters_written_plainly() -> None:
    given_address = "https://x/a?b=%3a%2F%3F%40%21%24%27%28%29%2A%2C%3B%26%20%2B%25#part"
    assert plain_address(given_address) == "https://x/a?b=:/?@!$'()*,;%26%20%2B%25"


def test_an_old_hubspot_signature_does_not_stand_in_for_a_stale_new_one() -> None:
    case = CASES["hubspot-v3"]
    stale = case.sign(BODY, case.secret, SIGNED_AT - 3_600)
    older = CASES["hubspot-v1"].sign(BODY, case.secret, SIGNED_AT)
    asked = replace(stale, headers={**stale.headers, **older.headers})
    assert refusal("hubspot", asked, case.secret).code == "stale_signature"


@pytest.mark.parametrize("stamp", ["1700000000", "2023-11-14T22:13:20Z", "2023-11-14T17:13:20.5-05:00"])
def test_zendesk_writes_its_time_as_text_or_digits(stamp: str) -> None:
    signature = base64.b64encode(digest(b"secret", stamp.encode() + BODY)).decode()
    headers = {"X-Zendesk-Webhook-Signature": signature, "X-Zendesk-Webhook-Signature-Timestamp": stamp}
    verify("zendesk", request(headers), "secret")


def test_twilio_signs_with_or_without_the_port_and_never_another_host() -> None:
    assert addresses_of("https://hub.example/a?b=1") == [
        "https://hub.example/a?b=1",
        "https://hub.example:443/a?b=1",
    ]
    assert addresses_of("http://hub.example:8080/a") == [
        "http://hub.example:8080/a",
        "http://hub.example/a",
        "http://hub.example:80/a",
    ]
    signed = FIXED["twilio"][1]
    verify("twilio", replace(signed, url="https://hub.example:8443/twilio"), "tok")
    refusal("twilio", replace(signed, url="http://hub.example/twilio"), "tok")


def test_twilio_joins_each_value_of_a_repeated_name_once_and_sorted() -> None:
    url = "https://hub.example/hooks/calls"
    signature = base64.b64encode(digest(b"tok", f"{url}Aé Media1Media2Z".encode(), "sha1")).decode()
    form = b"Z=&Media=2&Media=1&Media=2&A=%C3%A9+"
    verify("twilio", request({"X-Twilio-Signature": signature}, form, url), "tok")


def test_the_unsigned_test_of_woocommerce_passes_and_nothing_longer_does() -> None:
    verify("woocommerce", request({}, b"webhook_id=7"), "secret")
    refusal("woocommerce", request({}, b"webhook_id=7&x=1"), "secret")
    refusal("woocommerce", request({"X-WC-Webhook-Signature": "x"}, b"webhook_id=7"), "secret")


def test_an_unknown_sender_may_write_its_hash_as_it_likes() -> None:
    made = digest(b"secret", BODY)
    for text in (
        made.hex(),
        made.hex().upper(),
        f"sha256={made.hex()}",
        base64.b64encode(made).decode(),
        "hmac-sha256=" + base64.b64encode(made).decode(),
        digest(b"secret", BODY, "sha512").hex(),
    ):
        verify("any", request({"X-Acme-Hmac": text}), "secret")
    verify("any", request({"X-Gitlab-Token": "secret"}), "secret")
    verify("any", request({"X-Signature": "unknown"}, url="https://hub.example/hooks/a/secret"), "secret")
    refusal("any", request({"X-Acme-Hmac": "", "X-Acme-Token": ""}), "secret")


def test_a_user_and_password_of_ones_own_choice_are_one_secret() -> None:
    asked = CASES["basic"].sign(BODY, "pass:word", SIGNED_AT)
    verify("basic_password", asked, "regard:pass:word")
    verify("basic_password", asked, "pass:word")
    refusal("basic_password", asked, "word")


def test_the_table_of_schemes_says_which_know_their_time() -> None:
    for case in CASES.values():
        if case.scheme not in {"any", "hubspot"}:
            assert SCHEMES[case.scheme].timed == case.timed


def test_no_sentence_repeats_a_secret_or_a_signature() -> None:
    for case in _distinct():
        asked = case.sign(BODY, OTHER_SECRET, SIGNED_AT)
        said = str(
            refusal(
                case.scheme, asked, "the-secret-of-the-source" if "whsec" not in case.secret else case.secret
            )
        )
        assert "the-secret-of-the-source" not in said
        assert all(value not in said for value in asked.headers.values() if len(value) > 8)


def _distinct() -> list[Case]:
    return list(CASES.values())
