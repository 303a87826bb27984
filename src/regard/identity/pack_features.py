"""The rows of records collected in bulk: their values packed, as there are millions of them."""

from collections.abc import Hashable, Sequence

from regard.identity.evidence_fields import EvidenceField
from regard.identity.hold_features import FeatureTable
from regard.identity.hold_values import ValueColumn
from regard.identity.match_model import MatchModel
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


class PackedTable(FeatureTable):
    """Gives features their rows, as `FeatureTable` does, and keeps what they say in little memory."""

    def forget(self) -> None:
        """Let go of every value seen: rows made before mean nothing from now on."""
        super().forget()
        self.names = self._packed = PackedValues(PersonName, PersonName())
        self._code_of_packed = {pack(PersonName()): 0}

    def settle(self) -> None:
        """There are no more rows to come."""
        self._code_of_packed.clear()
        for column in self.columns:
            if isinstance(column, PackedColumn):
                column.settle()

    def _new_column(self, field: EvidenceField) -> ValueColumn:
        return PackedColumn(field, self._model)

    def _whole(self, name: PersonName, codes: Sequence[int]) -> int:
        packed = pack(name)
        whole = self._code_of_packed.get(packed)
        if whole is None:
            whole = self._code_of_packed[packed] = self._packed.put(packed)
            self._halve(codes)
        return whole
