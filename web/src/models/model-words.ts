import { countText, plural } from "../kit/words.ts";
import type { Counts, Job, Model } from "./model-queries.ts";

export const HOW: Record<Model["how"], string> = {
  shipped: "came with Regard",
  learnt: "learnt here",
  imported: "brought as a file",
};

const STAGES: Record<string, string> = {
  reading: "reading the records",
  train: "learning",
  compare: "comparing pairs",
  solve: "grouping records",
  deciding: "deciding on all records",
  comparing: "looking for differences",
};

/** How far work is, in words. */
export function progressText({ status, stage, done, of_all }: Pick<Job, "status" | "stage" | "done" | "of_all">): string {
  if (status === "waiting") return "waiting for the worker";
  const words = STAGES[stage] ?? "at work";
  return of_all > 0 ? `${words}, ${countText(done)} of ${countText(of_all)}` : words;
}

/** What a comparison found, in one sentence. */
export function foundText(counts: Partial<Counts>): string {
  const { merged = 0, split = 0, moved = 0, customers_now = 0, customers_then = 0 } = counts;
  if (merged + split + moved === 0) return "No customer would be another.";
  const parts = [
    merged > 0 && `${plural(merged, "customer")} would come from joining several`,
    split > 0 && `${plural(split, "customer")} would be split`,
    moved > 0 && `in ${plural(moved, "group")} records would pass between customers`,
  ].filter((part) => part !== false);
  const sum = `${countText(customers_now)} customers would be ${countText(customers_then)}.`;
  return `${sum} ${capital(parts.join(", "))}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
