"""Values of one evidence field packed one behind the other: a tenth of the memory of objects."""

from array import array
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, overload

import msgspec

from regard.identity.compare_names import FamilyName
from regard.identity.compare_values import Phones
from regard.identity.evidence_fields import Employer, EvidenceField, Keys, Mails
from regard.identity.normalise_addresses import Address
from regard.identity.normalise_organisations import OrganisationName

_Pair = tuple[str, str]
_SHAPES: Mapping[str, Any] = {
    "family_name": FamilyName,
    "full_name": _Pair,
    "birth_date": _Pair,
    "email": Mails,
    "phone": Phones,
    "address": Address,
    "government_id": Keys,
    "account_id": Keys,
    "handle": Keys,
    "device_id": Keys,
    "organisation": Employer,
    "name": OrganisationName,
    "tax_id": Keys,
    "domain": Keys,
    "apart": _Pair,
}
"""What the values of a field are where they are not texts."""

pack = msgspec.msgpack.Encoder().encode
"""A value as bytes: equal values give equal bytes, different ones different bytes."""


def shape_of(field: EvidenceField) -> Any:  # noqa: ANN401 - a type as msgspec takes it
    """The type of the values of ``field``."""
    return _SHAPES.get(field.name, str)


class PackedValues(Sequence[Any]):
    """Values in the order of their codes, each unpacked when asked for; code 0 is ``nothing``.

    About eight bytes a value and the text in it. ``shape``: their type, as msgspec takes it.
    """

    def __init__(self, shape: Any, nothing: Hashable = None) -> None:  # noqa: ANN401
        self._nothing = nothing
        self._unpack = msgspec.msgpack.Decoder(shape).decode
        self._bytes = bytearray()
        self._ends = array("Q", [0])

    def put(self, packed: bytes) -> int:
        """Take in one more value; its code."""
        self._bytes += packed
        self._ends.append(len(self._bytes))
        return len(self._ends) - 1

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, code: int) -> Hashable: ...

    @overload
    def __getitem__(self, code: slice) -> Sequence[Hashable]: ...

    def __getitem__(self, code: int | slice) -> Any:
        if isinstance(code, slice):
            return [self[at] for at in range(*code.indices(len(self)))]
        return self._unpack(self._bytes[self._ends[code - 1] : self._ends[code]]) if code else self._nothing

    def __iter__(self) -> Iterator[Any]:
        unpack, packed, start = self._unpack, self._bytes, 0
        yield self._nothing
        for end in self._ends[1:]:
            yield unpack(packed[start:end])
            start = end

