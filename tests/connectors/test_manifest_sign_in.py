"""How requests of a manifest prove who asks."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from regard.connectors.connector_contract import (
    SourceRefusesError,
)
from tests.connectors.manifest_sources import (
    AUTH,
    BASE,
    ONE,
    Source,
    bodies,
    giving,
    read,
    stream,
)


@pytest.mark.parametrize(
    ("authenticator", "config", "header", "value"),
    [
        ({"type": "BearerAuthenticator", "api_token": "{{ config.k }}"}, {"k": "t"}, AUTH, "Bearer t"),
        ({"type": "BasicHttpAuthenticator", "username": "{{ config.u }}"}, {"u": "u"}, AUTH, "Basic dTo="),
        ({"type": "ApiKeyAuthenticator", "header": "X", "api_token": "{{ config.k }}"}, {"k": 1}, "x", "1"),
        (
            {
                "type": "SelectiveAuthenticator",
                "authenticator_selection_path": ["how", "by"],
                "authenticators": {
                    "key": {"type": "ApiKeyAuthenticator", "api_token": "k", "header": "X-Key"},
                    "token": {"type": "BearerAuthenticator", "api_token": "t"},
                },
            },
            {"how": {"by": "token"}},
            "authorization",
            "Bearer t",
        ),
    ],
)  # fmt: skip
async def test_every_request_proves_who_asks(authenticator, config, header, value):
    source = giving(ONE)
    await read(source.open(stream(requester={"authenticator": authenticator}), config=config))
    assert source.asked[0].headers[header] == value


async def test_a_key_may_go_into_the_query():
    source = giving(ONE)
    option = {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "api_key"}
    way = {"type": "ApiKeyAuthenticator", "api_token": "k", "inject_into": option}
    await read(source.open(stream(requester={"authenticator": way})))
    assert source.asked[0].url.params["api_key"] == "k"


async def test_a_json_web_token_is_signed():
    source = giving(ONE)
    way = {
        "type": "JwtAuthenticator", "algorithm": "HS256", "secret_key": "s", "header_prefix": "Bearer",
        "jwt_headers": {"kid": "7"}, "additional_jwt_payload": {"iss": "{{ config.me }}"},
    }  # fmt: skip
    await read(source.open(stream(requester={"authenticator": way}), config={"me": "us"}))
    head, payload, _ = source.asked[0].headers["authorization"].removeprefix("Bearer ").split(".")
    assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"alg": "HS256", "typ": "JWT", "kid": "7"}
    told = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert (told["iss"], told["exp"] - told["iat"]) == ("us", 1200)


def oauth_source(expires_in: int = 3600) -> tuple[Source, list[dict[str, list[str]]]]:
    refreshes: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            refreshes.append(parse_qs(request.content.decode()))
            body = {
                "access_token": f"a{len(refreshes)}",
                "refresh_token": f"r{len(refreshes)}",
                "expires_in": expires_in,
            }
            return httpx.Response(200, json=body)
        good = request.headers["authorization"] == f"Bearer a{len(refreshes)}"
        return httpx.Response(200, json=ONE) if good else httpx.Response(401)

    return Source(answer), refreshes


OAUTH = {
    "type": "OAuthAuthenticator",
    "token_refresh_endpoint": "https://login.example.com/token",
    "client_id": "{{ config.id }}",
    "client_secret": "{{ config.secret }}",
    "refresh_token": "{{ config.credentials.refresh_token }}",
}


OAUTH_CONFIG = {"id": "i", "secret": "s", "credentials": {"refresh_token": "r0"}}


async def test_an_access_token_is_fetched_once_and_used_until_it_ends():
    source, refreshes = oauth_source()
    client = source.open(stream(requester={"authenticator": OAUTH}), config=OAUTH_CONFIG)
    await read(client)
    await read(client)
    sent = {
        "grant_type": ["refresh_token"],
        "client_id": ["i"],
        "client_secret": ["s"],
        "refresh_token": ["r0"],
    }
    assert refreshes == [sent]


async def test_a_refresh_token_that_works_once_is_kept_before_it_is_used():
    source, refreshes = oauth_source(expires_in=1)
    kept: list[dict[str, Any]] = []

    async def keep(settings: Any) -> None:
        # Nothing but the token endpoint was asked since the last renewal.
        assert source.asked[-1].url.path == "/token"
        kept.append(json.loads(json.dumps(settings)))

    way = {**OAUTH, "refresh_token_updater": {}}
    config = json.loads(json.dumps(OAUTH_CONFIG))
    client = source.open(stream(requester={"authenticator": way}), config=config, keep_settings=keep)
    await read(client)
    await read(client)
    assert [one["refresh_token"] for one in refreshes] == [["r0"], ["r1"]]
    assert [one["credentials"]["refresh_token"] for one in kept] == ["r1", "r2"]
    # Only what was renewed: everything else may have been changed by a person meanwhile.
    assert [sorted(one) for one in kept] == [["credentials"], ["credentials"]]
    assert config == OAUTH_CONFIG


async def test_a_revoked_refresh_token_says_connect_anew():
    source = Source(lambda request: httpx.Response(400, json={"error": "invalid_grant"}))
    with pytest.raises(SourceRefusesError, match="connect it anew"):
        await read(source.open(stream(requester={"authenticator": OAUTH}), config=OAUTH_CONFIG))


async def test_a_session_token_is_fetched_by_a_login_and_renewed_when_refused():
    logins = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/login":
            logins.append(json.loads(request.content))
            return httpx.Response(200, json={"token": f"t{len(logins)}"})
        return httpx.Response(200 if request.headers["x-session"] == "t2" else 401, json=ONE)

    way = {
        "type": "SessionTokenAuthenticator",
        "login_requester": {
            "url_base": BASE, "path": "login", "http_method": "POST",
            "request_body_json": {"user": "{{ config.u }}"},
        },
        "session_token_path": ["token"],
        "expiration_duration": "PT1H",
        "request_authentication": {
            "type": "SessionTokenRequestApiKeyAuthenticator",
            "inject_into": {"inject_into": "header", "field_name": "X-Session"},
        },
    }  # fmt: skip
    source = Source(answer)
    client = source.open(stream(requester={"authenticator": way}), config={"u": "me"})
    assert bodies(await read(client)) == [{"id": 1}]
    assert logins == [{"user": "me"}, {"user": "me"}]
