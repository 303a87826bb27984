"""Keys that are values, such as mailboxes, are never shown as places."""

from __future__ import annotations

import pytest

from regard.connectors.mapping.list_unmapped import shown_unmapped_places, unmapped_places, unmapped_values
from regard.connectors.mapping.propose_stream_mapping import propose_stream_mapping
from regard.connectors.mapping.survey_bodies import survey_bodies

PERSONAL = [
    "anna.lee@example.com", "+49 30 901820", "6b1c8f5e-0000-4000-8000-00000000000a",
    "abcdefab-cdef-abcd-efab-cdefabcdefab", "what somebody wrote " * 4,
]  # fmt: skip


@pytest.mark.parametrize("key", PERSONAL)
def test_a_key_that_is_a_value_is_a_star(key: str) -> None:
    body = {
        "id": 1,
        "by": {key: {"email": "x@example.com", "visits": 3}},
        "rows": [{key: "y"}],
        key: [{"a": 1}],
    }
    assert shown_unmapped_places(body, ["id"]) == ["by.*.email", "by.*.visits", "rows", "*"]
    survey = survey_bodies([body])
    assert set(survey.places) == {"id", "by.*.email", "by.*.visits"}
    assert set(survey.lists) == {"rows", "*"}
    assert set(survey.lists["rows"].places) == {"*"}
    proposal = propose_stream_mapping("visits", [body])
    assert key not in str(proposal)
    assert "*." not in str(proposal.mapping)


def test_what_is_kept_unmapped_keeps_its_own_key() -> None:
    body = {"by": {PERSONAL[0]: {"visits": 3}}}
    assert unmapped_values(body, unmapped_places(body, [])) == {f"by.{PERSONAL[0]}.visits": 3}


@pytest.mark.parametrize("key", ["email", "address_line_2", "custom_field_1234", "Größe", "street.name"])
def test_a_name_stays_a_name(key: str) -> None:
    assert shown_unmapped_places({key: "x"}, []) == [key]
