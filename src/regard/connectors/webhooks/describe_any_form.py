"""The settings of a sender not known by name: where things stand in what it pushes, and what is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANY_FORM: Mapping[str, Any] = {
    "list_path": {
        "type": "string",
        "title": "Where the list is",
        "description": "Path to the list of items when a request carries several, such as data.contacts.",
    },
    "record_path": {
        "type": "string",
        "title": "Where the record is",
        "description": "Path from the item to the record itself, such as data.object, unless found alone.",
    },
    "id_path": {
        "type": "string",
        "title": "Where the id is",
        "description": "Path from the record to its id; “id” unless told otherwise.",
    },
    "updated_path": {
        "type": "string",
        "title": "Where the time of the change is",
        "description": "Path from the record, or from the item, to the time when it changed last.",
    },
    "stream": {
        "type": "string",
        "title": "Stream",
        "description": "What all records of this sender are, such as contacts, unless a path says it.",
    },
    "stream_path": {
        "type": "string",
        "title": "Where the kind is",
        "description": "Path from the item to what the record is, such as type with contact.updated in it.",
    },
    "operation_path": {
        "type": "string",
        "title": "Where the operation is",
        "description": "Path from the item to what happened, such as action with deleted in it.",
    },
    "deleted_words": {
        "type": "array",
        "items": {"type": "string"},
        "title": "Words that mean deleted",
        "description": "Operations after which the record is gone, if the sender has words of its own.",
    },
    "believe_headers": {
        "type": "boolean",
        "title": "Believe the header that says deleted",
        "description": "For a sender that says only in a header that a record is gone. A signature of the"
        " body does not cover headers: whoever catches a request can send it again as a deletion.",
    },
    "repeats_meant": {
        "type": "boolean",
        "title": "Take the same text as said again",
        "description": "For a sender without times that signs the body alone and returns to earlier states"
        " (open, closed, open). Whoever catches a request can then bring back what it says.",
    },
}
"""Properties for the settings, all of them optional."""
