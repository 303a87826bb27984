import type { Tone } from "../api/types.ts";
import type { SourceRecord } from "./identity-queries.ts";

const TONES: Record<string, Tone> = { Certain: "good", Likely: "warn", Possible: "danger" };

export function toneOfWord(word: string): Tone {
  return TONES[word] ?? "neutral";
}

/** "CRM 17, Shop 4711" for a list of record ids. */
export function recordNames(ids: string[], records: SourceRecord[]): string {
  return ids
    .map((id) => {
      const record = records.find((one) => one.record === id);
      return record ? `${record.source_title} ${record.external_id}` : "an earlier record";
    })
    .join(", ");
}

/** "+4.2" or "−1.8": how much a comparison speaks for or against, in bits. */
export function bitsText(bits: number): string {
  return `${bits < 0 ? "−" : "+"}${Math.abs(bits).toFixed(1)}`;
}
