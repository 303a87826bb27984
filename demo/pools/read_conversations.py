"""What customers write to the help desk and what the agents answer, by language and subject."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Conversation:
    """Texts with the places {order} {product} {invoice} {amount} {due} {month}.

    `opening` is the customer's first message, `answer` the agent's, `reply` the customer's next,
    `closing` the agent's last; `nudge` what an impatient customer writes meanwhile.
    """

    subjects: tuple[str, ...]
    opening: tuple[str, ...]
    answer: tuple[str, ...]
    reply: tuple[str, ...]
    closing: tuple[str, ...]
    nudge: tuple[str, ...]


GREETINGS: dict[str, tuple[str, str]] = {
    "en": ("Hello,", "Kind regards"),
    "de": ("Guten Tag,", "Mit freundlichen Grüßen"),
    "pl": ("Dzień dobry,", "Pozdrawiam"),
    "pt": ("Olá,", "Atenciosamente"),
}
GENERAL: tuple[str, ...] = ("descaling", "pause", "address", "taste", "login", "invoice_copy")
"""Subjects that need no order or invoice gone wrong."""
OFFICE: tuple[str, ...] = ("quote", "invoice_copy", "address", "pause")
"""Subjects firms write about."""


@functools.cache
def read_conversations(language: str) -> dict[str, Conversation]:
    """All conversations of a language (`en de pl pt`) by subject."""
    path = Path(__file__).with_name(f"conversations_{language}.json")
    data: dict[str, dict[str, list[str]]] = json.loads(path.read_text(encoding="utf-8"))
    return {
        subject: Conversation(**{name: tuple(texts) for name, texts in parts.items()})
        for subject, parts in data.items()
    }
