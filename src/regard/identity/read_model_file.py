"""Reads a match model from the JSON that `write_model` writes, and says where it is not one."""

import json
import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, NoReturn

from regard.identity.evidence_fields import EVIDENCE_FIELDS, EvidenceField, generic_field
from regard.identity.match_model import Chances, KindModel, Limits, MatchModel
from regard.identity.write_model import FORMAT, digest_of
from regard.kit.errors import RegardError, Terminal

_FIELDS = {field.name: field for field in EVIDENCE_FIELDS}
_GENERIC = "category", "text"
_TOP = ("regard_match_model", "version", "digest", "default_country", "limits", "person", "organisation")
_KIND = ("prior", "household_prior", "single", "lean", "levels", "frequencies")
_LIMITS = tuple(field.name for field in fields(Limits))
_COUNTS = frozenset({"piece_records", "key_records", "identifier_records"})


class ModelFileError(RegardError, Terminal):
    """A text that is no match model of ours; the message names the place and the remedy."""

    code = "unreadable_model_file"
    status = 422


def read_model_file(text: str, place: str = "the model") -> MatchModel:
    """The model in a JSON text; `place` is what errors call it, such as the name of the file.

    Raises `ModelFileError` for whatever is not there, not known or out of range, and when the content was
    changed without taking the `digest` out.
    """
    try:
        raw = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(
            f"{place}: this is no JSON ({problem}); a model is written by `--save-model`"
        ) from None
    return _Reader(place).model(raw)


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


