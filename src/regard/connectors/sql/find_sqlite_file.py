"""Finds the file of a SQLite source, which must lie below a folder that the administrator allows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from regard.connectors.connector_contract import SettingsRefusedError


def find_sqlite_file(written: str, folders: Sequence[Path]) -> Path:
    """The whole path, links followed; raises `SettingsRefusedError` for one that is not allowed.

    The first of the folders is the inbox in Regard's data folder. The rest of the data folder is never read,
    even when a folder above it is allowed.
    """
    if not folders:
        raise SettingsRefusedError(
            "No file may be read here; the administrator allows folders by REGARD_WATCH_FOLDERS."
        )
    if written.lower().startswith("file:") or "\0" in written:
        raise SettingsRefusedError("The setting “database” must be the path of the file, not an address.")
    allowed = [folder.resolve() for folder in folders]
    inbox, own = allowed[0], allowed[0].parent
    path = (inbox / Path(written)).resolve()
    inside = any(path.is_relative_to(folder) for folder in allowed)
    if not inside or (path.is_relative_to(own) and not path.is_relative_to(inbox)):
        raise SettingsRefusedError(
            "The file in the setting “database” may not be read; put it below the inbox in the data folder,"
            " or let the administrator add its folder to REGARD_WATCH_FOLDERS."
        )
    return path
