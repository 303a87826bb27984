"""The made-up sets: the same on every day, sound, and with the truth kept apart."""

import csv
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.identity.__main__ import main
from benchmarks.identity.list_sets import USUAL, make_set
from benchmarks.identity.prepare_peer import prepare
from benchmarks.identity.read_public_sets import SetMissingError
from benchmarks.identity.read_set import read_map, read_partition, read_records, read_tags, record_files
from benchmarks.identity.run_splink import settings_of

SMALL = (
    "historical_1k",
    "voters_1k",
    "voters_apart_1k",
    "truthset",
    "customers_2k",
    "hubs_3k",
    "demo_real_1k",
)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small ones of all sets that need nothing from outside."""
    place = tmp_path_factory.mktemp("sets")
    for name in SMALL:
        make_set(name, place / name)
    return place


@pytest.mark.parametrize("name", SMALL)
def test_every_record_has_one_owner_and_every_owner_a_record(sets: Path, name: str) -> None:
    records = [(row["source"], row["unique_id"]) for row in read_records(sets / name)]
    truth = read_partition(sets / name / "truth.csv")
    assert len(records) == len(set(records)) == len(truth) > 300
    assert set(records) == truth.keys()


@pytest.mark.parametrize("name", SMALL)
def test_the_map_names_each_column_and_the_file_holds_no_other(sets: Path, name: str) -> None:
    described = read_map(sets / name)
    for path in record_files(sets / name):
        with path.open(newline="") as file:
            columns = next(csv.reader(file))
        assert columns == [described["id"], described["source"], *described["fields"]]


@pytest.mark.parametrize("name", SMALL)
def test_tagged_pairs_are_as_the_truth_has_them(sets: Path, name: str) -> None:
    truth = read_partition(sets / name / "truth.csv")
    for pair in read_tags(sets / name):
        assert (truth[pair.left] == truth[pair.right]) == pair.same, pair


@pytest.mark.parametrize("name", ["customers_1k_s4", "historical_1k_s4", "voters_1k_s4", "truthset_s4"])
def test_a_name_gives_the_same_bytes_every_time_and_another_seed_gives_others(
    tmp_path: Path, name: str
) -> None:
    for place in ("one", "two"):
        make_set(name, tmp_path / place)
    make_set(name.replace("_s4", "_s5"), tmp_path / "other")
    one, two, other = (
        {path.name: path.read_bytes() for path in (tmp_path / place).iterdir()}
        for place in ("one", "two", "other")
    )
    assert one == two
    assert one["truth.csv"] != other["truth.csv"]


def test_a_historical_person_has_about_ten_records(sets: Path) -> None:
    truth = read_partition(sets / "historical_1k" / "truth.csv")
    sizes = Counter(truth.values()).values()
    assert len(sizes) == 1000
    assert 8.5 < sum(sizes) / len(sizes) < 11
    assert max(sizes) <= 20


def test_a_voter_stands_in_a_list_once(sets: Path) -> None:
    truth = read_partition(sets / "voters_1k" / "truth.csv")
    lists = Counter(source for source, _ in truth)
    assert set(lists.values()) == {1000}
    assert max(Counter((source, whose) for (source, _), whose in truth.items()).values()) == 1
    overlap = Counter(Counter(truth.values()).values())
    assert overlap[5] == overlap[4] == overlap[3] == overlap[2] == 150


def test_the_hub_is_one_mailbox_of_many_strangers(sets: Path) -> None:
    truth = read_partition(sets / "hubs_3k" / "truth.csv")
    rows = list(read_records(sets / "hubs_3k"))
    mailbox, count = Counter(row["email"] for row in rows if row["email"]).most_common(1)[0]
    assert count == 500
    owners = {truth[row["source"], row["unique_id"]] for row in rows if row["email"] == mailbox}
    assert len(owners) == count


def test_a_link_only_set_says_so(sets: Path) -> None:
    assert tomllib.loads((sets / "voters_apart_1k" / "MAP.toml").read_text())["link_only"] is True
    assert "link_only" not in read_map(sets / "voters_1k")


def test_what_a_peer_gets_is_cleaned_and_without_the_truth(sets: Path, tmp_path: Path) -> None:
    prepare(sets / "customers_2k", tmp_path / "records.csv")
    with (tmp_path / "records.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(list(read_records(sets / "customers_2k")))
    assert {len(row["phone"]) for row in rows} == {0, 9}
    assert {len(row["dob"]) for row in rows} == {0, 10}
    assert not {"entity", "cluster"} & rows[0].keys()


@pytest.mark.parametrize("name", [*USUAL, "customers_100k_s2", "voters_apart"])
def test_splink_has_settings_for_each_set(name: str) -> None:
    assert settings_of(name)["comparisons"]


def test_febrl_gives_its_ids_away_and_the_set_does_not(shared_data: Path, tmp_path: Path) -> None:
    make_set("febrl4", tmp_path)
    assert not any("rec-" in path.read_text() for path in record_files(tmp_path))
    truth = read_partition(tmp_path / "truth.csv")
    assert set(Counter(truth.values()).values()) == {2}


def test_an_unknown_set_is_refused_with_the_names_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SetMissingError, match="customers"):
        make_set("nonsense", tmp_path)
    assert main(["generate", "nonsense", "--out", str(tmp_path)]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_generate_writes_a_set_anyone_can_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "truthset_s2", "--out", str(tmp_path)]) == 0
    assert {"MAP.toml", "truth.csv", "tags.csv", "customers.csv"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert "truth.csv" in capsys.readouterr().out
