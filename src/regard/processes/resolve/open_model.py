"""Opens a file with the weights of an earlier run."""

from pathlib import Path

from regard.identity.match_model import MatchModel
from regard.identity.read_model_file import ModelFileError, read_model_file


def open_model(path: Path) -> MatchModel:
    """The model in a file; raises `ModelFileError`, which names the file and the place in it."""
    try:
        return read_model_file(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        raise ModelFileError(
            f"{path}: the model cannot be read ({why}); `regard resolve ... --save-model` writes one"
        ) from None
