import type { Entry } from "../api/types.ts";

/**
 * Lays a fresh first page over the list on the screen. Grouped rows may have grown or moved, so everything
 * down to the oldest entry of the fresh page is taken from it; what was loaded below that stays.
 */
export function mergeHead(shown: Entry[], head: Entry[]): Entry[] {
  const oldest = head.at(-1);
  if (!oldest) return shown;
  const fresh = new Set(head.map(({ id }) => id));
  const at = shown.findIndex(({ id }) => id === oldest.id);
  const below = at >= 0 ? shown.slice(at + 1) : shown.filter((entry) => entry.at < oldest.at);
  return [...head, ...below.filter(({ id }) => !fresh.has(id))];
}

/** Entries of `head` that the reader has not seen yet: a new id, or a grouped row that took in more. */
export function unseen(shown: Entry[], head: Entry[]): Entry[] {
  const seen = new Map(shown.map((entry) => [entry.id, entry]));
  const newest = shown[0]?.at ?? "";
  return head.filter((entry) => {
    const before = seen.get(entry.id);
    return before ? entry.at !== before.at || entry.count !== before.count : entry.at >= newest;
  });
}

export type TimelineItem = { kind: "day"; key: string; at: string | null } | { kind: "entry"; key: string; entry: Entry };

/** Puts a heading before the first entry of every day of the reader's own calendar, and of those of no day. */
export function withDays(entries: Entry[]): TimelineItem[] {
  const items: TimelineItem[] = [];
  let day = "";
  for (const entry of entries) {
    const own = entry.undated ? "none" : new Date(entry.at).toDateString();
    if (own !== day) items.push({ kind: "day", key: `day ${own} ${items.length}`, at: entry.undated ? null : entry.at });
    day = own;
    items.push({ kind: "entry", key: entry.id, entry });
  }
  return items;
}
