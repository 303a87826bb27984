"""How often a program looks for garbage in circles."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50


def collect_rarely() -> None:
    """For programs that hold millions of small objects, of which none are in circles.

    Looking through all of them again and again was a quarter of what a record cost the worker.
    """
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
