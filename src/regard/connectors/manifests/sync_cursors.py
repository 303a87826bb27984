"""What tells new records from known ones: windows of time, or a number that grows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from regard.connectors.connector_contract import SettingsRefusedError
from regard.connectors.manifests.instants import read_instant, read_span, write_instant
from regard.connectors.manifests.manifest_tools import ManifestTools
from regard.connectors.manifests.read_manifest import Component, parameters_of
from regard.connectors.manifests.shape_requests import Injection, inject

_SMALLEST_STEP = timedelta(seconds=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """One piece of what is asked for; `start` and `end` as text, empty without bounds."""

    start: str = ""
    end: str = ""


class SyncCursor(Protocol):
    """Positions are text that sorts as they do: what is behind one is known."""

    passes_over_old: bool
    newest_first: bool

    def end(self) -> str:
        """Where a reading that begins now ends."""

    def windows(self, known: str, end: str, after: str = "") -> Iterator[Window]:
        """What to ask for, from what is known to the end, or from the window that starts at `after`."""

    def interval(self, window: Window) -> dict[str, str]:
        """The window in the words of the manifest."""

    def inject(self, window: Window, context: Mapping[str, Any]) -> list[Injection]:
        """The window as the request carries it."""

    def place(self, record: Mapping[str, Any]) -> str:
        """The position of a record; empty when it has none."""

    def moment(self, record: Mapping[str, Any]) -> datetime | None:
        """When the record changed last."""

    def settle(self, known: str, high: str, window: Window) -> str:
        """What is known after the last window, whose highest record is `high`."""

    def share(self, positions: Collection[str], end: str) -> str:
        """Up to where all parts are known, each read up to its position in a reading that ended at `end`."""


class NoCursor:
    """Every reading gives everything."""

    passes_over_old = False
    newest_first = False

    def end(self) -> str:
        """No end."""
        return ""

    def windows(self, known: str, end: str, after: str = "") -> Iterator[Window]:
        """One window without bounds."""
        yield Window()

    def interval(self, _: Window) -> dict[str, str]:
        """No words."""
        return {}

    def inject(self, _: Window, __: Mapping[str, Any]) -> list[Injection]:
        """Nothing."""
        return []

    def place(self, _: Mapping[str, Any]) -> str:
        """No position."""
        return ""

    def moment(self, _: Mapping[str, Any]) -> datetime | None:
        """Unknown."""
        return None

    def settle(self, known: str, high: str, window: Window) -> str:
        """Nothing is known."""
        return ""

    def share(self, positions: Collection[str], end: str) -> str:
        """Nothing is known."""
        return ""


class TimeCursor:
    """`DatetimeBasedCursor`. Positions are ISO 8601 in UTC with microseconds."""

    def __init__(self, component: Component, tools: ManifestTools) -> None:
        self._component = component
        self._tools = tools
        self._templates = tools.templates
        self._here = {"parameters": parameters_of(component)}
        self._field = self._templates.text(component["cursor_field"], **self._here)
        self._form = str(component.get("datetime_format") or "%Y-%m-%dT%H:%M:%S.%f%z")
        self._forms = [*(component.get("cursor_datetime_formats") or ()), self._form]
        self._step = self._span("step", timedelta(days=200_000))
        self._grain = self._span("cursor_granularity", timedelta(0))
        self._lookback = self._span("lookback_window", timedelta(0))
        self.newest_first = bool(component.get("is_data_feed"))
        self.passes_over_old = bool(component.get("is_client_side_incremental")) or self.newest_first

    def end(self) -> str:
        """The manifest's end, or now, whichever comes first."""
        now = self._tools.clock.now()
        return _write(
            min(self._bound("end_datetime", now), now) if self._component.get("end_datetime") else now
        )

    def windows(self, known: str, end: str, after: str = "") -> Iterator[Window]:
        """Steps from what is known (less the look-back, not before the manifest's start) to the end."""
        last = _read(end)
        start = _read(after) if after else self._start(known)
        # A clock that was set back must not stop all reading.
        start = min(start, last)
        while start <= last:
            stop = min(start + self._step - self._grain, last) if last - start > self._step else last
            if not (self._component.get("is_compare_strictly") and start == stop):
                yield Window(_write(start), _write(stop))
            if stop >= last:
                return
            start = max(stop + self._grain, start + _SMALLEST_STEP)

    def interval(self, window: Window) -> dict[str, str]:
        """Start and end in the manifest's format, under the manifest's names."""
        return {
            str(self._component.get("partition_field_start") or "start_time"): self._text(window.start),
            str(self._component.get("partition_field_end") or "end_time"): self._text(window.end),
        }

    def inject(self, window: Window, context: Mapping[str, Any]) -> list[Injection]:
        """Start and end where the manifest wants them."""
        start = inject(
            self._component.get("start_time_option"), self._text(window.start), self._templates, context
        )
        end = inject(self._component.get("end_time_option"), self._text(window.end), self._templates, context)
        return start + end

    def place(self, record: Mapping[str, Any]) -> str:
        """When the record changed."""
        moment = self.moment(record)
        return _write(moment) if moment else ""

    def moment(self, record: Mapping[str, Any]) -> datetime | None:
        """When the record changed."""
        value = record.get(self._field)
        return read_instant(value, self._forms) if value not in (None, "") else None

    def settle(self, known: str, high: str, window: Window) -> str:
        """The newest record's time; without any, the start of the last window: it is asked for again."""
        reached = high or window.start
        # A record from the future would hide everything until then.
        return max(known, min(reached, window.end))

    def share(self, positions: Collection[str], end: str) -> str:
        """The newest of all, less the time that the reading took: a quiet part holds nobody up.

        Each part was read after the reading began. What changed in one behind that may be older than what the
        last one showed, by as long as the reading took. A clock set back meanwhile tells nothing of that.
        """
        newest = _read(min(max(positions), end))
        took = self._tools.clock.now() - _read(end)
        return min(positions) if took < timedelta(0) else max(min(positions), _write(newest - took))

    def _start(self, known: str) -> datetime:
        earliest = self._bound("start_datetime", _LONG_AGO)
        if not known:
            return earliest
        try:
            return max(_read(known) - self._lookback, earliest)
        except OverflowError:
            return earliest

    def _bound(self, name: str, usual: datetime) -> datetime:
        bound = self._component.get(name)
        if not bound:
            return usual
        if not isinstance(bound, Mapping):
            return self._moment_of(bound, [], self._here, name)
        here = {"parameters": parameters_of(bound)}
        forms = [bound["datetime_format"]] if bound.get("datetime_format") else []
        moment = self._moment_of(bound["datetime"], forms, here, name)
        if bound.get("min_datetime"):
            moment = max(moment, self._moment_of(bound["min_datetime"], forms, here, name))
        if bound.get("max_datetime"):
            moment = min(moment, self._moment_of(bound["max_datetime"], forms, here, name))
        return moment

    def _moment_of(self, text: str, forms: list[str], here: Mapping[str, Any], name: str) -> datetime:
        stated = self._templates.text(text, **here)
        moment = read_instant(stated, [*forms, self._form])
        if moment is None:
            raise SettingsRefusedError(
                f"the manifest's {name} gives no time; set it as YYYY-MM-DDTHH:MM:SSZ in the settings"
            )
        return moment

    def _span(self, name: str, usual: timedelta) -> timedelta:
        text = self._templates.text(self._component.get(name), **self._here)
        try:
            return read_span(text) if text else usual
        except ValueError as error:
            raise SettingsRefusedError(f"the manifest's {name}: {error}") from None

    def _text(self, position: str) -> str:
        return write_instant(_read(position), self._form)


