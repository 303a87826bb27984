"""What people decide about the weights that decide who is who."""

from __future__ import annotations

import msgspec


class ModelChosen(msgspec.Struct, frozen=True, tag="model.chosen"):
    """Somebody lets these weights decide from now on; all customers are decided anew."""

    version: str
    digest: str
    by: str
    reason: str
