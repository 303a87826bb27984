"""Writes the parts of docs/reference that are made from the code: `python docs/write_reference.py`.

A page is written by hand but for what stands between `<!-- made from the code: name -->` and `<!-- end -->`.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args, get_origin
from uuid import UUID

import msgspec

import regard
from regard.access.field_registry import FieldClass, FieldRule, shipped_registry
from regard.access.load_roles import Role, shipped_roles
from regard.connectors.connector_catalogue import DIALECTS
from regard.db.migrate import read_migrations
from regard.events.event_catalogue import EventBody
from regard.kit.errors import RegardError
from regard.processes.command_line import make_parser
from regard.processes.settings import Settings
from regard.views.card_catalogue import CARDS

REFERENCE = Path(__file__).resolve().parent / "reference"
_SECTION = re.compile(r"(<!-- made from the code: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NEW_TABLE = re.compile(r"((?:^-- [^\n]*\n)*)^CREATE TABLE (\w+)\.(\w+) \((.*?)^\)", re.MULTILINE | re.DOTALL)
_NEW_COLUMN = re.compile(r"^ALTER TABLE (\w+)\.(\w+)\s+ADD COLUMN ([^;]*);(.*)$", re.MULTILINE)
_MANY = 5
_CLASSES: tuple[FieldClass, ...] = ("C0", "C1", "C2", "C3")


def main() -> None:
    """Write the pages whose made parts have changed, and name them."""
    for path in sorted(REFERENCE.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        fresh = render_page(text)
        if fresh != text:
            path.write_text(fresh, encoding="utf-8")
            sys.stdout.write(f"written: docs/reference/{path.name}\n")


def render_page(text: str) -> str:
    """The page with its made parts as the code has them now."""
    return _SECTION.sub(lambda found: f"{found[1]}\n{SECTIONS[found['name']]().strip()}\n\n{found[3]}", text)


def list_settings() -> str:
    """Every environment variable with its default and meaning."""
    rows = []
    for name, field in Settings.model_fields.items():
        shown = "see below" if field.default_factory else _plain(field.default)
        rows.append(
            (f"`REGARD_{name.upper()}`", shown, _values_of(field.annotation), field.description or "")
        )
    return _table(("Variable", "Default", "Values", "Meaning"), rows)


def list_commands() -> str:
    """Every subcommand with its options."""
    parts = []
    for name, parser in _subcommands(make_parser()).items():
        rows = []
        for action in parser._actions:
            if action.dest != "help":
                shown = ", ".join(action.option_strings) or str(action.metavar or action.dest)
                rows.append((f"`{shown}`", action.help or ""))
        lines = [f"### `regard {name}`", "", _sentence(parser.description or "")]
        if rows:
            lines += ["", _table(("Option", "Meaning"), rows)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def list_roles() -> str:
    """Rights and classes of every role, then its exceptions, interactions and cards."""
    roles = shipped_roles()
    rows = [
        (
            f"`{name}`",
            role.title,
            _words(sorted(role.policy.rights)),
            *(role.policy.classes[c] for c in _CLASSES),
        )
        for name, role in roles.items()
    ]
    parts = [_table(("Role", "Title", "Rights", *_CLASSES), rows)]
    parts += [_describe_role(name, role) for name, role in roles.items() if role.desktop]
    return "\n\n".join(parts)


def list_fields() -> str:
    """Every classified field of a customer, then of interactions."""
    rules = shipped_registry().rules.values()
    of_entries = [rule for rule in rules if "." in rule.field]
    of_customers = [rule for rule in rules if "." not in rule.field]
    head, second_head = "### Of customers", "### Of interactions and other things"
    return "\n\n".join([head, _field_table(of_customers), second_head, _field_table(of_entries)])


def list_events() -> str:
    """Every family of event with the parts of its body."""
    parts = []
    for family in get_args(EventBody):
        tag = family.__struct_config__.tag
        rows = [
            (f"`{field.name}`", _type_name(field.type), "yes" if field.required else "no")
            for field in msgspec.structs.fields(family)
        ]
        parts.append(f"### `{tag}`\n\n{_doc(family)}\n\n" + _table(("Part", "Type", "Required"), rows))
    return "\n\n".join(parts)


def list_tables() -> str:
    """Every schema, table and column, as the migrations make them."""
    parts = []
    for schema, tables in sorted(read_tables().items()):
        parts.append(f"### Schema `{schema}`")
        for table, (why, columns) in tables.items():
            head = f"**`{schema}.{table}`**" + (f": {why}" if why else "")
            listed = "\n".join(f"- `{name}` {rest}" for name, rest in columns)
            parts.append(f"{head}\n\n{listed}")
    return "\n\n".join(parts)


def list_migrations() -> str:
    """Every migration by name."""
    return "\n".join(f"- `{migration.name}`" for migration in read_migrations())


def list_cards() -> str:
    """Every card there is."""
    return _table(("Card", "Title", "Kind"), [(f"`{card.id}`", card.title, card.kind) for card in CARDS])


def list_dialects() -> str:
    """Every format that can be pushed."""
    return _table(("Dialect", "Title"), [(f"`{dialect.name}`", dialect.title) for dialect in DIALECTS])


def list_errors() -> str:
    """Every error with the code and status that the API answers with."""
    for module in pkgutil.walk_packages(regard.__path__, "regard."):
        importlib.import_module(module.name)
    found = {
        (error.code, error.status, _first_sentence(_doc(error)))
        for error in _descendants(RegardError)
        if error.code != RegardError.code and error.__module__.startswith("regard.")
    }
    rows = [(f"`{code}`", str(status), why) for code, status, why in sorted(found)]
    return _table(("Code", "Status", "Meaning"), rows)


def read_tables() -> dict[str, dict[str, tuple[str, list[tuple[str, str]]]]]:
    """Schema -> table -> (why, columns), from the text of all migrations."""
    schemas: dict[str, dict[str, tuple[str, list[tuple[str, str]]]]] = {}
    for migration in read_migrations():
        for found in _NEW_TABLE.finditer(migration.sql):
            why = " ".join(line.removeprefix("-- ") for line in found[1].splitlines())
            schemas.setdefault(found[2], {})[found[3]] = (why, _columns(found[4]))
        for found in _NEW_COLUMN.finditer(migration.sql):
            column = _columns(f"    {found[3]}{found[4]}")
            schemas[found[1]][found[2]][1].extend(column)
    return schemas


def _columns(text: str) -> list[tuple[str, str]]:
    columns = []
    for line in text.splitlines():
        found = re.match(r"\s+([a-z_]+)\s+([a-z]+(?:\[\])?)(?:[^-']|'[^']*')*(?:--\s*(.*))?$", line)
        if found and found[1] not in {"constraint", "check", "unique"}:
            columns.append((found[1], found[2] + (f": {found[3]}" if found[3] else "")))
    return columns


def _describe_role(name: str, role: Role) -> str:
    policy, desktop = role.policy, role.desktop
    assert desktop is not None
    by_action: dict[str, list[str]] = {}
    for field, action in policy.overrides.items():
        by_action.setdefault(action, []).append(field)
    lines = [f"### {role.title} (`{name}`)", ""]
    lines += [f"- Exceptions, {action}: {_words(sorted(by_action[action]))}" for action in sorted(by_action)]
    lines += [
        f"- Interactions: {_words(sorted(policy.types))}",
        f"- The timeline opens with the filter `{desktop.filter}`",
        f"- Vitals: {_words(desktop.vitals)}",
        f"- Cards left: {_words(desktop.left)}",
        f"- Cards centre: {_words(desktop.centre)}",
        f"- Cards right: {_words(desktop.right)}",
    ]
    return "\n".join(lines)


def _field_table(rules: Iterable[FieldRule]) -> str:
    return _table(
        ("Field", "Label", "Class", "Mask"), [(f"`{r.field}`", r.label, r.class_, r.mask) for r in rules]
    )


def _subcommands(parser: argparse.ArgumentParser, prefix: str = "") -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in action.choices.items():
                found[prefix + name] = child
                found |= _subcommands(child, f"{prefix}{name} ")
    return found


def _descendants(kind: type[RegardError]) -> Iterable[type[RegardError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _values_of(annotation: object) -> str:
    if get_origin(annotation) is Literal:
        return _words([str(one) for one in get_args(annotation)])
    names = {
        "Path": "a path",
        "str": "text",
        "int": "a number",
        "bool": "true or false",
        "SecretStr": "a URL",
    }
    kinds = [one for one in get_args(annotation) if one is not type(None)] or [annotation]
    return ", ".join(names.get(getattr(kind, "__name__", ""), str(kind)) for kind in kinds)


def _type_name(kind: object) -> str:
    if get_origin(kind) is Literal:
        words = [str(one) for one in get_args(kind)]
        return " or ".join(f"`{word}`" for word in words) if len(words) < _MANY else "an interaction type"
    parts = [one for one in get_args(kind) if one is not type(None)]
    if inspect.isclass(kind) and not parts:
        return {"str": "text", "int": "a whole number", "UUID": "an id"}.get(kind.__name__, kind.__name__)
    if get_origin(kind) is dict:
        return "fields by name"
    if get_origin(kind) is list:
        return "a list of ids" if parts == [UUID] else "a list"
    return _type_name(parts[0])


def _doc(thing: type) -> str:
    return " ".join((inspect.getdoc(thing) or "").split())


def _first_sentence(text: str) -> str:
    return text.split(". ", maxsplit=1)[0].rstrip(".") + "."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "none"


def _plain(value: object) -> str:
    if value is None:
        return "unset"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


SECTIONS: Mapping[str, Callable[[], str]] = {
    "settings": list_settings,
    "commands": list_commands,
    "roles": list_roles,
    "fields": list_fields,
    "events": list_events,
    "tables": list_tables,
    "migrations": list_migrations,
    "cards": list_cards,
    "dialects": list_dialects,
    "errors": list_errors,
}

if __name__ == "__main__":
    main()
