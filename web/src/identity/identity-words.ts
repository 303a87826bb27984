import type { Tone } from "../api/types.ts";
import { countText } from "../kit/words.ts";
import type { Evidence, SourceRecord } from "./identity-queries.ts";

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

const SURE = 0.9995;

/** "the chance that they are one is 98.2 %": what so many bits come to. */
export function chanceText(bits: number): string {
  const chance = 1 / (1 + 2 ** -bits);
  if (chance > SURE) return "nearly certain to be one";
  if (chance < 1 - SURE) return "nearly certain to be two";
  return `the chance that they are one is ${(chance * 100).toFixed(chance < 0.1 || chance > 0.9 ? 1 : 0)} %`;
}

const BORNE: Record<string, string> = { birth_date: "born on this day", organisation: "work there" };

/** "about 1 in 300 bear this name": how common the value is that they agree on. */
export function frequencyText(evidence: Evidence): string | null {
  if (evidence.one_in === null) return null;
  const what = BORNE[evidence.field] ?? (evidence.field.includes("name") ? "bear this name" : "have this");
  return `about 1 in ${countText(evidence.one_in)} ${what}`;
}
