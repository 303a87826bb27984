"""Reads MAP.toml: which column names a row, which says its source, and what every other column holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from regard.identity.identity_record import Kind
from regard.identity.normalise_addresses import country_code
from regard.kit.errors import RegardError, Terminal

FIELD_TYPES = (
    "given_name", "middle_name", "family_name", "full_name", "generation", "birth_date", "sex", "email",
    "phone", "house_number", "street", "unit", "city", "postcode", "state", "country", "address",
    "government_id", "account_id", "device_id", "handle", "organisation", "domain", "text", "category",
)  # fmt: skip
IGNORE = "ignore"
ISSUED = frozenset({"government_id", "account_id"})
_KEYS = ("id", "source", "sources", "link_only", "kind", "country", "repeated_ids", "fields")
ALSO_KNOWN_AS = {
    "first_name": "given_name", "firstname": "given_name", "forename": "given_name", "first": "given_name",
    "last_name": "family_name", "lastname": "family_name", "surname": "family_name", "last": "family_name",
    "name": "full_name", "suffix": "generation", "dob": "birth_date", "birthdate": "birth_date",
    "date_of_birth": "birth_date", "date": "birth_date", "gender": "sex", "mail": "email",
    "e-mail": "email", "telephone": "phone", "mobile": "phone", "street_number": "house_number",
    "number": "house_number", "town": "city", "suburb": "city", "zip": "postcode", "zipcode": "postcode",
    "postal_code": "postcode", "zip_code": "postcode", "county": "state", "region": "state",
    "province": "state", "ssn": "government_id", "tax_id": "government_id", "passport": "government_id",
    "customer_id": "account_id", "user_id": "account_id", "cookie": "device_id", "anonymous_id": "device_id",
    "company": "organisation", "organization": "organisation", "employer": "organisation",
    "website": "domain", "url": "domain", "string": "text", "skip": IGNORE, "none": IGNORE,
}  # fmt: skip


class FieldMapError(RegardError, Terminal):
    """A map of fields that cannot be used; the message names the entry and the remedy."""

    code = "unusable_field_map"
    status = 422


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """What one column holds. `issuer` is who gives the numbers out ('' when it is not known)."""

    name: str
    type: str
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """What MAP.toml says.

    `id` None: rows are named by their number. `source_column` None: every file is one source, called as
    `sources` says or like the file. `link_only`: no two records of one source are the same customer.
    `kind` None: decided row by row. `country` is for telephone numbers without one. `join_repeated`:
    different rows with one id are one customer; else they are refused.
    """

    path: str
    id: str | None
    columns: tuple[MappedColumn, ...]
    source_column: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    link_only: bool = False
    kind: Kind | None = None
    country: str = ""
    join_repeated: bool = False

    def source_of(self, path: Path) -> str:
        """The name of the source that a file is, where no column says it."""
        return self.sources.get(str(path)) or self.sources.get(path.name) or bare_name(path)


def bare_name(path: Path) -> str:
    """A file's name without its endings: `crm.csv.gz` is `crm`."""
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[0] or name


