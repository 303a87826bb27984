"""The base of every error that Regard raises on purpose, and the two words that decide a retry."""

from __future__ import annotations

# What people read where our own code failed; the log names the fault, which is of no use to them.
OUR_FAULT = "a fault in Regard; try again, and if it comes back report it with what the log says at this time"


class RegardError(Exception):
    """An expected failure: `code` is stable for machines, the message tells place and remedy.

    `status` is the HTTP status the API answers with.
    """

    code: str = "error"
    status: int = 500


class Transient:
    """Mixed into errors that may pass by themselves: try again later."""


class Terminal:
    """Mixed into errors that no retry can cure: quarantine the item with the reason."""
