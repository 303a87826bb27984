"""What it means that an authorisation server refuses to renew an access token (RFC 6749 §5.2). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from regard.connectors.connector_contract import SourceMisbehavesError, SourceRefusesError
from regard.connectors.http.http_answer import HttpAnswer

_REFUSED = frozenset({400, 401, 403})


def explain_renewal(answer: HttpAnswer) -> SourceRefusesError | None:
    """What a person must do; None when the answer is no refusal."""
    if answer.status not in _REFUSED:
        return None
    return SourceRefusesError(
        f"{answer.place} answered {answer.status}: the source no longer renews its access token;"
        f" {_remedy_of(answer)}"
    )


def _remedy_of(answer: HttpAnswer) -> str:
    try:
        told = answer.json()
    except SourceMisbehavesError:
        told = None
    code = told.get("error") if isinstance(told, Mapping) else None
    if code in ("invalid_client", "unauthorized_client"):
        return "correct the client id and client secret in its settings"
    if code == "invalid_scope":
        return "let the application have the rights that are asked for, or ask for fewer"
    return "connect it anew (its authorisation was revoked, or another program used up the token)"
