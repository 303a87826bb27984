"""The CRM's CSV exports through the file import: upload, say what the columns mean, run, wait."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from demo.call_api import ApiClient

SKIP = "(skip)"
CONTACTS: dict[str, Any] = {
    "stream": "contacts",
    "target": "person",
    "id": ["Contact ID"],
    "updated_at": "Last modified",
    "columns": {
        "Contact ID": SKIP,
        "Name": "full_name",
        "Salutation": "honorific",
        "E-Mail": "email",
        "Phone": "phone",
        "Mobile": "phone",
        "Street": "street",
        "Postal code": "postcode",
        "City": "city",
        "Country": "country",
        "Date of birth": "birth_date",
        # Colleagues share it: as an identifier it would make one person of them.
        "Account ID": SKIP,
        "Account": "organisation",
        "Job title": "job_title",
        "Tier": "tier",
        "Owner": "owner",
        "Customer since": "customer_since",
        "Last modified": SKIP,
        "Note": "note",
    },
    "reading": {
        "Name": {"names": "last_first"},
        "Date of birth": {"date": "day_first"},
        "Customer since": {"date": "day_first"},
        "Last modified": {"date": "day_first"},
    },
    "time_zone": "UTC",
}
ACCOUNTS: dict[str, Any] = {
    "stream": "accounts",
    "target": "organisation",
    "id": ["Account ID"],
    "updated_at": "Last modified",
    "columns": {
        "Account ID": SKIP,
        "Account name": "name",
        "Website": "domain",
        "VAT number": "tax_id",
        "Phone": "phone",
        "E-Mail": "email",
        "Street": "street",
        "Postal code": "postcode",
        "City": "city",
        "Country": "country",
        "Industry": "industry",
        "Employees": "size",
        "Tier": "tier",
        "Owner": "owner",
        "Customer since": "customer_since",
        "Last modified": SKIP,
    },
    "reading": {"Customer since": {"date": "day_first"}, "Last modified": {"date": "day_first"}},
    "time_zone": "UTC",
}
TABLES = (("accounts.csv", ACCOUNTS), ("contacts.csv", CONTACTS))


class ImportFailedError(Exception):
    """A file could not be imported; the text is the server's own reason."""


def import_table(
    client: ApiClient, source: str, path: Path, mapping: dict[str, Any], progress: Callable[[int, str], None]
) -> dict[str, Any]:
    """Imports one file and gives its account (`read`, `stored`, `unchanged`, `quarantined`)."""
    query = urlencode({"source": source, "stream": mapping["stream"], "filename": path.name})
    started = client.post_raw(f"/imports?{query}", path.read_bytes())
    address = f"/imports/{started['id']}"
    client.put(f"{address}/mapping", mapping)
    client.post(f"{address}/run")
    seen = 0
    while True:
        state = client.get(address)
        done = int(state.get("rows_read") or 0)
        progress(done - seen, f"{source} {path.name}")
        seen = done
        if state["status"] == "failed":
            raise ImportFailedError(f"{path.name}: {state.get('error')}")
        if state["status"] == "done":
            return state
        time.sleep(0.2)