class _Reader:
    """Turns parsed JSON into a model, with the path of entries in every complaint."""

    def __init__(self, place: str) -> None:
        self._place = place

    def model(self, raw: object) -> MatchModel:
        if isinstance(raw, dict) and "cluster_sizes" in raw and "report" in raw:
            raise self._problem(
                "",
                "this is the report of a run (--report), which holds no values to decide by; give the file"
                " that --save-model wrote in that run",
            )
        if not isinstance(raw, dict) or "regard_match_model" not in raw:
            raise self._problem(
                "", "this is no match model of Regard; import one of Splink with `regard import-model`"
            )
        if raw["regard_match_model"] != FORMAT:
            raise self._problem("regard_match_model", f"format {FORMAT} is read here; save the model anew")
        self._known(raw, _TOP, "")
        model = MatchModel(
            version=self._text(raw.get("version"), "version"),
            default_country=self._country(raw.get("default_country", "")),
            limits=self._limits(raw.get("limits")),
            person=self._kind(raw.get("person"), "person"),
            organisation=self._kind(raw.get("organisation"), "organisation"),
        )
        if raw.get("digest", digest_of(model)) != digest_of(model):
            raise self._problem(
                "digest",
                "the content was changed after the digest was taken; if that is meant, delete the entry"
                " `digest` and give the model another `version`",
            )
        return model

    def _limits(self, raw: object) -> Limits:
        table = self._table(raw, "limits")
        self._known(table, _LIMITS, "limits.")
        found: dict[str, Any] = {name: self._number(table.get(name), f"limits.{name}") for name in _LIMITS}
        for name in _COUNTS:
            if found[name] < 1 or found[name] != int(found[name]):
                raise self._problem(f"limits.{name}", "this must be a whole number, at least 1")
            found[name] = int(found[name])
        if found["bar_step"] <= 0:
            raise self._problem("limits.bar_step", "this must be more than 0")
        return Limits(**found)

    def _kind(self, raw: object, at: str) -> KindModel:
        table = self._table(raw, at)
        self._known(table, _KIND, f"{at}.")
        lean = self._number(table.get("lean"), f"{at}.lean")
        if not 0 <= lean <= 1:
            raise self._problem(f"{at}.lean", "this must be between 0 and 1")
        return KindModel(
            prior=self._number(table.get("prior"), f"{at}.prior"),
            household_prior=self._number(table.get("household_prior"), f"{at}.household_prior"),
            single=self._single(table.get("single"), f"{at}.single"),
            lean=lean,
            levels={
                name: self._levels(found, name, f"{at}.levels.{name}")
                for name, found in self._table(table.get("levels"), f"{at}.levels").items()
            },
            frequencies=self._frequencies(table.get("frequencies", {}), f"{at}.frequencies"),
        )

    def _single(self, raw: object, at: str) -> frozenset[str]:
        if not isinstance(raw, list):
            raise self._problem(at, "this must be a list of the fields that have one true value")
        for name in raw:
            self._levels_of(self._text(name, at), at)
        return frozenset(raw)

    def _levels(self, raw: object, field: str, at: str) -> dict[str, Chances]:
        known = self._levels_of(field, at)
        table = self._table(raw, at)
        self._known(table, known, f"{at}.")
        return {level: self._chances(found, f"{at}.{level}") for level, found in table.items()}

    def _chances(self, raw: object, at: str) -> Chances:
        table = self._table(raw, at)
        self._known(table, Chances._fields, f"{at}.")
        found = Chances(*[self._number(table.get(name), f"{at}.{name}") for name in Chances._fields])
        for name, value in found._asdict().items():
            # Only ratios of chances count, and what is learnt of households can pass 1 by a little.
            if value <= 0:
                raise self._problem(f"{at}.{name}", f"a chance must be more than 0, not {value!r}")
        return found

    def _frequencies(
        self,
        raw: object,
        at: str,
    ) -> dict[tuple[str, str], dict[Hashable, float]]:
        found: dict[tuple[str, str], dict[Hashable, float]] = {}
        for name, groups in self._table(raw, at).items():
            self._levels_of(name, f"{at}.{name}")
            known = set(_field(name).group_of.values())
            for group, table in self._table(groups, f"{at}.{name}").items():
                here = f"{at}.{name}.{group}"
                if group not in known:
                    raise self._problem(here, _unknown(group, "group of values", known))
                found[name, group] = self._worths(table, here)
        return found

    def _worths(self, raw: object, at: str) -> dict[Hashable, float]:
        table = self._table(raw, at)
        self._known(table, ("others", "values"), f"{at}.")
        found: dict[Hashable, float] = {}
        if "others" in table:
            found[None] = self._number(table["others"], f"{at}.others")
        values = table.get("values", [])
        if not isinstance(values, list):
            raise self._problem(f"{at}.values", "this must be a list of pairs of a value and its bits")
        for number, pair in enumerate(values):
            here = f"{at}.values[{number}]"
            if not isinstance(pair, list) or len(pair) != 2:
                raise self._problem(here, "this must be a pair of a value and its bits")
            found[self._value(pair[0], here)] = self._number(pair[1], here)
        return found

    def _value(self, raw: object, at: str) -> Hashable:
        if isinstance(raw, str):
            return raw
        if isinstance(raw, list) and all(isinstance(part, str) for part in raw):
            return tuple(raw)
        raise self._problem(at, "a value must be a text or a list of texts")

    def _levels_of(self, name: str, at: str) -> Sequence[str]:
        if name not in _FIELDS and name.partition(":")[0] not in _GENERIC:
            raise self._problem(at, _unknown(name, "field", (*_FIELDS, *_GENERIC)))
        return _field(name).levels

    def _country(self, raw: object) -> str:
        if raw == "" or (isinstance(raw, str) and len(raw) == 2 and raw.isalpha() and raw.isupper()):
            return str(raw)
        raise self._problem("default_country", 'this must be two capitals such as "DE", or ""')

    def _table(self, raw: object, at: str) -> Mapping[str, Any]:
        if not isinstance(raw, dict):
            raise self._problem(at, "this entry is missing or no table")
        return raw

    def _text(self, raw: object, at: str) -> str:
        if not isinstance(raw, str) or not raw:
            raise self._problem(at, "this must be a text and not empty")
        return raw

    def _number(self, raw: object, at: str) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
            raise self._problem(at, "this must be a number")
        return float(raw)

    def _known(self, table: Mapping[str, Any], names: Collection[str], at: str) -> None:
        for name in table:
            if name not in names:
                raise self._problem(f"{at}{name}", _unknown(name, "entry", names))

    def _problem(self, at: str, why: str) -> ModelFileError:
        return ModelFileError(f"{self._place}: {at + ': ' if at else ''}{why}")


def _field(name: str) -> EvidenceField:
    return _FIELDS.get(name) or generic_field(name if ":" in name else f"{name}:")


def _unknown(name: str, what: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    hint = f"do you mean “{near[0]}”?" if near else f"there are {', '.join(sorted(known))}"
    return f"there is no {what} “{name}” here; {hint}"
