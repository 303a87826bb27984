import assert from "node:assert/strict";
import { test } from "node:test";

import { isNewer } from "./live-types.ts";

test("only a higher version is newer", () => {
  assert.equal(isNewer("11", "9"), true);
  assert.equal(isNewer("9", "9"), false);
  assert.equal(isNewer(8, "9"), false);
});

test("versions that are no numbers tell only same from other", () => {
  assert.equal(isNewer("b", "a"), true);
  assert.equal(isNewer("a", "a"), false);
});
