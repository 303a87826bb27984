"""The program `regard import`: files of customers, orders … into the log, with an account of every row."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from regard.connectors.files.describe_mapping import TARGETS, UnusableMappingError, check_mapping
from regard.connectors.files.describe_table import UnreadableFileError
from regard.connectors.files.open_table import sample_table
from regard.connectors.files.survey_file import survey_file
from regard.intake.account_rows import Account, join_reasons
from regard.intake.import_file import LEASE, FileImporter
from regard.intake.keep_imports import (
    QUERIES,
    FileImport,
    ImportTakenOverError,
    add_import,
    open_import,
    save_mapping,
    start_import,
)
from regard.intake.propose_import import PastImports, edit_mapping, propose_import, read_past
from regard.intake.run_imports import finish_import
from regard.kit.errors import RegardError, Transient
from regard.processes.open_database import OpenedDatabase
from regard.processes.settings import Settings
from regard.processes.show_imports import ProgressLine, account_lines, proposal_lines
from regard.processes.show_safely import shown
from regard.processes.wiring import Foundation, migrate_database, open_foundation
from regard.sources.manage_sources import NoSuchSourceError, Source, create_source, read_source

_DONE, _FAILED = 0, 1
_CONNECTOR = "file"
_BY = "terminal"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the command line said."""

    files: list[Path]
    source: str
    stream: str | None
    target: str | None
    changes: dict[str, Any]
    dry_run: bool
    yes: bool
    create_source: str | None


