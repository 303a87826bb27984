"""A simulated population in seven registers of the United States: the package pseudopeople's sample data.

Census, two surveys, social security, wages, income tax and a food programme, each with its own columns,
date format and mistakes; social security numbers in three of them, sometimes another person's.
"""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.identity.read_public_sets import SetMissingError
from benchmarks.identity.write_set import Field, SetWriter

REMEDY = "run `uv sync --group benchmarks`, or leave the set out"
YEAR = 2020

FIELDS: dict[str, Field] = {
    "first_name": "given_name",
    "middle_name": "middle_name",
    "last_name": "family_name",
    "date_of_birth": "birth_date",
    "sex": "sex",
    "street_number": "house_number",
    "street_name": "street",
    "unit_number": "unit",
    "city": "city",
    "state": "state",
    "zipcode": "postcode",
    "ssn": {"type": "government_id", "issuer": "US"},
    "race_ethnicity": "category",
}
REGISTERS = {
    "census": "generate_decennial_census",
    "acs": "generate_american_community_survey",
    "cps": "generate_current_population_survey",
    "ssa": "generate_social_security",
    "w2": "generate_taxes_w2_and_1099",
    "tax_1040": "generate_taxes_1040",
    "wic": "generate_women_infants_and_children",
}


def make_registers(folder: Path, seed: int) -> None:
    """All seven registers of about 17,000 people; ``seed`` draws the mistakes, the people are the same."""
    package = _package()
    number = 0
    with SetWriter(folder, FIELDS) as out:
        for source, function in REGISTERS.items():
            frame = getattr(package, function)(seed=seed, year=YEAR, verbose=False)
            for row in frame.astype("object").where(frame.notna(), "").to_dict("records"):
                number += 1
                out.put(source, str(number), str(row["simulant_id"]), _values(row))


def _package() -> ModuleType:
    try:
        package = importlib.import_module("pseudopeople")
    except ImportError as problem:
        message = f"The package pseudopeople is not installed; {REMEDY}."
        raise SetMissingError(message) from problem
    logging.disable(logging.WARNING)
    return package


def _values(row: dict[str, Any]) -> dict[str, str]:
    values = {column.removeprefix("mailing_address_"): str(value) for column, value in row.items()}
    values["middle_name"] = values.get("middle_name") or values.get("middle_initial", "")
    if values.get("po_box") and not values.get("street_name"):
        values["street_name"] = f"PO Box {values['po_box']}"
    return values
