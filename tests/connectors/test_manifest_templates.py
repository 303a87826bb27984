"""Templates of a manifest: what they may do, and what a hostile one cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regard.connectors.manifests.instants import read_instant, read_span, write_instant
from regard.connectors.manifests.render_templates import TemplateFailsError, Templates
from regard.kit.clock import SetClock

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONFIG = {"key": "s3cret", "size": "100", "nested": {"ids": [1, 2]}}
FORMATS = ("%s", "%ms", "%s_as_float", "%epoch_microseconds", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%f%z")


def templates() -> Templates:
    return Templates(CONFIG, SetClock(NOW))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("0012", "0012"),
        ("Bearer {{ config['key'] }}", "Bearer s3cret"),
        ("{{ config['size'] }}", 100),
        ("{{ config['nested']['ids'] }}", [1, 2]),
        ("{{ config.get('absent') }}", None),
        ("{{ config.absent }}", None),
        ("{{ '0012' }}", "0012"),
        ("{{ '12.50' }}", "12.50"),
        ("{{ 9007199254740993 }}", "9007199254740993"),
        ("{{ '9007199254740993' }}", "9007199254740993"),
        ("{{ '1e5' }}", "1e5"),
        ("{{ -5 }}", -5),
        ("{{ True }}", True),
        ("{{ '[\"a\"]' }}", ["a"]),
        ("{{ '[1]' | tojson }}", "[1]"),
        ("{{ 'a' ~ 1 ~ 'b' }}", "a1b"),
        ("{{ now_utc().strftime('%Y-%m-%d') }}", "2026-11-22"),
        ("{{ today_utc() }}", "2026-11-22"),
        ("{{ day_delta(-1, '%Y-%m-%d') }}", "2026-11-21"),
        ("{{ (now_utc() - duration('P1M')).strftime('%Y-%m-%d') }}", "2026-10-23"),
        ("{{ timestamp('2022-02-28') }}", 1646006400),
        ("{{ timestamp('2022-02-28T00:00:00-08:00') }}", 1646035200),
        ("{{ format_datetime('2020-01-01T00:00:00Z', '%ms') }}", 1577836800000),
        ("{{ format_datetime('21 Jan 2019 10:00', '%Y-%m-%d', '%d %b %Y %H:%M') }}", "2019-01-21"),
        ("{{ max(2, 3) }}{{ min([2, 3]) }}", 32),
        ("{{ 'Test client_secret' | hash }}", "3032d57a12f76b61a820e47b9a5a0cbb"),
        ("{{ 'Test client_secret' | hash('md5', salt='salt') }}", "5011a0168579c2d94cbbe1c6ad14327c"),
        ("{{ 'Test client_secret' | base64encode }}", "VGVzdCBjbGllbnRfc2VjcmV0"),
        ("{{ 'ZmFrZSByZWZyZXNoX3Rva2VuIHZhbHVl' | base64decode }}", "fake refresh_token value"),
        ("{{ 'goodbye, cruel world' | regex_search('goodbye,\\s(.*)$') }}", "cruel world"),
        ("{{ 'hello-world_foo' | regex_replace('[_-]', ' ') }}", "hello world foo"),
        ("{{ 'a-b'.replace('-', '+') }}", "a+b"),
        ("{% if config.size %}yes{% else %}no{% endif %}", "yes"),
    ],
)  # fmt: skip
def test_a_template_gives_what_the_language_says(text, value):
    assert templates().value(text) == value


def test_a_condition_that_asks_for_what_is_not_there_does_not_hold():
    assert not templates().test("{{ record.deep.deeper > 1 }}", record={})
    assert not templates().test("{{ record.get('x') }}", record={})
    assert templates().test("{{ record.x == 1 }}", record={"x": 1})


def test_members_that_give_nothing_are_left_out():
    tree = {"a": "{{ config.absent }}", "b": {"c": ["{{ config.size }}"]}, "{{ 'd' }}": 1}
    assert templates().tree(tree) == {"b": {"c": [100]}, "d": 1}


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ config.__init__.__globals__ }}",
        "{{ config.update({'key': 'x'}) }}",
        "{{ config.nested.ids.append(3) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [0] * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ '%01000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
        "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
        "{{ ('a' * 100000).join('b' * 100000) }}",
        "{{ [1] | batch(1000000000, 'x') | list }}",
        "{{ range(1000000000) | list }}",
        "{% set x = 'ab' %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% include '/etc/passwd' %}",
        "{{ ('a' * 50 + '!') | regex_search('(a+)+$') }}",
        "{{ ('a' * 50 + '!') | regex_search('(a|a)*$') }}",
        "{{ ('a' * 9000) | regex_search('.*.*.*.*=') }}",
        "{{ generate_uuid() }}",
        "{{ 1 / 0 }}",
        "{{ unknown_function(1) }}",
        "{{ broken",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{{ 'x' }}" * 5000,
    ],
)
def test_a_hostile_template_is_stopped_with_a_sentence(hostile):
    with pytest.raises(TemplateFailsError, match="template"):
        templates().value(hostile)
    assert CONFIG == {"key": "s3cret", "size": "100", "nested": {"ids": [1, 2]}}


def test_a_name_that_does_not_exist_is_nothing():
    assert templates().value("{{ cycler }}{{ lipsum }}{{ now_utc.__globals__ }}") is None


@given(st.integers(0, 7 * 10**15), st.sampled_from(FORMATS))
def test_a_time_survives_being_written_and_read_as_far_as_its_format_goes(micros, form):
    moment = datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    again = read_instant(write_instant(moment, form), [form])
    assert again is not None
    grain = {"%s": 1, "%ms": 0.001, "%Y-%m-%dT%H:%M:%SZ": 1}.get(form, 0.000001)
    assert 0 <= (moment - again).total_seconds() < grain


@pytest.mark.parametrize(
    ("value", "formats", "instant"),
    [
        (1795322327, ["%s"], "2026-11-22T04:38:47+00:00"),
        ("1795322327", [], "2026-11-22T04:38:47+00:00"),
        (1795322327123, ["%ms"], "2026-11-22T04:38:47.123000+00:00"),
        ("2026-11-22T04:38:47+02:00", [], "2026-11-22T02:38:47+00:00"),
        ("2026-11-22", ["%Y-%m-%d"], "2026-11-22T00:00:00+00:00"),
        ("Sun, 22 Nov 2026 04:38:47 +0000", ["%s", "%a, %d %b %Y %H:%M:%S %z"], "2026-11-22T04:38:47+00:00"),
    ],
)
def test_times_are_read_in_every_format_that_is_named(value, formats, instant):
    assert read_instant(value, formats) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("nonsense", ["", "soon", None, True, [], "9" * 500, float("inf"), 10**30])
def test_what_states_no_time_gives_none(nonsense):
    assert read_instant(nonsense, ["%s", "%ms", "%Y-%m-%d"]) is None


def test_spans_are_read_and_nonsense_is_refused():
    assert read_span("P1DT2H").total_seconds() == 93600
    assert read_span("PT0.001S").total_seconds() == 0.001
    assert read_span("P1W").days == 7
    for nonsense in ("", "P", "PT", "1D", "P999999999999999D", "P1X"):
        with pytest.raises(ValueError, match=r"duration|longer"):
            read_span(nonsense)
