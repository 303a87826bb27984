"""Loads the mappings that come with Regard: one YAML file a connector, a list of streams in it."""

from __future__ import annotations

from functools import cache
from importlib import resources

import yaml

from regard.connectors.files.describe_mapping import UnusableMappingError
from regard.connectors.mapping.describe_stream_mapping import StreamMapping, read_stream_mapping


@cache
def shipped_mappings(name: str) -> tuple[StreamMapping, ...]:
    """The mappings of a connector by the name of its file; raises `UnusableMappingError`."""
    text = resources.files("regard.connectors.mappings").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return parse_mappings(text, f"{name}.yaml")


def parse_mappings(text: str, where: str) -> tuple[StreamMapping, ...]:
    """Mappings from YAML text (JSON is YAML too): a list of streams, or one alone."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UnusableMappingError(f"{where}{line}: not YAML: {getattr(error, 'problem', error)}") from None
    listed = value if isinstance(value, list) else [value]
    return tuple(read_stream_mapping(one) for one in listed)
