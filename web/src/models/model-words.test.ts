import assert from "node:assert/strict";
import { test } from "node:test";

import { foundText, progressText } from "./model-words.ts";

test("a comparison is told in one sentence", () => {
  assert.equal(foundText({ merged: 0, split: 0, moved: 0 }), "No customer would be another.");
  assert.equal(
    foundText({ merged: 1, split: 2, moved: 0, customers_now: 1000, customers_then: 1001 }),
    "1,000 customers would be 1,001. 1 customer would come from joining several, 2 customers would be split.",
  );
});

test("work tells how far it is", () => {
  assert.equal(progressText({ status: "waiting", stage: "", done: 0, of_all: 0 }), "waiting for the worker");
  assert.equal(progressText({ status: "running", stage: "reading", done: 1200, of_all: 5000 }), "reading the records, 1,200 of 5,000");
  assert.equal(progressText({ status: "running", stage: "", done: 0, of_all: 0 }), "at work");
});
