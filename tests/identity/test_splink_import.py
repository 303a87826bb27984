"""Weights trained with Splink serve here, and whatever could not be taken over is told.

The files in `splink_models` were written by Splink 4.0.16 and 5.0.0: trained on fake_1000 and on febrl4, and
one with comparisons of many kinds that was never trained.
"""

import csv
import gzip
import json
from collections import defaultdict
from itertools import combinations
from math import log2
from pathlib import Path
from typing import Any

import pytest

from regard.identity.import_splink import LEVELS, SplinkImport, import_splink, tell_import
from regard.identity.match_model import KindModel, default_model
from regard.identity.read_model_file import read_model_file
from regard.identity.read_splink import SplinkModelError, read_splink
from regard.identity.write_model import write_model
from regard.processes.command_line import run_command
from tests.resolve.files import resolve, write

FILES = Path(__file__).parent / "splink_models"
FAKE = {
    "first_name": "given_name", "surname": "family_name", "dob": "birth_date", "city": "city",
    "email": "email",
}  # fmt: skip
FEBRL = {
    "given_name": "given_name", "surname": "family_name", "date_of_birth": "birth_date", "state": "state",
    "soc_sec_id": "government_id", "street_number": "house_number", "postcode": "postcode",
    "address_1": "street",
}  # fmt: skip


def raw_of(name: str) -> Any:
    return json.loads((FILES / name).read_text())


def imported(raw: Any, types: dict[str, str], kind: str = "person") -> SplinkImport:
    return import_splink(read_splink(json.dumps(raw)), types, default_model(), kind)


def chances_of(raw: Any, comparison: str, label: str) -> tuple[float, float]:
    levels = next(c for c in raw["comparisons"] if c["output_column_name"] == comparison)["comparison_levels"]
    level = next(level for level in levels if level["label_for_charts"].startswith(label))
    return level["m_probability"], level["u_probability"]


def bits(weights: KindModel, field: str, level: str) -> float:
    return weights.weigh(field, level).bits


def test_exact_agreement_is_worth_what_splink_says() -> None:
    raw = raw_of("splink4_fake_1000.json")
    weights = imported(raw, FAKE).model.person
    for comparison, field in (("first_name", "given_name"), ("dob", "birth_date"), ("email", "email")):
        m, u = chances_of(raw, comparison, "Exact match")
        assert bits(weights, field, "exact") == pytest.approx(log2(m / u), abs=1e-4)
    m, u = chances_of(raw, "email", "Exact match on username")
    assert bits(weights, "email", "local") == pytest.approx(log2(m / u), abs=1e-4)
    assert weights.prior == pytest.approx(log2(0.0024910624910624915 / (1 - 0.0024910624910624915)))


def test_several_levels_of_splink_in_one_of_ours_add_up() -> None:
    raw = raw_of("splink4_fake_1000.json")
    first = chances_of(raw, "first_name", "Jaro-Winkler distance of first_name >= 0.92")
    second = chances_of(raw, "first_name", "Jaro-Winkler distance of first_name >= 0.88")
    close = imported(raw, FAKE).model.person.levels["given_name"]["close"]
    assert (close.m, close.u) == pytest.approx((first[0] + second[0], first[1] + second[1]))


def test_parts_of_an_address_become_one_worth_their_sum() -> None:
    raw = raw_of("splink5_febrl4.json")
    weights = imported(raw, FEBRL).model.person
    parts = "street_number", "postcode", "state", "address_1"
    exact = [chances_of(raw, part, "Exact match") for part in parts]
    assert bits(weights, "address", "exact") == pytest.approx(sum(log2(m / u) for m, u in exact), abs=1e-4)
    rest = [chances_of(raw, part, "All other") for part in ("street_number", "state", "address_1")]
    typo = chances_of(raw, "postcode", "Damerau")
    wrong = chances_of(raw, "postcode", "All other")
    differs = [*rest, (typo[0] + wrong[0], typo[1] + wrong[1])]
    told = sum(log2(m / u) for m, u in differs)
    assert bits(weights, "address", "elsewhere") == pytest.approx(told, abs=1e-4)


def test_splink_4_and_5_are_read_alike() -> None:
    for name, types in (("splink4_fake_1000.json", FAKE), ("splink5_febrl4.json", FEBRL)):
        done = imported(raw_of(name), types)
        assert {one.comparison for one in done.taken} == set(types)
        assert read_model_file(write_model(done.model)) == done.model


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_every_level_is_either_taken_over_or_told(name: str) -> None:
    raw = raw_of(name)
    done = imported(raw, {**FAKE, **FEBRL, "phone": "phone", "postcode": "postcode", "emails": "email"})
    told = {
        (one.comparison, label) for one in done.taken for labels in one.levels.values() for label in labels
    }
    told |= {(one.comparison, one.level) for one in done.not_taken}
    for comparison in raw["comparisons"]:
        own = comparison["output_column_name"]
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                assert (own, level["label_for_charts"]) in told or (own, "") in told
    lines = "\n".join(tell_import(done))
    assert all(one.why in lines for one in done.not_taken)


def test_levels_that_splink_never_learnt_keep_the_shipped_weights() -> None:
    done = imported(raw_of("splink5_untrained.json"), {"phone": "phone"})
    assert done.model.person.levels == default_model().person.levels
    assert not done.taken
    assert "Splink has not learnt its m" in {one.why for one in done.not_taken}


