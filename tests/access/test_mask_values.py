"""What a mask leaves of a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.access.mask_values import MASKS, mask_value

TEXTS = st.text(min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("email", "anne.kowalczyk@example.com", "a•••@e•••.com"),
        ("email", "a@b.com", "•••@•••.com"),
        ("email", "no email", "•••"),
        ("phone", "+49 30 1234567", "••• •• 67"),
        ("phone", "12345", "•••"),
        ("name", "Anne Maria Kowalczyk", "A••• K•••"),
        ("identifier", "DE12345678", "•••78"),
        ("identifier", "anne@example.com", "•••"),
        ("identifier", "4711", "•••"),
        ("contact", "anne@example.com", "a•••@e•••.com"),
        ("date", "1980-02-03", "••••-••-••"),
        ("text", "", "•••"),
        ("no such kind", "anything", "•••"),
    ],
)
def test_a_mask_says_just_enough_to_recognise_what_is_known(kind: str, value: str, masked: str) -> None:
    assert mask_value(kind, value) == masked


@given(st.sampled_from(sorted(MASKS)), TEXTS)
def test_a_mask_never_keeps_more_than_two_characters_of_a_word(kind: str, value: str) -> None:
    masked = mask_value(kind, value)
    top_level = masked.rpartition(".")[2] if kind in ("email", "contact") else ""
    for word in masked.removesuffix(top_level).replace("@", " ").replace(".", " ").split():
        assert len(word.replace("•", "")) <= 2


@given(st.sampled_from(["text", "date", "amount"]), TEXTS, TEXTS)
def test_what_shows_nothing_looks_the_same_for_every_value(kind: str, one: str, other: str) -> None:
    assert mask_value(kind, one) == mask_value(kind, other)


@given(st.text("abcdefgh", min_size=2, max_size=40), st.text("abcdefgh", min_size=2, max_size=40))
def test_the_length_of_a_mask_says_nothing_about_the_length_of_the_value(one: str, other: str) -> None:
    assert len(mask_value("email", f"{one}@host.org")) == len(mask_value("email", f"{other}@host.org"))
    assert len(mask_value("name", one)) == len(mask_value("name", other))
