"""Runs Splink on a prepared file: `python -m benchmarks.identity.splink_worker PLAN.json`.

The plan names the file, the settings, where to write edges and clusters, and how many single arrivals to
measure. Needs the packages splink and duckdb and nothing of Regard. The truth never comes here.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

LOOSEST = -5.0
"""Edges below this match weight are not written: no threshold worth having lies there."""

_KINDS: Mapping[str, Callable[..., Any]] = {
    "name": cl.NameComparison,
    "full": cl.ForenameSurnameComparison,
    "dob": lambda column: cl.DateOfBirthComparison(column, input_is_string=True),
    "near_1": lambda column: cl.LevenshteinAtThresholds(column, 1),
    "near_2": lambda column: cl.LevenshteinAtThresholds(column, [1, 2]).configure(
        term_frequency_adjustments=True
    ),
    "edit": lambda column: cl.DamerauLevenshteinAtThresholds(column, [1, 2]),
    "postcode": cl.PostcodeComparison,
    "email": cl.EmailComparison,
    "exact": cl.ExactMatch,
    "frequent": lambda column: cl.ExactMatch(column).configure(term_frequency_adjustments=True),
}


def comparison(text: str) -> Any:  # noqa: ANN401 -- Splink's classes have no common face
    """A comparison from words such as `name given`."""
    kind, *columns = text.split()
    made = _KINDS[kind](*columns)
    return made.configure(term_frequency_adjustments=True) if kind == "name" else made


def rule(text: str) -> Any:  # noqa: ANN401
    """A blocking rule from columns joined by ' + ', or from SQL."""
    return text if "l." in text else block_on(*(part.strip() for part in text.split(" + ")))


class SplinkRun:
    """One set resolved the way the documentation does it."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """Reads the file into DuckDB."""
        self._plan = plan
        self._settings = plan["settings"]
        self._stages: dict[str, float] = {}
        self._clock = time.process_time()
        self._wall = time.perf_counter()
        self.api = DuckDBAPI()
        self._connection = self.api._con  # the one way to read the CSV as text
        self._connection.execute(
            "create table records as select * from read_csv(?, all_varchar = true, header = true)",
            [plan["file"]],
        )
        self.linker = Linker(self._frames(), self._creator(), log_level=logging.ERROR)
        self._lap("read")

    def _creator(self) -> SettingsCreator:
        return SettingsCreator(
            link_type="link_only" if self._plan["link_only"] else "dedupe_only",
            comparisons=[comparison(text) for text in self._settings["comparisons"]],
            blocking_rules_to_generate_predictions=[rule(text) for text in self._settings["blocking"]],
            retain_intermediate_calculation_columns=False,
            retain_matching_columns=False,
        )

    def _frames(self) -> list[Any]:
        """The whole file as one input, or one input for each source when only links are asked for."""
        if not self._plan["link_only"]:
            return [self.api.register("records", table_name="people")]
        sources = self._connection.execute(
            "select distinct source_dataset from records order by 1"
        ).fetchall()
        frames = []
        for position, (source,) in enumerate(sources):
            name = f"part_{position}"
            self._connection.execute(
                f"create table {name} as select * from records where source_dataset = ?",  # noqa: S608
                [source],
            )
            frames.append(self.api.register(name, table_name=f"source_{position}"))
        return frames

    def _lap(self, stage: str) -> None:
        now, wall = time.process_time(), time.perf_counter()
        self._stages[stage] = self._stages.get(stage, 0.0) + now - self._clock
        self._stages[f"{stage} wall"] = self._stages.get(f"{stage} wall", 0.0) + wall - self._wall
        self._clock, self._wall = now, wall

    def train(self) -> None:
        """Prior, u and m."""
        training = self.linker.training
        training.estimate_probability_two_random_records_match(
            [rule(text) for text in self._settings["deterministic"]], recall=self._settings["recall"]
        )
        training.estimate_u_using_random_sampling(max_pairs=self._settings.get("u_pairs", 1e6), seed=1)
        for text in self._settings["training"]:
            training.estimate_parameters_using_expectation_maximisation(rule(text))
        self._lap("train")

    def resolve(self) -> None:
        """Edges and, at the default threshold, clusters; both are written."""
        edges = self.linker.inference.predict(threshold_match_weight=LOOSEST)
        self._lap("predict")
        clusters = self.linker.clustering.cluster_pairwise_predictions_at_threshold(
            edges, threshold_match_probability=self._settings["threshold"]
        )
        self._lap("cluster")
        self._write("clusters", "unique_id, cluster_id", clusters.physical_name)
        self._write("edges", "unique_id_l, unique_id_r, match_weight", edges.physical_name)
        self._clock, self._wall = time.process_time(), time.perf_counter()

    def _write(self, what: str, columns: str, table: str) -> None:
        rows = self._connection.table(table).select(columns)
        rows.write_csv(self._plan[what], header=False)

    def measure_arrivals(self, count: int) -> dict[str, float]:
        """CPU and wall seconds of one new record against all others, the median of ``count``."""
        cpu, wall = [], []
        everybody = self.api.register("records", table_name="everybody")
        for position in range(count):
            one = f"arrival_{position}"
            self._connection.execute(f"create table {one} as from records limit 1 offset {97 * position}")
            self._connection.execute(f"update {one} set unique_id = 'new/' || unique_id")  # noqa: S608
            before, begun = time.process_time(), time.perf_counter()
            new = self.api.register(one, table_name=f"new_{position}")
            found = self.linker.inference.predict_between(everybody, new, threshold_match_weight=0)
            self._connection.execute(f"select count(*) from {found.physical_name}").fetchall()  # noqa: S608
            cpu.append(time.process_time() - before)
            wall.append(time.perf_counter() - begun)
        return {"cpu": sorted(cpu)[count // 2], "wall": sorted(wall)[count // 2]}

    def report(self) -> dict[str, float]:
        """CPU seconds by stage, and wall seconds under `... wall`."""
        return self._stages


def main() -> int:
    """Follow the plan and write its report."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    logging.disable(logging.WARNING)
    run = SplinkRun(plan)
    run.train()
    run.resolve()
    report: dict[str, Any] = {"stages": run.report()}
    if plan["arrivals"]:
        report["arrival"] = run.measure_arrivals(plan["arrivals"])
    Path(plan["report"]).write_text(json.dumps(report), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
