import assert from "node:assert/strict";
import { test } from "node:test";

import type { Join } from "./identity-queries.ts";
import { treeOf } from "./join-tree.ts";

function join(left: string[], right: string[], more: Partial<Join> = {}): Join {
  const none = { bits: 5, prior: -14, household_bits: 0, hidden_bits: null, words: "", evidence: [] };
  return { left, right, judged: false, equal: false, follows: false, ...none, ...more };
}

test("later joins take whole what earlier ones made", () => {
  const { leaves, roots } = treeOf([join(["a"], ["b"]), join(["c"], ["d"]), join(["a", "b"], ["c", "d"])], 1);
  assert.deepEqual(leaves.map((leaf) => leaf.records), [["a"], ["b"], ["c"], ["d"]]);
  assert.equal(roots.length, 1);
  assert.equal(roots[0]?.step, 3);
  assert.deepEqual(roots[0]?.children.map((child) => [child.step, child.row, child.weakest]), [
    [1, 0.5, false],
    [2, 2.5, true],
  ]);
});

test("records that say just the same are one leaf and one step without a number", () => {
  const { steps, leaves } = treeOf(
    [join(["a"], ["b"], { equal: true }), join(["a"], ["c"], { equal: true }), join(["a", "b", "c"], ["d"])],
    1,
  );
  assert.deepEqual(leaves.map((leaf) => leaf.records), [["a", "b", "c"], ["d"]]);
  assert.deepEqual(steps.map((step) => [step.number, step.alike, step.weakest]), [
    [null, ["b", "c"], true],
    [1, [], false],
  ]);
});
