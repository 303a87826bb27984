"""Sends the generated company to a running server, through the same doors that everybody uses."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from demo.call_api import ApiClient, ApiError
from demo.import_tables import TABLES, import_table
from demo.show_progress import Progress

BATCH = 500
"""Items a request."""


@dataclass(frozen=True, slots=True)
class DemoSource:
    """A source of the demo company as it is set up."""

    slug: str
    title: str
    connector: str


SOURCES: tuple[DemoSource, ...] = (
    DemoSource("crm", "CRM", "file"),
    DemoSource("shop", "Shop", "records_api"),
    DemoSource("helpdesk", "Help desk", "records_api"),
    DemoSource("billing", "Billing", "records_api"),
    DemoSource("marketing", "Newsletter", "records_api"),
    DemoSource("calls", "Telephone", "records_api"),
    DemoSource("web", "Web site", "event_api"),
)


@dataclass(slots=True)
class Account:
    """What became of the rows of one source."""

    sent: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, answer: dict[str, Any]) -> None:
        """Adds an answer of the server."""
        self.sent += int(answer["sent"])
        self.accepted += int(answer["accepted"])
        self.duplicate += int(answer["duplicate"])
        self.rejected += int(answer["rejected"])
        self.reasons += [str(one.get("detail")) for one in answer.get("rejections", [])[:3]]


def set_up_sources(administrator: ApiClient, keys_file: Path) -> dict[str, str]:
    """The ingest key of each source, made when there is none; kept for the next start of the demo."""
    keys: dict[str, str] = {}
    if keys_file.exists():
        keys = json.loads(keys_file.read_text(encoding="utf-8"))
    for source in SOURCES:
        if source.slug in keys:
            continue
        try:
            administrator.post(
                "/sources", {"slug": source.slug, "title": source.title, "connector": source.connector}
            )
        except ApiError as problem:
            if problem.status != 409:
                raise
        keys[source.slug] = str(administrator.post(f"/sources/{source.slug}/keys")["key"])
    keys_file.touch(mode=0o600)
    keys_file.write_text(json.dumps(keys), encoding="utf-8")
    return keys


def count_rows(manifest: dict[str, Any]) -> int:
    """Rows that will be sent, from the generator's manifest."""
    counts: dict[str, int] = manifest["counts"]
    return sum(
        count for name, count in counts.items() if name not in ("truth_record.csv", "web/batches.jsonl")
    )


def load_company(
    folder: Path, administrator: ApiClient, clients: dict[str, ApiClient], progress: Progress
) -> dict[str, Account]:
    """Sends everything: first who the parties are, then what happened; gives the account by source."""
    accounts = {source.slug: Account() for source in SOURCES}
    for name, mapping in TABLES:
        state = import_table(administrator, "crm", folder / "crm" / name, mapping, progress.add)
        accounts["crm"].add(import_account(state))
    for kind in ("records", "interactions"):
        for source in SOURCES:
            path = folder / source.slug / f"{kind}.jsonl"
            if path.exists():
                _push(path, clients[source.slug], f"/sources/{source.slug}/{kind}", kind, accounts, progress)
    _push_batches(folder / "web" / "batches.jsonl", clients["web"], accounts["web"], progress)
    return accounts


def import_account(state: dict[str, Any]) -> dict[str, Any]:
    """An import's account in the words of the push interface."""
    counts = state.get("account") or {}
    return {
        "sent": counts.get("read", 0),
        "accepted": counts.get("stored", 0),
        "duplicate": counts.get("unchanged", 0),
        "rejected": counts.get("quarantined", 0),
    }


def _push(
    path: Path, client: ApiClient, address: str, kind: str, accounts: dict[str, Account], progress: Progress
) -> None:
    source = path.parent.name
    for bodies in read_in_batches(path):
        accounts[source].add(client.post(address, {kind: bodies}))
        progress.add(len(bodies), f"{source} {kind}")


def _push_batches(path: Path, client: ApiClient, account: Account, progress: Progress) -> None:
    """The event API answers only that it has the batch; what it thinks of each message is its own affair."""
    for batches in read_in_batches(path, 1):
        for batch in batches:
            client.post_batch({**batch, "sentAt": datetime.now(UTC).isoformat()})
            count = len(batch["batch"])
            account.sent += count
            account.accepted += count
            progress.add(count, "web messages")


def read_in_batches(path: Path, size: int = BATCH) -> Iterator[list[dict[str, Any]]]:
    """The bodies of a JSON Lines file, `size` at a time; memory stays flat."""
    with path.open(encoding="utf-8") as file:
        while lines := list(islice(file, size)):
            yield [json.loads(line) for line in lines]
