"""GitHub: issues as tickets, with their comments."""

from __future__ import annotations

from regard.connectors.connector_contract import Delivery, RawRecord, Settings, WebhookRequest
from regard.connectors.webhooks.read_pushed_body import (
    find_at,
    make_record,
    object_at,
    read_object_body,
    text_at,
    time_at,
)

_GONE = frozenset({"deleted", "transferred"})


def translate_github(request: WebhookRequest, settings: Settings) -> Delivery:
    """The issue, and the comment when that is what happened; other events say nothing about customers."""
    event = request.headers.get("x-github-event", "").strip().lower()
    delivery_id = request.headers.get("x-github-delivery", "").strip()
    if event not in {"issues", "issue_comment"}:
        return Delivery(delivery_id=delivery_id)
    body = read_object_body(request)
    issue, action = object_at(body, "issue"), text_at(body, "action")
    records: list[RawRecord] = []
    # A pull request is an issue to GitHub, and none to anybody else.
    if find_at(issue, "pull_request") is None:
        gone = event == "issues" and action in _GONE
        records.append(make_record("issues", issue, time_at(issue, "updated_at"), deleted=gone))
        if event == "issue_comment":
            comment = object_at(body, "comment")
            at = time_at(comment, "updated_at")
            # A comment names its issue by an address alone; the push has the issue beside it.
            comment = {**comment, "issue": {"id": issue.get("id"), "number": issue.get("number")}}
            records.append(make_record("issue_comments", comment, at, deleted=action in _GONE))
    return Delivery(records, delivery_id=delivery_id)
