"""A code names one kind of error: who reads it need not guess which."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import regard


def test_no_two_kinds_of_error_share_a_code() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path in Path(regard.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                for line in node.body:
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                        found[ast.literal_eval(line.value)].add(node.name)
    assert len(found) > 50
    assert {code: names for code, names in found.items() if len(names) > 1} == {}
