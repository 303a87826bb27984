import type { Entry } from "../api/types.ts";
import { Moment } from "../kit/Moment.tsx";
import { exactText } from "../kit/words.ts";

/** When an entry happened; of one that nothing dates, only on hover when it arrived. */
export function EntryMoment({ entry }: { entry: Entry }) {
  if (entry.undated) return <span title={arrivedText(entry)}>no time</span>;
  return <Moment at={entry.at} />;
}

export function arrivedText(entry: Entry): string {
  return `Time not stated, arrived ${exactText(entry.at)}`;
}
