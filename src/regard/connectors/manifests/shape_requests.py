"""What a requester of a manifest sends: address, headers, query and body, with everything injected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.http.guarded_client import Ask
from regard.connectors.manifests.dig_paths import put
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import Templates

Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Injection:
    """A value and the part of the request where it goes: query, header, form or JSON body."""

    inject_into: str
    path: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Shaped:
    """A request ready to be sent; `home` is the address whose host it must stay on."""

    method: str
    url: str
    home: str
    ask: Ask


@dataclass(slots=True)
class _Parts:
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    text: str | None = None


def inject(option: Component | None, value: Any, templates: Templates, context: Context) -> list[Injection]:  # noqa: ANN401
    """Where a `RequestOption` puts a value; nothing without an option or a value."""
    if not option or value is None or value == "" or option.get("type") == "RequestPath":
        return []
    here = {**context, "parameters": parameters_of(option)}
    steps = option.get("field_path") or [option.get("field_name")]
    return [Injection(str(option["inject_into"]), tuple(templates.text(one, **here) for one in steps), value)]


def shape(
    requester: Component,
    templates: Templates,
    context: Context,
    injections: Sequence[Injection],
    token_path: str | None = None,
) -> Shaped:
    """The request; `token_path` is the page token when it stands for path or address."""
    here = {**context, "parameters": parameters_of(requester)}
    parts = _Parts()
    parts.query = _mapping(templates, requester.get("request_parameters"), here)
    headers = _mapping(templates, requester.get("request_headers"), here)
    parts.headers = {name: str(value) for name, value in headers.items()}
    _fill_body(parts, requester, templates, here)
    for one in injections:
        _apply(parts, one)
    home, url = _address(requester, templates, here, token_path)
    known = httpx.URL(url).params
    query = {name: value for name, value in parts.query.items() if name not in known}
    content = parts.text.encode() if parts.text is not None else None
    ask = Ask(query, parts.headers, json=parts.json, form=parts.form or None, content=content)
    return Shaped(str(requester.get("http_method") or "GET").upper(), url, home, ask)


def _address(
    requester: Component, templates: Templates, context: Context, token_path: str | None
) -> tuple[str, str]:
    base = templates.text(requester.get("url_base") or requester.get("url"), **context).strip()
    path = token_path if token_path is not None else templates.text(requester.get("path"), **context).strip()
    try:
        if not httpx.URL(base).host:
            raise SettingsRefusedError(
                f"the manifest gives no full address (“{base[:100]}”); check the settings"
            )
        if not path:
            return base, base
        if httpx.URL(path).is_absolute_url:
            return base, path
        return base, f"{base.rstrip('/')}/{path.lstrip('/')}"
    except httpx.InvalidURL:
        raise SettingsRefusedError(
            "the manifest gives an address that cannot be read; check the settings"
        ) from None


def _mapping(templates: Templates, given: Any, context: Context) -> dict[str, Any]:  # noqa: ANN401
    if isinstance(given, str):
        found = templates.value(given, **context)
        if not isinstance(found, Mapping):
            return dict(parse_qsl(str(found or ""), keep_blank_values=True))
        return dict(found)
    rendered: dict[str, Any] = {}
    for name, value in (given or {}).items():
        made = (
            templates.tree(value, **context)
            if isinstance(value, list | Mapping)
            else _plain(templates, value, context)
        )
        if made is not None and made != "":
            rendered[templates.text(name, **context)] = made
    return rendered


def _plain(templates: Templates, value: Any, context: Context) -> Any:  # noqa: ANN401
    """Text stays as it was spelt; only lists and objects are read from it."""
    found = templates.tree(value, **context)
    if isinstance(found, list | Mapping) or found is None:
        return found
    return templates.text(value, **context)


def _fill_body(parts: _Parts, requester: Component, templates: Templates, context: Context) -> None:
    data, json = requester.get("request_body_data"), requester.get("request_body_json")
    body = requester.get("request_body")
    if body:
        kind, value = body["type"], body.get("value")
        data = value if kind in {"RequestBodyPlainText", "RequestBodyUrlEncodedForm"} else data
        json = value if kind in {"RequestBodyJsonObject", "RequestBodyGraphQL"} else json
    if isinstance(json, str):
        parts.json = templates.value(json, **context)
    elif json:
        parts.json = templates.tree(json, **context)
    if isinstance(data, str):
        parts.text = templates.text(data, **context)
    elif data:
        parts.form = _mapping(templates, data, context)


def _apply(parts: _Parts, one: Injection) -> None:
    if one.inject_into == "request_parameter":
        parts.query[one.path[-1]] = one.value
    elif one.inject_into == "header":
        parts.headers[one.path[-1]] = str(one.value)
    elif one.inject_into == "body_data":
        parts.form[one.path[-1]] = one.value
    else:
        if not isinstance(parts.json, dict):
            parts.json = {}
        put(parts.json, one.path, one.value)
