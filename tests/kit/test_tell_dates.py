"""Days and moments are written in one way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regard.kit.tell_dates import tell_day, tell_moment, tell_stated_day

AT = datetime(2026, 9, 2, 4, 5, tzinfo=UTC)


def test_a_day_and_a_moment_are_written_without_padding_and_with_the_year() -> None:
    assert (tell_day(AT), tell_moment(AT)) == ("2 Sep 2026", "2 Sep 2026 04:05 UTC")


@pytest.mark.parametrize(("stated", "told"), [("2026-05-01", "1 May 2026"), ("soon", "soon"), ("", "")])
def test_what_a_source_calls_a_day_is_written_the_same_way_when_it_is_one(stated: str, told: str) -> None:
    assert tell_stated_day(stated) == told
