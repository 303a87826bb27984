"""Named SQL: every statement stands in a `.sql` file beside its room and is asked for by name."""

from __future__ import annotations

import re
from functools import cached_property
from importlib import resources

from regard.kit.errors import RegardError

_HEADER = re.compile(r"^--\s*name:\s*(?P<name>[a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class NamedQueryError(RegardError):
    """A `.sql` file, or a query in it, is not there or not well formed."""

    code = "named_query"


class NamedQueries:
    """The queries of one `.sql` file, read when the first is asked for.

    A query begins with `-- name: append` on a line of its own and ends before the next such line:

        QUERIES = NamedQueries(__package__, "eventlog.sql")
        await connection.execute(QUERIES["append"], ...)
    """

    def __init__(self, package: str, filename: str) -> None:
        self._package = package
        self._filename = filename

    def __getitem__(self, name: str) -> str:
        """The text of the query, without its header."""
        try:
            return self._queries[name]
        except KeyError:
            known = ", ".join(sorted(self._queries)) or "none"
            raise NamedQueryError(
                f"{self._place} has no query named {name!r}. It has: {known}."
                f" Add it under a line '-- name: {name}'."
            ) from None

    def __contains__(self, name: object) -> bool:
        """Whether the file has a query of this name."""
        return name in self._queries

    def names(self) -> list[str]:
        """The names of all queries, in the order of the file."""
        return list(self._queries)

    @property
    def _place(self) -> str:
        return f"{self._package.replace('.', '/')}/{self._filename}"

    @cached_property
    def _queries(self) -> dict[str, str]:
        try:
            text = resources.files(self._package).joinpath(self._filename).read_text(encoding="utf-8")
        except (FileNotFoundError, ModuleNotFoundError):
            raise NamedQueryError(
                f"There is no file {self._place}. Create it, or correct the name."
            ) from None
        return split_queries(text, place=self._place)


def split_queries(text: str, *, place: str) -> dict[str, str]:
    """The queries of `text` by name; `place` names the file in errors."""
    headers = list(_HEADER.finditer(text))
    preamble = text[: headers[0].start()] if headers else text
    stray = [line for line in preamble.splitlines() if line.strip() and not line.lstrip().startswith("--")]
    if stray:
        raise NamedQueryError(
            f"{place}: the statement {stray[0].strip()!r} has no name. Put a line '-- name: xyz' before it."
        )
    ends = [header.start() for header in headers[1:]] + [len(text)]
    queries: dict[str, str] = {}
    for header, end in zip(headers, ends, strict=True):
        name, body = header["name"], text[header.end() : end].strip()
        if name in queries:
            raise NamedQueryError(f"{place}: two queries are named {name!r}. Rename one.")
        if all(not line.strip() or line.lstrip().startswith("--") for line in body.splitlines()):
            raise NamedQueryError(f"{place}: the query {name!r} is empty. Write its SQL below the header.")
        queries[name] = body
    return queries
