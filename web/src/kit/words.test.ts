import assert from "node:assert/strict";
import test from "node:test";

import { dayText, exactText, valueText } from "./words.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");

test("a day is written in one way, with the year only when it is another one", () => {
  assert.equal(dayText("2026-09-02T12:00:00Z", NOW), "2 Sep");
  assert.equal(dayText("2025-09-02T12:00:00Z", NOW), "2 Sep 2025");
  assert.match(exactText("2026-09-02T12:00:00Z"), /^2 Sep 2026, \d\d:\d\d:00$/);
});

test("a stated day is written as a day wherever the reader is, and nothing else is touched", () => {
  assert.equal(valueText("1987-05-14"), "14 May 1987");
  for (const other of ["1987-13-14", "1987-02-31", "0000-01-01", "1987-05-14T00:00", "14.05.1987", ""]) {
    assert.equal(valueText(other), other);
  }
});
