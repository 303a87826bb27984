"""Holds customers against the truth: `python -m benchmarks.identity.evaluate OUT.csv TRUTH.csv`.

Both files have three columns: source, record, and whose the record is. `TAGS.csv` beside the truth (tag,
verdict, two records) is scored too when it is there. All figures are of clusters, after clustering.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.identity.read_set import TaggedPair, read_partition, read_tags
from benchmarks.identity.write_set import Ref


@dataclass(frozen=True, slots=True)
class TagScore:
    """Pairs of one tag: of how many, how many are in one customer; good or bad, as the verdict says."""

    same: bool
    pairs: int
    joined: int

    @property
    def rate(self) -> float:
        """Recall of pairs that are the same; rate of false joins of pairs that are not."""
        return self.joined / self.pairs if self.pairs else 0.0


@dataclass(frozen=True, slots=True)
class Scores:
    """How good a partition is. Shares from 0 to 1; sizes in records.

    Pairwise: of the pairs of records joined, and of those that belong together. B-cubed: the same for the
    average record (Bagga and Baldwin 1998). ``cluster_f1``: customers that are right to the last record.
    ``largest_wrong``: the largest customer with records of two entities; 0 when there is none.
    """

    records: int
    customers: int
    entities: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    cluster_f1: float
    largest: int
    largest_wrong: int
    tags: dict[str, TagScore] = field(default_factory=dict)


def evaluate(
    found: Mapping[Ref, str],
    truth: Mapping[Ref, str],
    tags: Iterable[TaggedPair] = (),
    *,
    across_sources: bool = False,
) -> Scores:
    """Score the partition ``found`` against ``truth``; a record not found is a customer of its own.

    ``across_sources``: pairs within one source are not counted (sets where only links were asked for).
    """
    customer = {ref: found.get(ref) or f"alone/{ref[0]}/{ref[1]}" for ref in truth}
    both: Counter[tuple[str, str]] = Counter()
    for ref, entity in truth.items():
        both[customer[ref], entity] += 1
    of_customer, of_entity = Counter(customer.values()), Counter(truth.values())
    hit, joined, due = _pairs(customer, truth, across_sources=across_sources)
    precision, recall = _share(hit, joined), _share(hit, due)
    b3_precision = sum(n * n / of_customer[one] for (one, _), n in both.items()) / max(1, len(truth))
    b3_recall = sum(n * n / of_entity[other] for (_, other), n in both.items()) / max(1, len(truth))
    exact = sum(n == of_customer[one] == of_entity[other] for (one, other), n in both.items())
    entities_in = Counter(one for one, _ in both)
    return Scores(
        records=len(truth),
        customers=len(of_customer),
        entities=len(of_entity),
        pair_precision=precision,
        pair_recall=recall,
        pair_f1=_f1(precision, recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3_f1=_f1(b3_precision, b3_recall),
        cluster_f1=_f1(_share(exact, len(of_customer)), _share(exact, len(of_entity))),
        largest=max(of_customer.values(), default=0),
        largest_wrong=max((of_customer[one] for one, n in entities_in.items() if n > 1), default=0),
        tags=_score_tags(customer, tags),
    )


def differing(one: Mapping[Ref, str], two: Mapping[Ref, str]) -> int:
    """How many records share their customer with other records in ``one`` than in ``two``."""
    groups = [_groups(one), _groups(two)]
    return sum(groups[0][one.get(ref, "")] != groups[1][two.get(ref, "")] for ref in one.keys() | two.keys())


def _groups(partition: Mapping[Ref, str]) -> dict[str, frozenset[Ref]]:
    members: defaultdict[str, list[Ref]] = defaultdict(list)
    for ref, whose in partition.items():
        members[whose].append(ref)
    return defaultdict(frozenset, {whose: frozenset(refs) for whose, refs in members.items()})


def _pairs(
    customer: Mapping[Ref, str], truth: Mapping[Ref, str], *, across_sources: bool
) -> tuple[int, int, int]:
    """Pairs joined and right, pairs joined, pairs that belong together."""
    triples = (
        ((one, entity, ref[0]), (one, ref[0]), (entity, ref[0]))
        for ref, entity in truth.items()
        for one in (customer[ref],)
    )
    counts = [Counter(keys) for keys in zip(*triples, strict=True)] or [Counter(), Counter(), Counter()]
    totals = []
    for counter in counts:
        groups: Counter[tuple[str, ...]] = Counter()
        within = 0
        for key, n in counter.items():
            groups[key[:-1]] += n
            within += n * (n - 1) // 2
        total = sum(n * (n - 1) // 2 for n in groups.values())
        totals.append(total - within if across_sources else total)
    return totals[0], totals[1], totals[2]


def _score_tags(customer: Mapping[Ref, str], tags: Iterable[TaggedPair]) -> dict[str, TagScore]:
    seen: Counter[tuple[str, bool]] = Counter()
    joined: Counter[tuple[str, bool]] = Counter()
    for pair in tags:
        key = (pair.tag, pair.same)
        seen[key] += 1
        joined[key] += customer[pair.left] == customer[pair.right]
    return {
        f"{tag}{'' if same else ' (apart)'}": TagScore(same, seen[tag, same], joined[tag, same])
        for tag, same in sorted(seen)
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main(arguments: list[str] | None = None) -> int:
    """The command line: the scores as JSON on standard output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity.evaluate", description=__doc__)
    parser.add_argument("found", type=Path, metavar="OUT.csv", help="source,record,customer")
    parser.add_argument("truth", type=Path, metavar="TRUTH.csv", help="source,record,entity")
    parser.add_argument(
        "--across-sources", action="store_true", help="count pairs of two sources alone (link_only)"
    )
    options = parser.parse_args(arguments)
    for path in (options.found, options.truth):
        if not path.is_file():
            print(f"{path} is not a file; give the customers and the truth as CSV.", file=sys.stderr)
            return 2
    scores = evaluate(
        read_partition(options.found),
        read_partition(options.truth),
        read_tags(options.truth.parent),
        across_sources=options.across_sources,
    )
    print(json.dumps(asdict(scores), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