def read_field_map(path: Path) -> FieldMap:
    """The map in a TOML file; raises `FieldMapError` for whatever cannot be meant."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise FieldMapError(
            f"{path}: the map cannot be read ({why}); `regard resolve FILE --propose` prints one"
        ) from None
    except tomllib.TOMLDecodeError as problem:
        raise FieldMapError(
            f"{path}: this is no TOML: {problem}; put names with spaces or dots into quotation marks"
        ) from None
    return _Checker(str(path)).check(raw)


class _Checker:
    """Turns the parsed TOML into a map, with the place in every complaint."""

    def __init__(self, path: str) -> None:
        self._path = path

    def check(self, raw: Mapping[str, Any]) -> FieldMap:
        for key in raw:
            if key not in _KEYS:
                raise self._error(_complain(f"there is no key “{key}”", key, _KEYS))
        column, names = self._sources(raw.get("source"), raw.get("sources"))
        columns = tuple(self._column(*entry) for entry in self._table(raw, "fields").items())
        columns = tuple(found for found in columns if found.type != IGNORE)
        if not columns:
            raise self._error(
                "[fields] names no column to compare; add lines such as `email = \"email\"`, or"
                " print a map to start from with `regard resolve FILE --propose`"
            )  # fmt: skip
        return FieldMap(
            path=self._path,
            id=self._text(raw, "id") or None,
            columns=columns,
            source_column=column,
            sources=names,
            link_only=self._switch(raw, "link_only"),
            kind=cast("Kind | None", self._one_of(raw, "kind", ("person", "organisation")) or None),
            country=self._country(raw),
            join_repeated=self._one_of(raw, "repeated_ids", ("refuse", "join")) == "join",
        )  # fmt: skip

    def _sources(self, source: object, sources: object) -> tuple[str | None, dict[str, str]]:
        if isinstance(source, dict) and sources is None:
            source, sources = None, source
        if source is not None and sources is not None:
            raise self._error("`source` names a column and [sources] names files; keep one of the two")
        if source is not None and (not isinstance(source, str) or not source):
            raise self._error('`source` must be the name of a column, such as source = "source_dataset"')
        if sources is not None and not (
            isinstance(sources, dict) and all(isinstance(name, str) and name for name in sources.values())
        ):
            raise self._error('[sources] must give each file a name, such as "contacts.csv" = "crm"')
        return source, dict(sources) if isinstance(sources, dict) else {}

    def _column(self, name: str, entry: object) -> MappedColumn:
        table = {"type": entry} if isinstance(entry, str) else entry
        if not isinstance(table, dict) or not isinstance(table.get("type"), str):
            raise self._error(
                f"[fields] {name} must be a type, such as \"email\", or a table such as"
                ' { type = "government_id", issuer = "US" }'
            )  # fmt: skip
        kind = table["type"]
        if kind not in FIELD_TYPES and kind != IGNORE:
            known = (*FIELD_TYPES, IGNORE)
            raise self._error(_complain(f"[fields] {name}: there is no type “{kind}”", kind, known))
        for key in table:
            if key not in ("type", "issuer"):
                raise self._error(
                    f"[fields] {name}: there is no “{key}” here; a column has a `type`, a number an `issuer`"
                )
        issuer = table.get("issuer", "")
        if issuer != "" and kind not in ISSUED:
            raise self._error(
                f"[fields] {name}: only government_id and account_id have an issuer; take it from this column"
            )
        if not isinstance(issuer, str):
            raise self._error(f'[fields] {name}: the issuer must be a text, such as issuer = "US"')
        return MappedColumn(name, kind, issuer)

    def _table(self, raw: Mapping[str, Any], key: str) -> dict[str, object]:
        found = raw.get(key, {})
        if not isinstance(found, dict):
            raise self._error(f"`{key}` must be a table: write [{key}] and below it one line per column")
        return found

    def _text(self, raw: Mapping[str, Any], key: str) -> str:
        found = raw.get(key, "")
        if not isinstance(found, str):
            raise self._error(f"`{key}` must be a text in quotation marks")
        return found

    def _switch(self, raw: Mapping[str, Any], key: str) -> bool:
        found = raw.get(key, False)
        if not isinstance(found, bool):
            raise self._error(f"`{key}` must be true or false, without quotation marks")
        return found

    def _one_of(self, raw: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str:
        found = self._text(raw, key)
        if found and found not in choices:
            raise self._error(_complain(f"`{key}` cannot be “{found}”", found, choices))
        return found

    def _country(self, raw: Mapping[str, Any]) -> str:
        found = self._text(raw, "country")
        code = country_code(found) if found else ""
        if found and not code:
            raise self._error(f"`country` is “{found}”; write the two letters of a country, such as DE or US")
        return code

    def _error(self, problem: str) -> FieldMapError:
        return FieldMapError(f"{self._path}: {problem}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """“: did you mean …?” for the known word that is closest, or nothing."""
    lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lower, 1, 0.6)
    return f": did you mean “{lower[found[0]]}”?" if found else ""


def _complain(problem: str, word: str, known: Sequence[str]) -> str:
    """The problem with the word that was perhaps meant, and all that may be written."""
    other = ALSO_KNOWN_AS.get(word.lower().replace(" ", "_"))
    meant = f": did you mean “{other}”?" if other in known else did_you_mean(word, known)
    return f"{problem}{meant or ';'} What may stand here: {', '.join(known)}"
