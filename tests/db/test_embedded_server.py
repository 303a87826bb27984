"""The embedded PostgreSQL starts, ends with its program, and comes back whole, however that program died."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from regard.db import choose_account
from regard.db.embedded_server import EmbeddedServer, start_embedded_server
from regard.db.find_binaries import BinariesError, find_binaries, place_within_reach
from regard.db.hold_lock import FileLock
from regard.db.lay_out_folders import HomeError, lay_out_folders

SOURCES = Path(__file__).resolve().parents[2] / "src"
SMALL = {"shared_buffers": "16MB"}
# A program that starts (or attaches to) the server, says so, and lives until its input ends.
PROGRAM = """
import sys
from pathlib import Path
from regard.db.embedded_server import start_embedded_server
server = start_embedded_server(Path(sys.argv[1]), settings={"shared_buffers": "16MB"}, sync=False)
print("owned" if server.owned else "attached", server.pid, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A data home that every account can reach, unlike pytest's own folders."""
    folder = Path(tempfile.mkdtemp(prefix="regard-home-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree((folder / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def start(home: Path) -> EmbeddedServer:
    return start_embedded_server(home, settings=SMALL, sync=False)


class Program:
    """Another program that uses the same data home."""

    def __init__(self, home: Path, *, python: str = sys.executable, user: int | None = None) -> None:
        path = [str(SOURCES), *(entry for entry in sys.path if entry.endswith("site-packages"))]
        self.process = subprocess.Popen(
            [python, "-c", PROGRAM, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        words = self.process.stdout.readline().split()
        assert words, "the program ended before it had a database"
        self.relation, self.server_pid = words[0], int(words[1])

    def finish(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def ask(url: str, statement: str) -> object:
    async def work() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(work())


def test_it_starts_in_utf8_with_checksums_and_utc_and_stops(home: Path) -> None:
    with start(home) as server:
        assert server.owned
        assert server.is_running()
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SHOW data_checksums") == "on"
        assert ask(server.url, "SHOW timezone") == "UTC"
        assert ask(server.url, "SHOW listen_addresses") == ""
        assert ask(server.url, "SELECT lower('ÄÖÉ')") == "äöé"
    assert not server.is_running()
    assert not (server.folders.data / "postmaster.pid").exists()


def test_what_was_committed_is_there_after_the_next_start(home: Path) -> None:
    with start(home) as server:
        ask(server.url, "CREATE TABLE kept (a int)")
    with start(home) as server:
        assert ask(server.url, "SELECT count(*) FROM kept") == 0


def test_a_second_program_attaches_and_leaves_the_server_running_when_it_ends(home: Path) -> None:
    with start(home) as server:
        second = Program(home)
        assert (second.relation, second.server_pid) == ("attached", server.pid)
        second.finish()
        assert ask(server.url, "SELECT 1") == 1


def test_a_killed_program_takes_its_server_with_it_and_nothing_committed_is_lost(home: Path) -> None:
    first = Program(home)
    assert first.relation == "owned"
    with start(home) as attached:
        assert not attached.owned
        ask(attached.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
    first.kill()
    with start(home) as server:
        assert server.owned
        assert server.pid != first.server_pid
        assert ask(server.url, "SELECT count(*) FROM kept") == 1000


def test_the_database_recovers_when_all_its_processes_are_killed(home: Path) -> None:
    server = start(home)
    ask(server.url, "CREATE TABLE kept AS SELECT generate_series(1, 100000) AS a")
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for pid in [server.pid, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    server.stop()
    assert "ready" in (server.folders.data / "postmaster.pid").read_text()
    with start(home) as again:
        assert again.owned
        assert ask(again.url, "SELECT count(*) FROM kept") == 100000


def test_a_start_right_after_the_postmaster_alone_was_killed_waits_for_its_children(home: Path) -> None:
    server = start(home)
    ask(server.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a")
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    with start(home) as again:
        assert ask(again.url, "SELECT count(*) FROM kept") == 1000


def test_a_stale_file_that_names_a_living_stranger_does_not_mislead(home: Path) -> None:
    with start(home) as server:
        lines = (server.folders.data / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "600"])
    lines[0], lines[7] = str(stranger.pid), "ready"
    (server.folders.data / "postmaster.pid").write_text("\n".join([*lines, ""]))
    with start(home) as again:
        assert again.owned
        assert ask(again.url, "SELECT 1") == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_an_interrupted_first_start_leaves_nothing_half_made(home: Path) -> None:
    folders = lay_out_folders(home)
    (folders.root / "data.new").mkdir()
    (folders.root / "data.new" / "PG_VERSION").write_text("18")
    with start(home) as server:
        assert ask(server.url, "SELECT 1") == 1


def test_settings_of_the_user_in_local_conf_win_and_survive(home: Path) -> None:
    with start(home) as server:
        (server.folders.data / "local.conf").write_text("work_mem = '13MB'\n")
        (server.folders.data / "local.conf").chmod(0o644)
    with start(home) as server:
        assert ask(server.url, "SHOW work_mem") == "13MB"


def test_variables_for_another_server_do_not_lead_astray(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGPORT": "1",
        "PGDATABASE": "wrong",
        "PGUSER": "wrong",
        "PGOPTIONS": "-c nonsense=1",
    }.items():
        monkeypatch.setenv(name, value)
    with start(home) as server:
        assert ask(server.url, "SELECT current_user || '/' || current_database()") == "regard/regard"


def test_a_long_data_home_keeps_its_socket_in_a_short_folder(home: Path) -> None:
    deep = home / ("a" * 60) / ("b" * 60)
    with start(deep) as server:
        assert len(str(server.folders.socket)) < 80
        assert stat.S_IMODE(server.folders.socket.stat().st_mode) == 0o700
        assert ask(server.url, "SELECT 1") == 1
    server.folders.socket.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = lay_out_folders(home / ("c" * 100))
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    folders.socket.mkdir()
    with pytest.raises(HomeError, match="belongs to somebody else"):
        folders.give_to(None)
    folders.socket.rmdir()


def test_a_home_that_is_a_file_is_refused_with_the_remedy(home: Path) -> None:
    (home / "file").write_text("")
    with pytest.raises(HomeError, match=r"is not a folder\. Set REGARD_HOME"):
        start(home / "file")


def test_data_of_another_major_version_is_refused_with_the_remedy(home: Path) -> None:
    (home / "PG_VERSION").write_text("9\n")
    with pytest.raises(BinariesError, match="was written by PostgreSQL 9"):
        find_binaries(home)


def test_a_lock_is_free_again_only_when_every_child_that_inherited_it_has_ended(home: Path) -> None:
    lock = FileLock(home / "some.lock")
    assert lock.acquire()
    child = subprocess.Popen(["sleep", "600"], pass_fds=(lock.descriptor,))
    lock.release()
    other = FileLock(home / "some.lock")
    assert not other.acquire()
    child.kill()
    child.wait()
    assert other.acquire()
    other.release()


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


@needs_root
def test_started_by_root_it_runs_as_an_account_without_rights(home: Path) -> None:
    home.chmod(0o700)
    before = stat.S_IMODE(home.parent.stat().st_mode)
    with start(home) as server:
        owner = Path(f"/proc/{server.pid}").stat().st_uid
        assert owner != 0
        assert server.folders.data.stat().st_uid == owner
        assert stat.S_IMODE(server.folders.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.parent.stat().st_mode) == before


@needs_root
def test_without_an_account_postgres_the_account_nobody_runs_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose_account, "_CANDIDATES", ("no-such-account", "nobody"))
    with start(home) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert ask(server.url, "SELECT 1") == 1


@needs_root
def test_a_home_out_of_the_accounts_reach_is_served_from_a_linked_folder(home: Path) -> None:
    home.chmod(0o700)
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    below = closed / "regard"
    with start(below) as server:
        assert (below / "postgres").is_symlink()
        ask(server.url, "CREATE TABLE kept ()")
    with start(below) as again:
        assert again.folders == server.folders
        assert ask(again.url, "SELECT count(*) FROM kept") == 0
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    shutil.rmtree(server.folders.root)


@needs_root
def test_programs_out_of_the_accounts_reach_are_copied_once(home: Path) -> None:
    found = find_binaries(home / "absent")
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    package = closed / found.package_folder.name
    package.symlink_to(found.package_folder)
    libraries = found.package_folder.with_name(found.package_folder.name + ".libs")
    if libraries.is_dir():
        (closed / libraries.name).symlink_to(libraries)
    home.chmod(0o711)
    account = choose_account.choose_account(home / "absent")
    hidden = type(found)(package)
    copy = place_within_reach(hidden, account, home)
    assert copy.package_folder.is_relative_to(home)
    assert choose_account.run_as(account, [str(copy.program("initdb")), "--version"]).returncode == 0
    assert place_within_reach(hidden, account, home) == copy
    assert place_within_reach(found, account, home) == found


@needs_root
def test_an_ordinary_account_runs_it_as_itself(home: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = next(
        (path for path in (sys.executable, "/usr/bin/python3") if _may_run(path, nobody.pw_uid)), None
    )
    if python is None:
        pytest.skip("no Python of this version that the account nobody may run")
    own = home / "own"
    own.mkdir()
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    home.chmod(0o755)
    program = Program(own, python=python, user=nobody.pw_uid)
    assert program.relation == "owned"
    assert Path(f"/proc/{program.server_pid}").stat().st_uid == nobody.pw_uid
    with start(own) as attached:
        assert not attached.owned
    program.finish()
    with start(own) as as_root:
        assert Path(f"/proc/{as_root.pid}").stat().st_uid == nobody.pw_uid


def _may_run(python: str, uid: int) -> bool:
    wanted = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    try:
        done = subprocess.run([python, "-c", wanted], user=uid, extra_groups=[], cwd="/", check=False)
    except OSError:
        return False
    return done.returncode == 0
