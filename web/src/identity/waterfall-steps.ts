import type { Evidence, Weighed } from "./identity-queries.ts";

/** One bar: from where the sum stood to where it stands; `rare`: how much of it is there for a rare value. */
export interface Step {
  label: string;
  said: string;
  bits: number;
  from: number;
  to: number;
  rare: number;
  evidence: Evidence | null;
}

const NOTABLE = 0.05; // bits; less than this is rounding

/** The steps in the order they are drawn, and the range they need; even chances (0) are always in it. */
export function stepsOf(weighed: Weighed): { steps: Step[]; low: number; high: number } {
  const household = weighed.household_bits ?? 0;
  const hidden = weighed.hidden_bits ?? 0;
  const parts: Omit<Step, "from" | "to">[] = [
    { label: "To begin with", said: "two records are seldom one customer", bits: weighed.prior, rare: 0, evidence: null },
    ...weighed.evidence.map((evidence) => ({
      label: evidence.label,
      said: evidence.said,
      bits: evidence.bits,
      rare: Math.min(Math.max(evidence.rarity_bits ?? 0, 0), Math.max(evidence.bits, 0)),
      evidence,
    })),
  ];
  if (weighed.hidden_bits !== null) {
    parts.push({ label: "Not shown to you", said: "what else was compared", bits: hidden, rare: 0, evidence: null });
  }
  if (household > NOTABLE) {
    parts.push({ label: "Household", said: "they may be two people of one household", bits: -household, rare: 0, evidence: null });
  }
  let at = 0;
  const steps = parts.map((part) => {
    const from = at;
    at += part.bits;
    return { ...part, from, to: at };
  });
  const ends = steps.flatMap(({ from, to }) => [from, to]);
  return { steps, low: Math.min(0, ...ends) - 1, high: Math.max(0, ...ends) + 1 };
}