class CountCursor:
    """`IncrementingCountCursor`. Positions are whole numbers with leading zeros."""

    passes_over_old = False
    newest_first = False

    def __init__(self, component: Component, tools: ManifestTools) -> None:
        self._component = component
        self._templates = tools.templates
        self._here = {"parameters": parameters_of(component)}
        self._field = self._templates.text(component["cursor_field"], **self._here)

    def end(self) -> str:
        """No end."""
        return ""

    def windows(self, known: str, end: str, after: str = "") -> Iterator[Window]:
        """One window, from the highest number known."""
        first = self._templates.value(self._component.get("start_value"), **self._here)
        yield Window(after or known or _pad(first or 0))

    def interval(self, window: Window) -> dict[str, str]:
        """The number that everything asked for follows."""
        return {"start_value": str(int(window.start))}

    def inject(self, window: Window, context: Mapping[str, Any]) -> list[Injection]:
        """The number where the manifest wants it."""
        return inject(
            self._component.get("start_value_option"), str(int(window.start)), self._templates, context
        )

    def place(self, record: Mapping[str, Any]) -> str:
        """The record's number."""
        return _pad(record.get(self._field))

    def moment(self, _: Mapping[str, Any]) -> datetime | None:
        """Unknown."""
        return None

    def settle(self, known: str, high: str, window: Window) -> str:
        """The highest number seen."""
        return max(known, high, window.start)

    def share(self, positions: Collection[str], end: str) -> str:
        """The lowest: numbers do not tell when."""
        return min(positions)


def open_cursor(component: Component | None, tools: ManifestTools) -> SyncCursor:
    """The cursor of a stream."""
    if not component:
        return NoCursor()
    if component["type"] == "IncrementingCountCursor":
        return CountCursor(component, tools)
    return TimeCursor(component, tools)


def _pad(value: Any) -> str:  # noqa: ANN401
    try:
        return f"{int(value):020d}"
    except (TypeError, ValueError):
        return ""


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")


def _read(position: str) -> datetime:
    return datetime.fromisoformat(position)
