import assert from "node:assert/strict";
import test from "node:test";

import { chosenOf, isSame } from "./choose-found.ts";

const found = { table: "contact", cursor: "changed_at" };

test("what is ticked comes into the list once, in the place of an empty entry", () => {
  assert.deepEqual(chosenOf([{}], found, true), [found]);
  const tuned = { table: "contact", poll_seconds: 60 };
  assert.deepEqual(chosenOf([{ table: "sale" }, tuned], found, true), [{ table: "sale" }, tuned]);
});

test("what is unticked goes, whatever was changed of it", () => {
  assert.deepEqual(chosenOf([{ table: "sale" }, { table: "contact", poll_seconds: 60 }], found, false), [{ table: "sale" }]);
  assert.equal(isSame({ query: "SELECT 1" }, found), false);
});
