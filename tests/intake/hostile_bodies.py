"""Bodies that have broken other doors: our own list, each with the status that the door owes it.

`{item}` stands for a sound item. The number is the status of the records API; the event API never
answers 5xx to any of them either.
"""

from __future__ import annotations

import gzip
import json
import zlib

ITEM = b'{"stream":"contacts","id":"1","kind":"person","fields":{"full_name":"Ann"}}'


def _with_field(raw: bytes) -> bytes:
    return ITEM.replace(b'"Ann"', raw)


def _bomb(size: int) -> bytes:
    """`size` MB of blanks without an end; a block that was flushed fully can be repeated."""
    packer = zlib.compressobj(9, wbits=31)
    first, again = (packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (size - 1)


HOSTILE_BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "blanks": (b" \n\t ", 400),
    "a byte": (b"\x00", 400),
    "half a word": (b"nul", 400),
    "null": (b"null", 400),
    "a number": (b"17", 400),
    "a text": (b'"records"', 400),
    "an empty list": (b"[]", 200),
    "an empty object": (b"{}", 200),
    "a list of scalars": (b'[1,"a",null,true,[]]', 200),
    "a cut object": (b'{"stream":', 400),
    "a trailing comma": (b"[" + ITEM + b",]", 400),
    "two values": (ITEM + ITEM, 400),
    "single quotes": (b"{'stream':'contacts'}", 400),
    "a comment": (b"/* hi */" + ITEM, 400),
    "a byte order mark": (b"\xef\xbb\xbf" + ITEM, 400),
    "UTF-16": (ITEM.decode().encode("utf-16"), 400),
    "Latin-1": (_with_field(b'"Ren\xe9"'), 400),
    "an overlong NUL": (_with_field(b'"\xc0\x80"'), 400),
    "an encoded surrogate": (_with_field(b'"\xed\xa0\x80"'), 400),
    "a cut character": (_with_field(b'"\xe2\x82"'), 400),
    "NUL": (_with_field(rb'"A\u0000nn"'), 400),
    "NUL in a key": (ITEM.replace(b'"full_name"', rb'"full\u0000name"'), 400),
    "a raw control character": (_with_field(b'"A\x01nn"'), 400),
    "half a surrogate pair": (_with_field(rb'"\ud83d"'), 400),
    "a surrogate pair the wrong way round": (_with_field(rb'"\ude00\ud83d"'), 400),
    "half a pair in a key": (ITEM.replace(b'"full_name"', rb'"\udc00"'), 400),
    "NaN": (_with_field(b"NaN"), 400),
    "Infinity": (_with_field(b"-Infinity"), 400),
    "a number beyond all floats": (_with_field(b"1e999"), 400),
    "a number of 5,000 digits": (_with_field(b"9" * 5_000), 400),
    "a number of 4,000 digits": (_with_field(b"9" * 4_000), 200),
    "a number beyond 2^53": (_with_field(b"12345678901234567890123"), 200),
    "a leading zero": (_with_field(b"017"), 400),
    "a hexadecimal number": (_with_field(b"0x11"), 400),
    "a key twice": (ITEM.replace(b'"id":"1"', b'"id":"1","id":"2"'), 400),
    "a key twice with blanks": (ITEM.replace(b'"id":"1"', b'"id" :"1","id": "2"'), 400),
    "a key twice, once escaped": (ITEM.replace(b'"id":"1"', rb'"id":"1","\u0069d":"2"'), 400),
    "10,000 deep": (b"[" * 10_000 + b"]" * 10_000, 400),
    "10,000 deep in a field": (_with_field(b'{"a":' * 10_000 + b"1" + b"}" * 10_000), 400),
    "1,000,000 brackets": (b"[" * 1_000_000, 400),
    "65 deep": (b"[" * 65 + b"]" * 65, 400),
    "only quotation marks": (b'"' * 200_001, 400),
    "only escaped quotation marks": (b'["' + b'\\"' * 200_000, 400),
    "a path of keys": (b'{"__proto__":{"admin":true},"constructor":{"prototype":{}}}', 200),
    "an id that is a list": (ITEM.replace(b'"1"', b'["1"]'), 200),
    "an id that is a float": (ITEM.replace(b'"1"', b"1.5"), 200),
    "an id that is true": (ITEM.replace(b'"1"', b"true"), 200),
    "an id of 10,000 characters": (ITEM.replace(b'"1"', b'"' + b"x" * 10_000 + b'"'), 200),
    "an event id of 500 emoji": (
        ITEM[:-1] + b',"event_id":"' + "🦉".encode() * 500 + b'"}', 200,
    ),
    "a stream of 3,000 different characters": (
        ITEM.replace(b"contacts", "".join(map(chr, range(0x4E00, 0x4E00 + 3_000))).encode()), 200,
    ),
    "markup": (_with_field(b'"<svg onload=alert(1)>"'), 200),
    "a formula": (_with_field(b'"=HYPERLINK(\\"http://x\\",\\"y\\")"'), 200),
    "SQL": (_with_field(b"\"'; DROP TABLE eventlog.event; --\""), 200),
    "right to left": (_with_field("\u202eevil\u202c שלום".encode().join([b'"', b'"'])), 200),
    "emoji": (_with_field('"👩‍👩‍👧‍👦 🏴‍☠️"'.encode()), 200),
    "one thousand and one items": (b"[" + b",".join([ITEM] * 1_001) + b"]", 413),
    "too many bytes": (_with_field(b'"' + b"x" * 5_000_000 + b'"'), 413),
    "half a gzip": (gzip.compress(ITEM * 1)[:20], 400),
    "a broken gzip": (b"\x1f\x8b" + b"\x00" * 50, 400),
    "a gzip bomb": (_bomb(200), 413),
    "a gzip in a gzip": (gzip.compress(gzip.compress(ITEM)), 400),
    "fields that are a list": (ITEM.replace(b'{"full_name":"Ann"}', b'["Ann"]'), 200),
    "1,001 fields": (
        ITEM.replace(b'{"full_name":"Ann"}', json.dumps({f"f{n}": "x" for n in range(1_001)}).encode()), 200,
    ),
    "a time in the year 99999": (ITEM[:-1] + b',"updated_at":"99999-01-01"}', 200),
    "a time that overflows": (ITEM[:-1] + b',"updated_at":1e300}', 200),
    "a time with an absurd zone": (ITEM[:-1] + b',"updated_at":"0001-01-01T00:00:00+23:59"}', 200),
    "a negative time": (ITEM[:-1] + b',"updated_at":-1e308}', 200),
}  # fmt: skip