def add_import_command(commands: Any) -> None:  # noqa: ANN401 - argparse names this type privately
    """The subcommand `import` and its options."""
    help_text = "import files: CSV, JSON Lines, JSON or Excel, also packed with gzip"
    parser: argparse.ArgumentParser = commands.add_parser("import", help=help_text, description=help_text)
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--source", required=True, help="the slug of the source that the files come from")
    parser.add_argument(
        "--stream", help="what the rows are, such as customers or orders; else the file's name"
    )
    parser.add_argument("--target", choices=TARGETS, help="what every row is; else it is guessed")
    parser.add_argument(
        "--mapping", type=Path, metavar="FILE", help="a mapping as JSON or TOML, or parts of one"
    )
    parser.add_argument("--currency", help="the currency of amounts that name none, such as EUR")
    parser.add_argument(
        "--time-zone", metavar="ZONE", help="the zone of times that name none, such as Europe/Berlin"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before the import")
    parser.add_argument(
        "--create-source", metavar="TITLE", help="set the source up under this title if it is new"
    )
    parser.add_argument("--home", help="the data folder (REGARD_HOME)")
    parser.set_defaults(run=import_files)


def import_files(settings: Settings, options: argparse.Namespace) -> int:
    """Import the files; 0 when every row of every file is in, 1 when one could not be taken."""
    changes = _read_mapping_file(options.mapping) if options.mapping else {}
    for name, value in (("currency", options.currency), ("time_zone", options.time_zone)):
        if value is not None:
            changes[name] = value.upper() if name == "currency" else value
    asked = ImportOptions(
        options.files, options.source, options.stream, options.target or changes.get("target"), changes,
        options.dry_run, options.yes, options.create_source,
    )  # fmt: skip
    with OpenedDatabase(settings) as database:
        return asyncio.run(_import_all(settings, database.url, asked))


async def _import_all(settings: Settings, url: str, options: ImportOptions) -> int:
    await migrate_database(url)
    accounts: list[Account] = []
    failed = False
    async with open_foundation(settings, url, "import") as foundation:
        source = await _find_source(foundation, options)
        for path in options.files:
            try:
                account = await _import_one(foundation, source, path, options)
            except RegardError as problem:
                if isinstance(problem, Transient):
                    raise
                _print(f"regard: {_name_file(path, problem)}", error=True)
                failed = True
                continue
            if account is not None:
                accounts.append(account)
    if len(accounts) > 1:
        _print("\n".join(account_lines("All files", _sum(accounts), dry_run=options.dry_run)))
    return _FAILED if failed or any(account.quarantined for account in accounts) else _DONE


async def _import_one(
    foundation: Foundation, source: Source, path: Path, options: ImportOptions
) -> Account | None:
    """The account of one file; None when the person decided against it."""
    file = await asyncio.to_thread(
        _look_at, foundation, source, path, options, await _past(foundation, options, path)
    )
    _print("\n".join(proposal_lines(file)))
    check_mapping(file.mapping, file.format.type, [column.name for column in file.columns])
    if not options.dry_run and not _agreed(options):
        _print("Nothing was imported.")
        return None
    progress = ProgressLine(sys.stderr, file.filename, file.survey.size_bytes)
    importer = FileImporter(foundation.pool, foundation.keyring, foundation.clock)
    try:
        if options.dry_run:
            account = await importer.dry_run(file, path, None, progress.show)
        else:
            account = await _run(foundation, importer, file, path, progress)
    finally:
        progress.end()
    _print("\n".join(account_lines(file.filename, account, dry_run=options.dry_run)))
    return account


async def _run(
    foundation: Foundation, importer: FileImporter, file: FileImport, path: Path, progress: ProgressLine
) -> Account:
    """Run a new import, or go on with the one that a killed program left behind."""
    owner = f"terminal {os.getpid()}"
    async with foundation.pool.acquire() as connection, connection.transaction():
        mapping = msgspec.json.encode(file.mapping).decode()
        left = await connection.fetchval(
            QUERIES["find_unfinished"], file.source, file.stream, file.survey.digest, mapping
        )
        if left is None:
            await add_import(connection, foundation.keyring, file)
            await start_import(connection, file.import_id, "running")
            await save_mapping(connection, file.source, file.mapping, foundation.clock.now(), _BY)
        row = await connection.fetchrow(QUERIES["claim_one"], left or file.import_id, owner, LEASE)
        if row is None:
            raise ImportTakenOverError(
                f"{file.filename}: another process imports this file right now; wait for it"
            )
        claimed = await open_import(connection, foundation.keyring, row)
    try:
        account = await importer.run(claimed, path, owner, progress.show)
    except BaseException as problem:
        async with foundation.pool.acquire() as connection:
            if isinstance(problem, RegardError) and not isinstance(problem, Transient):
                await finish_import(
                    connection, claimed, owner, "failed", None, str(problem), foundation.clock
                )
            else:
                await connection.execute(QUERIES["release_import"], claimed.import_id, owner)
        raise
    async with foundation.pool.acquire() as connection:
        await finish_import(connection, claimed, owner, "done", account, None, foundation.clock)
    return account


def _look_at(
    foundation: Foundation, source: Source, path: Path, options: ImportOptions, past: PastImports
) -> FileImport:
    name = path.name or str(path)
    survey = survey_file(path, str(path))
    file = propose_import(
        path, name, survey, source, _stream_of(options, path), past, foundation.clock,
        by=_BY, runner="terminal", target=options.target,
    )  # fmt: skip
    if options.changes:
        sample = sample_table(path, name, survey)
        file = replace(file, mapping=edit_mapping(file, options.changes, sample, source.country))
    return file


def _name_file(path: Path, problem: RegardError) -> str:
    sentence = shown(str(problem))
    return sentence if path.name in sentence else f"{shown(path.name)}: {sentence}"


async def _past(foundation: Foundation, options: ImportOptions, path: Path) -> PastImports:
    async with foundation.pool.acquire() as connection:
        return await read_past(connection, options.source, _stream_of(options, path))


async def _find_source(foundation: Foundation, options: ImportOptions) -> Source:
    """The source; set up now when asked for, but in a dry run only in thought."""
    async with foundation.pool.acquire() as connection:
        try:
            return await read_source(connection, options.source)
        except NoSuchSourceError as missing:
            if options.create_source is None:
                raise NoSuchSourceError(f"{missing} Or add --create-source “Its title”.") from None
        source = Source(options.source, options.create_source, _CONNECTOR)
        if not options.dry_run:
            await create_source(connection, source, foundation.clock.now())
        return source


def _agreed(options: ImportOptions) -> bool:
    if options.yes:
        return True
    if not sys.stdin.isatty():
        raise UnusableMappingError(
            "nobody is there to be asked; add --yes to import as shown, or --dry-run to look"
        )
    sys.stdout.write("Import it like this? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() in (
        "y",
        "yes",
        "j",
        "ja",
        "t",
        "tak",
        "o",
        "oui",
        "s",
        "sí",
        "si",
        "sim",
    )


def _read_mapping_file(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".toml":
            return msgspec.toml.decode(raw, type=dict[str, Any])
        return msgspec.json.decode(raw, type=dict[str, Any])
    except OSError as problem:
        raise UnreadableFileError(f"{path} cannot be read: {problem.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise UnusableMappingError(f"{path} is not a mapping in JSON or TOML: {problem}") from None


def _stream_of(options: ImportOptions, path: Path) -> str:
    """The stream asked for, else the file's name without endings and dates."""
    if options.stream:
        return options.stream
    base = path.name.split(".", maxsplit=1)[0].lower()
    return re.sub(r"[^a-z]+", "_", base).strip("_") or "rows"


def _sum(accounts: list[Account]) -> Account:
    return Account(
        sum(a.read for a in accounts), sum(a.stored for a in accounts), sum(a.unchanged for a in accounts),
        sum(a.quarantined for a in accounts), join_reasons(accounts), sum(a.empty for a in accounts),
    )  # fmt: skip


def _print(text: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(text + "\n")
    stream.flush()