def test_comparisons_of_several_columns_are_told_not_guessed() -> None:
    done = imported(raw_of("splink5_untrained.json"), {"first_name": "given_name", "surname": "family_name"})
    whys = {one.comparison: one.why for one in done.not_taken}
    assert whys["first_name_surname"].startswith("it compares first_name, surname at once")


def test_common_names_are_worth_as_much_as_before_where_splink_adjusts_for_them() -> None:
    shipped = default_model().person
    raw = raw_of("splink4_fake_1000.json")
    weights = imported(raw, FAKE).model.person
    common = weights.frequencies["given_name", "exact"]["john"]
    before = shipped.frequencies["given_name", "exact"]["john"]
    assert common - before == pytest.approx(
        log2(weights.levels["given_name"]["exact"].u / shipped.levels["given_name"]["exact"].u)
    )
    for level in raw["comparisons"][0]["comparison_levels"]:
        level.pop("tf_adjustment_column", None)
    assert ("given_name", "exact") not in imported(raw, FAKE).model.person.frequencies


def test_firms_get_the_weights_of_firms() -> None:
    raw = raw_of("splink4_fake_1000.json")
    done = imported(raw, {"surname": "organisation", "email": "email"}, "organisation")
    assert done.model.person == default_model().person
    m, u = chances_of(raw, "surname", "Exact match")
    assert bits(done.model.organisation, "name", "exact") == pytest.approx(log2(m / u))


def test_every_level_named_in_the_table_exists() -> None:
    shipped = default_model()
    for field, meanings in LEVELS.items():
        known = {**shipped.person.levels.get(field, {}), **shipped.organisation.levels.get(field, {})}
        assert {level for levels in meanings.values() for level in levels} <= set(known), field


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("{", "this is no JSON"),
        ("[]", "there is no list `comparisons`"),
        ('{"comparisons": [1], "probability_two_random_records_match": 2}', "must be between 0 and 1"),
        ('{"comparisons": [1], "probability_two_random_records_match": 0.1}', "comparisons[0]: there is no"),
        (
            '{"comparisons": [{"comparison_levels": [{}]}], "probability_two_random_records_match": 0.1}',
            "comparisons[0].comparison_levels[0]: there is no `sql_condition`",
        ),
    ],
)
def test_what_is_no_splink_model_is_named_with_its_place(raw: str, said: str) -> None:
    with pytest.raises(SplinkModelError) as caught:
        read_splink(raw, "s.json")
    assert str(caught.value).startswith("s.json: ")
    assert said in str(caught.value)


def test_the_command_imports_for_resolve_and_tells_what_it_left(tmp_path: Path, capsys: Any) -> None:
    columns = "\n".join(f'{name} = "{type_}"' for name, type_ in FAKE.items())
    field_map = f'id = "id"\n[fields]\n{columns}\n'
    model = tmp_path / "m.json"
    source = FILES / "splink4_fake_1000.json"
    code = run_command(
        [
            "import-model",
            str(source),
            "--fields",
            str(write(tmp_path / "f.toml", field_map)),
            "--out",
            str(model),
        ]
    )
    said = capsys.readouterr().err
    assert code == 0
    assert "dob as birth_date: exact from “Exact match on date of birth”" in said
    assert "email, level “Jaro-Winkler >0.88 on username”: Splink has not learnt its m" in said
    rows = (
        "id,first_name,surname,dob,city,email\n1,Ann,Li,1990-01-02,,a@x.org\n2,Ann,Li,1990-01-02,,a@x.org\n"
    )
    done = resolve(
        tmp_path, capsys, [write(tmp_path / "x.csv", rows)], "--model", str(model), field_map=field_map
    )
    assert done.groups == {frozenset("12")}
    assert done.report["model"]["version"].startswith(f"{default_model().version}-splink-")

    assert (
        run_command(["import-model", str(FILES / "splink5_untrained.json"), "--out", str(tmp_path / "n")])
        == 1
    )
    assert "Nothing could be taken over" in capsys.readouterr().err
    assert not (tmp_path / "n").exists()


def test_splinks_weights_serve_as_well_here_as_there(shared_data: Path, tmp_path: Path) -> None:
    """0.9271 is the pair F1 of Splink itself on fake_1000, at the threshold that suits it best."""
    rows = (shared_data / "er_fake_1000" / "fake_1000.csv.gz").read_bytes()
    packed = write(tmp_path / "fake.csv.gz", rows)
    model = tmp_path / "m.json"
    columns = "\n".join(f'{name} = "{type_}"' for name, type_ in FAKE.items())
    fields = write(tmp_path / "map.toml", f'id = "unique_id"\n[fields]\n{columns}\n')
    command = ["--fields", str(fields), "--out"]
    assert run_command(["import-model", str(FILES / "splink4_fake_1000.json"), *command, str(model)]) == 0
    out = tmp_path / "out.csv"
    assert run_command(["resolve", str(packed), *command, str(out), "--model", str(model)]) == 0
    assert pair_f1(packed, out) > 0.92


def pair_f1(packed: Path, out: Path) -> float:
    with gzip.open(packed, "rt") as file:
        truth = {row["unique_id"]: row["cluster"] for row in csv.DictReader(file)}
    with out.open() as file:
        found = {row["record"]: row["customer"] for row in csv.DictReader(file)}
    true, ours = pairs_of(truth), pairs_of(found)
    return 2 * len(true & ours) / (len(true) + len(ours))


def pairs_of(group_of: dict[str, str]) -> set[tuple[str, str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for one, group in sorted(group_of.items()):
        groups[group].append(one)
    return {pair for members in groups.values() for pair in combinations(members, 2)}
