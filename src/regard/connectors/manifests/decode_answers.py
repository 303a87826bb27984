"""Bodies of answers as the JSON values that a manifest extracts its records from."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from regard.connectors.connector_contract import SourceMisbehavesError
from regard.connectors.http.http_answer import HttpAnswer, read_exact_json
from regard.connectors.manifests.dig_paths import dig
from regard.connectors.manifests.read_manifest import Component

_LARGEST = 256 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_Decode = Callable[[bytes, Component], Any]


def decode(answer: HttpAnswer, decoder: Component | None) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The answer's body as JSON; raises `SourceMisbehavesError` when it is not what the decoder expects."""
    decoder = decoder or {"type": "JsonDecoder"}
    kind = decoder["type"]
    if not answer.body.strip():
        return {}
    if kind == "JsonDecoder":
        return answer.json()
    try:
        return _DECODERS[kind](answer.body, decoder)
    except (ValueError, LookupError, csv.Error, ET.ParseError, zlib.error, zipfile.BadZipFile):
        raise SourceMisbehavesError(
            f"{answer.place} answered {answer.status} with something that {kind} cannot read"
        ) from None


def _json(body: bytes, _: Component) -> Any:  # noqa: ANN401
    return read_exact_json(body)


def _json_items(body: bytes, decoder: Component) -> Any:  # noqa: ANN401
    found = dig(read_exact_json(body), str(decoder["items_path"]).split("."))
    return found if isinstance(found, list) else []


def _json_lines(body: bytes, _: Component) -> list[Any]:
    return [read_exact_json(line) for line in body.splitlines() if line.strip()]


def _lines(body: bytes, _: Component) -> list[Any]:
    return [{"record": line} for line in body.decode().splitlines()]


def _csv(body: bytes, decoder: Component) -> list[Any]:
    text = body.decode(decoder.get("encoding") or "utf-8").removeprefix("\ufeff")
    delimiter = str(decoder.get("delimiter") or ",").replace("\\t", "\t")
    nothing = set(decoder.get("set_values_to_none") or ())
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = ({key: value for key, value in row.items() if key is not None} for row in reader)
    return [{key: None if value in nothing else value for key, value in row.items()} for row in rows]


def _gzip(body: bytes, decoder: Component) -> Any:  # noqa: ANN401
    return _decode_inner(_inflate(body) if body.startswith(_GZIP) else body, decoder)


def _inflate(body: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    text = stream.decompress(body, _LARGEST)
    if stream.unconsumed_tail:
        raise ValueError("unpacks to too much")
    return text


def _zip(body: bytes, decoder: Component) -> Any:  # noqa: ANN401
    found: list[Any] = []
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise ValueError("unpacks to too much")
        for entry in archive.infolist():
            if not entry.is_dir():
                with archive.open(entry) as packed:
                    value = _decode_inner(packed.read(_LARGEST), decoder)
                found.extend(value if isinstance(value, list) else [value])
    return found


def _decode_inner(body: bytes, decoder: Component) -> Any:  # noqa: ANN401
    inner = decoder.get("decoder") or {"type": "JsonDecoder"}
    return _DECODERS[inner["type"]](body, inner)


def _xml(body: bytes, _: Component) -> Any:  # noqa: ANN401
    # Entities could unfold without end; no data source needs its own.
    if b"<!DOCTYPE" in body[:100_000] or b"<!ENTITY" in body:
        raise ValueError("XML with a document type")
    root = ET.fromstring(body)  # noqa: S314 - document types were refused
    return {_name(root.tag): _element(root, 0)}


def _element(element: ET.Element, depth: int) -> Any:  # noqa: ANN401
    if depth > 100:
        raise ValueError("XML nested too deep")
    found: dict[str, Any] = {f"@{_name(name)}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = _name(child.tag), _element(child, depth + 1)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    text = (element.text or "").strip()
    if not found:
        return text or None
    return {**found, "#text": text} if text else found


def _name(tag: str) -> str:
    return tag.rsplit("}", maxsplit=1)[-1]


_DECODERS: Mapping[str, _Decode] = {
    "JsonDecoder": _json,
    "JsonItemsDecoder": _json_items,
    "JsonlDecoder": _json_lines,
    "IterableDecoder": _lines,
    "CsvDecoder": _csv,
    "GzipDecoder": _gzip,
    "ZipfileDecoder": _zip,
    "XmlDecoder": _xml,
}
