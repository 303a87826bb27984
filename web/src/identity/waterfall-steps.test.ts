import assert from "node:assert/strict";
import { test } from "node:test";

import type { Evidence, Weighed } from "./identity-queries.ts";
import { stepsOf } from "./waterfall-steps.ts";

function line(bits: number, rarity: number | null = 0): Evidence {
  return { field: "email", label: "E-mail", left: "a", right: "a", level: "exact", said: "same", bits, rarity_bits: rarity, one_in: null };
}

const weighed: Weighed = {
  bits: 3,
  prior: -14,
  household_bits: 2,
  hidden_bits: 1,
  words: "",
  evidence: [line(20, 5), line(-2, null)],
};

test("every step begins where the one before ended, and the last ends at the sum", () => {
  const { steps } = stepsOf(weighed);
  assert.deepEqual(steps.map(({ from, to }) => [from, to]), [[0, -14], [-14, 6], [6, 4], [4, 5], [5, 3]]);
  assert.equal(steps.at(-1)?.to, weighed.bits);
});

test("the range holds every step and even chances", () => {
  const { low, high } = stepsOf(weighed);
  assert.ok(low < -14 && high > 6);
  const against = stepsOf({ ...weighed, evidence: [line(-3)], hidden_bits: null });
  assert.ok(against.high > 0);
});

test("what a rare value adds is never more than the bar, and nothing for a common or a hidden one", () => {
  const rare = (bits: number, by: number | null) => stepsOf({ ...weighed, evidence: [line(bits, by)] }).steps[1]?.rare;
  assert.equal(rare(8, 3), 3);
  assert.equal(rare(2, 3), 2);
  assert.equal(rare(8, -3), 0);
  assert.equal(rare(8, null), 0);
});
