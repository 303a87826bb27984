"""Chooses the settings of the embedded PostgreSQL, sized to the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_MEBIBYTE = 1024 * 1024
_QUOTE = "'"
_MOST_BUFFERS = 4096
_LEAST_BUFFERS = 64
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")

SETTINGS_FILE = "regard.conf"
LOCAL_SETTINGS_FILE = "local.conf"


def memory_of_machine() -> int:
    """Bytes of memory we may use: the machine's, or the container's when it has less."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def choose_settings(socket_folder: Path, memory_bytes: int) -> dict[str, str]:
    """PostgreSQL's settings for a server of our own on a Unix socket."""
    buffers = max(_LEAST_BUFFERS, min(_MOST_BUFFERS, memory_bytes // 8 // _MEBIBYTE))
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{memory_bytes // 2 // _MEBIBYTE}MB",
        "maintenance_work_mem": f"{max(64, min(512, memory_bytes // 32 // _MEBIBYTE))}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "wal_level": "logical",
        "max_slot_wal_keep_size": "16GB",
        "jit": "off",
        "shared_preload_libraries": "pg_stat_statements",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Without the collector the server holds the pipes of whoever started Regard: `regard | grep` hangs.
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_truncate_on_rotation": "on",
        # A failing statement and the detail of its error hold customers' data: neither belongs in a log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }


def settings_files(settings: Mapping[str, str], users: set[str]) -> dict[str, str]:
    """The files of a data folder that say how the server runs and who may connect, by name.

    `users` are the accounts of the operating system that are let in as the database user `regard`; the
    kernel tells the server who is at the other end of the socket, so there is no password to keep.
    """
    lines = [f"{name} = '{value.replace(_QUOTE, _QUOTE * 2)}'" for name, value in sorted(settings.items())]
    contents = {
        SETTINGS_FILE: [
            "# Written by Regard at every start. Put settings of your own in local.conf beside this file.",
            *lines,
            f"include_if_exists = '{LOCAL_SETTINGS_FILE}'",
        ],
        "postgresql.conf": ["# Regard keeps its settings here:", f"include '{SETTINGS_FILE}'"],
        "pg_hba.conf": ["local all regard peer map=regard", "local replication regard peer map=regard"],
        "pg_ident.conf": [f'regard "{user}" regard' for user in sorted(users)],
    }
    return {name: "\n".join([*content, ""]) for name, content in contents.items()}
