"""What the end of a program means: well, to be tried again, or a person's matter."""

from __future__ import annotations

import re

from regard.connectors.connector_contract import SourceRefusesError, SourceUnavailableError
from regard.connectors.programs.run_program import ProgramRun

_NOT_LET_IN = re.compile(
    r"\b(401|403)\b|unauthori[sz]ed|forbidden|invalid[_ ](grant|client|token|api[_ ]?key|credential)"
    r"|access denied|authentication failed|required (config|key|property)|config is missing",
    re.IGNORECASE,
)


def judge_end(name: str, run: ProgramRun) -> None:
    """Raise what a bad end means; Singer has no word for it, so the last lines of errors decide."""
    if run.status == 0:
        return
    said = run.last_words()
    how = (
        f"was ended by signal {-run.status}"
        if run.status is not None and run.status < 0
        else f"ended with {run.status}"
    )
    sentence = f"the program {name} {how}" + (f"; its last words: {said}" if said else "")
    if _NOT_LET_IN.search(said):
        raise SourceRefusesError(f"{sentence}. Check its configuration and credentials")
    if "MemoryError" in said or run.status in {-9, -11, 137}:
        sentence += ". If it needs more memory, raise its limit in the settings"
    raise SourceUnavailableError(sentence)
