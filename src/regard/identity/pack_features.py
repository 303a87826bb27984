"""The rows of records collected in bulk: their values packed, as there are millions of them."""

from collections.abc import Hashable, Sequence

from regard.identity.evidence_fields import EVIDENCE_FIELDS, EvidenceField
from regard.identity.hold_features import NAME_FIELDS, FeatureTable, Row
from regard.identity.hold_values import ValueColumn
from regard.identity.match_model import MatchModel
from regard.identity.normalise_fields import Features
from regard.identity.normalise_names import PersonName
from regard.identity.pack_values import PackedValues, pack, shape_of


class PackedColumn(ValueColumn):
    """A column whose values are packed; to know them again takes memory that `settle` frees."""

    def __init__(self, field: EvidenceField, model: MatchModel) -> None:
        super().__init__(field, model)
        self.values = self._packed = PackedValues(shape_of(field))
        self._code_of_packed: tuple[dict[bytes, int], dict[bytes, int]] = {}, {}

    def code(self, value: Hashable | None, kind: int) -> int:
        """The number of a value of a party of this kind; new values get new numbers."""
        if value is None:
            return 0
        packed = pack(value)
        codes = self._code_of_packed[kind]
        found = codes.get(packed)
        if found is None:
            found = codes[packed] = self._packed.put(packed)
            self.kinds.append(kind)
        return found

    def settle(self) -> None:
        """There are no more values to come."""
        self._code_of_packed = {}, {}


_SPOKEN_BY = {
    "sex": "sex",
    "birth_date": "birth",
    "email": "emails",
    "phone": "phones",
    "address": "address",
    "government_id": "governments",
    "account_id": "accounts",
    "handle": "handles",
    "user_id": "user_id",
    "device_id": "devices",
    "tax_id": "governments",
    "domain": "domains",
    "apart": "apart",
}
"""The part of the features without which a field says nothing; of the others it is not told."""


class PackedTable(FeatureTable):
    """Gives features their rows, as `FeatureTable` does, and keeps what they say in little memory."""

    def forget(self) -> None:
        """Let go of every value seen: rows made before mean nothing from now on."""
        super().forget()
        self.names = self._packed = PackedValues(PersonName, PersonName())
        self._code_of_packed = {pack(PersonName()): 0}
        self._asked: list[tuple[int, ValueColumn, int]] = []
        """Fields beside the name: their place, column, and what of the features must be there for them."""

    def settle(self) -> None:
        """There are no more rows to come."""
        self._code_of_packed.clear()
        for column in self.columns:
            if isinstance(column, PackedColumn):
                column.settle()

    def _new_column(self, field: EvidenceField) -> ValueColumn:
        return PackedColumn(field, self._model)

    def row(self, found: Features) -> Row:
        """The row of ``found``, as `FeatureTable.row` gives it; what names are made of is known for each."""
        if found.kind == "organisation" or found.others:
            return super().row(found)
        codes = [0] * len(self.columns)
        whole = self._code_of_packed.get(packed := pack(found.name))
        if whole is None:
            for at in NAME_FIELDS:
                codes[at] = self.columns[at].code(self.columns[at].value_of(found), 0)
            whole = self._put_name(packed, codes)
        else:
            for at in NAME_FIELDS:
                codes[at] = self._parts[at][whole]
        for at, column, part in self._asked or self._ask():
            if found[part] and (value := column.value_of(found)) is not None:
                codes[at] = column.code(value, 0)
        return (0, whole, *codes)

    def _ask(self) -> list[tuple[int, ValueColumn, int]]:
        """The fields of persons beside the name."""
        self._asked = [
            (at, column, Features._fields.index(_SPOKEN_BY.get(column.field.name, "kind")))
            for at, column in enumerate(self.columns[: len(EVIDENCE_FIELDS)])
            if at not in NAME_FIELDS
        ]
        return self._asked

    def _whole(self, name: PersonName, codes: Sequence[int]) -> int:
        packed = pack(name)
        whole = self._code_of_packed.get(packed)
        return self._put_name(packed, codes) if whole is None else whole

    def _put_name(self, packed: bytes, codes: Sequence[int]) -> int:
        whole = self._code_of_packed[packed] = self._packed.put(packed)
        self._part(codes)
        return whole
