import assert from "node:assert/strict";
import { test } from "node:test";

import type { Entry } from "../api/types.ts";
import { mergeHead, unseen, withDays } from "./merge-head.ts";

function entry(id: string, at: string, count = 1): Entry {
  return { id, at, count, type: "note", sentence: id, source: "crm", source_title: "CRM" };
}

const ids = (entries: Entry[]) => entries.map(({ id }) => id).join(" ");

const c = entry("c", "2026-03-03T10:00:00Z");
const b = entry("b", "2026-03-02T10:00:00Z");
const a = entry("a", "2026-03-01T10:00:00Z");

test("a new entry comes on top and what was loaded below stays", () => {
  assert.equal(ids(mergeHead([b, a], [c, b])), "c b a");
});

test("a group that took in a newer entry under a new id is not shown twice", () => {
  const visit = entry("visit-2", "2026-03-02T11:00:00Z", 3);
  assert.equal(ids(mergeHead([b, a], [visit, a])), "visit-2 a");
});

test("a page that does not reach what is shown leaves only what is older below it", () => {
  assert.equal(ids(mergeHead([b, a], [c])), "c b a");
});

test("an empty answer changes nothing", () => {
  assert.equal(ids(mergeHead([b, a], [])), "b a");
});

test("new is what has a new id, or grew; not what was pushed onto the page from below", () => {
  const grown = { ...b, count: 4 };
  const older = entry("old", "2026-02-01T10:00:00Z");
  assert.equal(ids(unseen([b, a], [c, grown, a, older])), "c b");
});

test("each day gets one heading", () => {
  const later = entry("b2", "2026-03-02T12:00:00Z");
  const kinds = withDays([c, later, b]).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["day", "entry", "day", "entry", "entry"]);
});

test("what nothing dates stands under no day", () => {
  const undated = { ...entry("x", "2026-03-03T11:00:00Z"), undated: true };
  const days = withDays([undated, c]).map((item) => (item.kind === "day" ? item.at : item.key));
  assert.deepEqual(days, [null, "x", c.at, "c"]);
});
