"""A few hundred customers of three sources, each group of records a case that a steward would recognise.

Families, Jr and Sr, twins, short names, other scripts, moved and married people, mailboxes and phones of
many, identity papers that agree and contradict, organisations and their subsidiaries. The same cases come
back with other people, so that a rule made for one person gains nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchmarks.identity import write_paper_cases as papers
from benchmarks.identity import write_person_cases as persons
from benchmarks.identity.write_cases import FIELDS, CaseWriter
from benchmarks.identity.write_set import SetWriter

CASES: tuple[Callable[[CaseWriter], None], ...] = (
    persons.short_names,
    persons.couple,
    persons.father_and_son,
    persons.twins,
    persons.moved,
    persons.married,
    persons.other_script,
    papers.hub,
    papers.shared_phone,
    papers.two_papers,
    papers.misread_papers,
    papers.two_passports,
    papers.sparse,
    papers.spellings,
    papers.firm_and_daughter,
)


def make_truth_set(folder: Path, rounds: int, seed: int) -> None:
    """Writes the set: about 65 records a round."""
    with SetWriter(folder, FIELDS) as out:
        writer = CaseWriter(out, seed)
        for turn in range(rounds):
            for case in CASES:
                writer.begin(f"{turn}/{case.__name__}")
                case(writer)
