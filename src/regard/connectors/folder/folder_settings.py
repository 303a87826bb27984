"""What a watched folder or bucket has to be told, as forms and as the values the reader works with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from regard.connectors.connector_contract import Settings, SettingsRefusedError, Surroundings

_REGION = re.compile(r"[a-zA-Z0-9-]{1,40}")
After = Literal["leave", "move"]
Content = Literal["changes", "everything"]

_FILES: dict[str, Any] = {
    "pattern": {
        "type": "string", "title": "Which files", "default": "*", "examples": ["*.csv, *.xlsx"],
        "description": "Names with * and ?, several separated by commas.",
    },
    "stream": {
        "type": "string", "title": "Name of the stream", "maxLength": 100,
        "description": "Left out: each file's own name without dates and numbers.",
    },
    "id_columns": {
        "type": "array", "title": "Columns that name a row", "items": {"type": "string", "minLength": 1},
        "description": "Left out: found from headers and values of the first file.",
    },
    "updated_column": {
        "type": "string", "title": "Column of the last change",
        "description": "Left out: found by its header, or else the time of the file.",
    },
    "content": {
        "type": "string", "title": "What a file holds",
        "enum": ["changes", "everything"], "default": "changes",
        "description": "“everything”: rows that are no longer in a newer file of the stream are gone.",
    },
    "after": {
        "type": "string", "title": "After reading", "enum": ["leave", "move"], "default": "leave",
        "description": "“move” puts files that were read into a folder called done.",
    },
    "poll_seconds": {"type": "number", "title": "Seconds between two looks", "minimum": 1, "default": 5},
}  # fmt: skip

FOLDER_SETTINGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["path"],
    "additionalProperties": False,
    "properties": {
        "path": {
            "type": "string", "title": "Folder", "minLength": 1, "examples": ["orders"],
            "description": "Below the folder “inbox” in the data folder, or below a folder that"
            " REGARD_WATCH_FOLDERS allows.",
        },
        **_FILES,
    },
}  # fmt: skip

BUCKET_SETTINGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["bucket"],
    "additionalProperties": False,
    "properties": {
        "bucket": {"type": "string", "title": "Bucket", "minLength": 1},
        "prefix": {"type": "string", "title": "Folder in the bucket", "examples": ["exports/crm"]},
        "endpoint": {
            "type": "string", "title": "Address of the store", "examples": ["https://s3.shop.example"],
            "description": "Left out: Amazon S3.",
        },
        "region": {"type": "string", "title": "Region", "default": "us-east-1"},
        "access_key": {
            "type": "string", "title": "Access key",
            "description": "Left out: a bucket that everybody may read.",
        },
        "secret_key": {"type": "string", "title": "Secret key", "writeOnly": True},
        **_FILES,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileSettings:
    """How the files of a place are read."""

    pattern: str = "*"
    stream: str | None = None
    id_columns: tuple[str, ...] = ()
    updated_column: str | None = None
    content: Content = "changes"
    after: After = "leave"
    poll_seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class BucketSettings:
    """Where a bucket is and how to get in."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str
    access_key: str | None
    secret_key: str | None


def read_file_settings(settings: Settings) -> FileSettings:
    """The checked settings of how files are read; raises `SettingsRefusedError`."""
    columns = settings.get("id_columns") or []
    if not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
        raise SettingsRefusedError("“id_columns” must be a list of column names")
    content: Content = "changes" if _choice(settings, "content", "changes", "everything") else "everything"
    after: After = "leave" if _choice(settings, "after", "leave", "move") else "move"
    return FileSettings(
        pattern=str(settings.get("pattern") or "*"),
        stream=str(settings.get("stream") or "").strip() or None,
        id_columns=tuple(columns),
        updated_column=str(settings.get("updated_column") or "") or None,
        content=content,
        after=after,
        poll_seconds=float(settings.get("poll_seconds") or 5),
    )


def read_folder(settings: Settings, surroundings: Surroundings) -> Path:
    """The folder to be watched, links followed; raises `SettingsRefusedError` for one that is not allowed."""
    written = str(settings.get("path") or "").strip()
    if not written or "\0" in written:
        raise SettingsRefusedError("the source needs “path”, the folder to be watched; fill it in")
    if not surroundings.folders:
        raise SettingsRefusedError(
            "no folder may be watched here; the administrator allows folders by REGARD_WATCH_FOLDERS"
        )
    # The first allowed folder is the inbox: what is no whole path lies below it.
    path = (surroundings.folders[0] / Path(written).expanduser()).resolve()
    if not any(path.is_relative_to(folder.resolve()) for folder in surroundings.folders):
        raise SettingsRefusedError(
            f"the folder “{written[:200]}” may not be read; use one below the inbox in the data folder,"
            " or let the administrator add it to REGARD_WATCH_FOLDERS"
        )
    return path


def read_bucket_settings(settings: Settings) -> BucketSettings:
    """The checked settings of a bucket; raises `SettingsRefusedError`."""
    bucket = str(settings.get("bucket") or "").strip()
    if not bucket:
        raise SettingsRefusedError("the source needs “bucket”, the name of the bucket; fill it in")
    endpoint = str(settings.get("endpoint") or "").strip() or None
    if endpoint and not endpoint.startswith(("https://", "http://")):
        raise SettingsRefusedError("“endpoint” must be an address like https://s3.shop.example")
    region = str(settings.get("region") or "us-east-1")
    if not _REGION.fullmatch(region):
        raise SettingsRefusedError("“region” must be a name like eu-central-1")
    return BucketSettings(
        bucket, str(settings.get("prefix") or "").strip("/ "), endpoint,
        region, str(settings.get("access_key") or "") or None,
        str(settings.get("secret_key") or "") or None,
    )  # fmt: skip


def _choice(settings: Settings, name: str, first: str, second: str) -> bool:
    """Whether the first of two words was chosen, which is so when nothing is."""
    value = settings.get(name) or first
    if value not in (first, second):
        raise SettingsRefusedError(f"“{name}” must be {first} or {second}")
    return bool(value == first)
