"""Names the folders of programs after the process that made them, and removes those that it left behind.

A folder holds the settings of a source with their secrets: whoever was killed could not remove it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import stat
import tempfile
import time
from pathlib import Path

PREFIX = "regard-program-"
_NAME = re.compile(rf"{PREFIX}(?P<host>[0-9a-f]{{8}})-(?P<pid>\d+)-(?P<began>\d+)-")
_LONGEST_RUN = 2 * 86_400.0


def make_folder() -> Path:
    """A new folder that only its owner can read, named after this process."""
    pid = os.getpid()
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{_host()}-{pid}-{_began(pid)}-"))


def sweep_folders() -> int:
    """Remove our folders whose process is no more; how many there were.

    Of a process on another machine that shares the place, and of older versions, only age tells.
    """
    place = Path(tempfile.gettempdir())
    left = [one for one in place.glob(f"{PREFIX}*") if _is_ours(one) and _is_left(one)]
    for one in left:
        shutil.rmtree(one, ignore_errors=True)
    return len(left)


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _is_left(folder: Path) -> bool:
    named = _NAME.match(folder.name)
    if named is None or named["host"] != _host():
        try:
            return time.time() - folder.lstat().st_mtime > _LONGEST_RUN
        except OSError:
            return False
    pid = int(named["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _began(pid) != int(named["began"])


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _began(pid: int) -> int:
    """When a process began, in ticks of the machine, for numbers come again; 0 where nobody tells."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        return int(text.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
