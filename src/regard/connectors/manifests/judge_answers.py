"""What an answer means by the manifest's error handlers: take it, pass it over, wait, or give up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.http.http_answer import HttpAnswer, describe_fault, read_retry_after
from regard.connectors.manifests.dig_paths import dig_all
from regard.connectors.manifests.instants import read_instant
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.render_templates import TemplateFailsError, Templates
from regard.connectors.manifests.template_words import safe_pattern
from regard.kit.errors import RegardError

Action = Literal[
    "SUCCESS", "FAIL", "RETRY", "IGNORE", "RATE_LIMITED", "REFRESH_TOKEN_THEN_RETRY", "RESET_PAGINATION"
]
_LONGEST_MESSAGE = 300
_LONGEST_PAUSE = 86_400.0
_MESSAGES = ("error_message", "error_description", "message", "error", "errors", "detail", "title")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do; `pause` seconds before the next try, `fault` what to raise when there is none."""

    action: Action
    fault: RegardError | None = None
    pause: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer with all that handlers look at; `body` is None when it could not be decoded."""

    answer: HttpAnswer
    body: Any
    now: datetime
    tries: int

    def context(self) -> dict[str, Any]:
        """The words that templates of handlers may use."""
        url = self.answer.url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
        body = self.body if self.body is not None else {}
        return {"response": body, "headers": HeaderView(self.answer.headers), "request_url": url}


class HeaderView(dict[str, Any]):
    """Headers by name in any spelling; `link` holds the parsed relations of the Link header (RFC 8288)."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in headers.items()})
        self["link"] = _read_links(self.get("link", ""))
        self._raw_link = headers.get("link", "")

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if name != "link" and name.lower() == "link":
            return self._raw_link
        return super().__getitem__(name if name in self.keys() else name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        try:
            return self[name]
        except KeyError:
            return default


def _read_links(header: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401
    found: dict[str, dict[str, str]] = {}
    for url, rest in re.findall(r"<([^<>]*)>([^<]*)", str(header)[:20_000]):
        members = dict(re.findall(r';\s*(\w+)\s*=\s*"?([^";,]*)"?', rest))
        if "rel" in members:
            found[members["rel"]] = {"url": url, **members}
    return found


def judge(handler: Component | None, judged: Judged, templates: Templates) -> Verdict:
    """The verdict of a handler, or of several in their order: the first that does not give up wins."""
    handlers = list(_flatten(handler))
    given_up: Verdict | None = None
    for one in handlers:
        for test in one.get("response_filters") or ():
            if _matches(test, judged, templates):
                verdict = _act(test, judged, handlers, templates)
                if verdict.action != "FAIL":
                    return verdict
                given_up = given_up or verdict
                break
    return given_up or _judge_plainly(judged, handlers, templates)


def most_tries(handler: Component | None, templates: Templates) -> int:
    """How often a request is sent at most."""
    for one in _flatten(handler):
        if one.get("max_retries") is not None:
            found = templates.value(one["max_retries"])
            return 1 + (int(found) if str(found).isdigit() else 5)
    return 6


def _flatten(handler: Component | None) -> Iterator[Component]:
    if not handler:
        return
    if handler["type"] == "CompositeErrorHandler":
        for one in handler["error_handlers"]:
            yield from _flatten(one)
    else:
        yield handler


def _matches(test: Component, judged: Judged, templates: Templates) -> bool:
    if judged.answer.status in (test.get("http_codes") or ()):
        return True
    predicate = test.get("predicate")
    if predicate:
        here = {**judged.context(), "parameters": parameters_of(test)}
        try:
            if templates.test(predicate, **here):
                return True
        except TemplateFailsError:
            return False
    part = test.get("error_message_contains")
    return bool(part) and not judged.answer.good and str(part) in _message_of(judged.body)


def _message_of(body: Any) -> str:  # noqa: ANN401
    if isinstance(body, str):
        return body
    texts = [str(one) for name in _MESSAGES for one in dig_all(body, ["**", name])]
    return " ".join(texts)[:20_000]


def _act(test: Component, judged: Judged, handlers: list[Component], templates: Templates) -> Verdict:
    action: Action = test.get("action") or _usual_action(judged.answer)
    if action in {"SUCCESS", "IGNORE", "RESET_PAGINATION", "REFRESH_TOKEN_THEN_RETRY"}:
        return Verdict(action, _usual_fault(judged))
    if action in {"RETRY", "RATE_LIMITED"}:
        return _wait(action, judged, handlers, templates)
    return Verdict("FAIL", _give_up(test, judged, templates))


def _give_up(test: Component, judged: Judged, templates: Templates) -> RegardError:
    said = ""
    if test.get("error_message"):
        here = {**judged.context(), "parameters": parameters_of(test)}
        try:
            said = templates.text(test["error_message"], **here)
        except TemplateFailsError:
            said = ""
    place, status = judged.answer.place, judged.answer.status
    sentence = f"{place} answered {status}"
    if said:
        sentence += f": {hide_settings(said, templates.config)[:_LONGEST_MESSAGE]}"
    if test.get("failure_type") == "transient_error":
        return SourceUnavailableError(sentence, read_retry_after(judged.answer, judged.now))
    return (
        SourceRefusesError(f"{sentence}; check the settings of the source") if said else _usual_fault(judged)
    )


def hide_settings(text: str, settings: Any) -> str:  # noqa: ANN401
    """The text without any value that the user set, since it may be a secret."""
    values = settings.values() if isinstance(settings, Mapping) else settings
    for value in values:
        if isinstance(value, str) and len(value) > 5:
            text = text.replace(value, "…")
        elif isinstance(value, Mapping | list):
            text = hide_settings(text, value)
    return text


def _usual_fault(judged: Judged) -> RegardError:
    fault = describe_fault(judged.answer, judged.now)
    return fault or SourceRefusesError(
        f"{judged.answer.place} answered with an error although its status is {judged.answer.status};"
        " check the settings of the source"
    )


def _usual_action(answer: HttpAnswer) -> Action:
    if answer.good:
        return "FAIL"
    fault = describe_fault(answer, datetime.min)  # noqa: DTZ901 - only its kind is looked at
    return "RETRY" if isinstance(fault, SourceUnavailableError) else "FAIL"


def _judge_plainly(judged: Judged, handlers: list[Component], templates: Templates) -> Verdict:
    if judged.answer.good:
        return Verdict("SUCCESS")
    fault = _usual_fault(judged)
    if isinstance(fault, SourceUnavailableError):
        return _wait("RETRY", judged, handlers, templates)
    return Verdict("FAIL", fault)


def _wait(action: Action, judged: Judged, handlers: list[Component], templates: Templates) -> Verdict:
    pause = None
    stated = [one["backoff_strategies"] for one in handlers if one.get("backoff_strategies")]
    for strategy in stated[0] if stated else ():
        try:
            pause = _pause_by(strategy, judged, templates)
        except (TemplateFailsError, ValueError):
            pause = None
        if pause is not None:
            break
    asked = read_retry_after(judged.answer, judged.now)
    pause = pause if pause is not None else asked
    fault = SourceUnavailableError(f"{judged.answer.place} answered {judged.answer.status}", pause)
    return Verdict(action, fault, pause)


def _pause_by(strategy: Component, judged: Judged, templates: Templates) -> float | None:
    kind = strategy["type"]
    here = {**judged.context(), "parameters": parameters_of(strategy)}
    if kind == "ConstantBackoffStrategy":
        return _number(templates.value(strategy["backoff_time_in_seconds"], **here))
    if kind == "ExponentialBackoffStrategy":
        factor = _number(templates.value(strategy.get("factor", 5), **here)) or 5.0
        return float(min(factor * 2.0 ** min(judged.tries, 20), _LONGEST_PAUSE))
    if kind == "WaitTimeFromResponse":
        return _number(templates.value(strategy["wait_time_in_seconds"], **here))
    stated = here["headers"].get(templates.text(strategy["header"], **here))
    if stated is None:
        return None
    pattern = strategy.get("regex")
    if pattern:
        match = safe_pattern(str(pattern), str(stated)).search(str(stated))
        stated = (match[1] if match.re.groups else match[0]) if match else None
    if kind == "WaitTimeFromHeader":
        return _number(stated)
    moment = read_instant(stated, ["%s", "%s_as_float"])
    if moment is None:
        return None
    least = _number(templates.value(strategy.get("min_wait"), **here)) or 0.0
    return min(max((moment - judged.now).total_seconds(), least), _LONGEST_PAUSE)


def _number(value: Any) -> float | None:  # noqa: ANN401
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return min(max(number, 0.0), _LONGEST_PAUSE) if number == number else None
