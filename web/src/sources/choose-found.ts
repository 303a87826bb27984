/** One entry of a list among the settings, such as a table. */
export type Entry = Record<string, unknown>;

/** Whether an entry of the form is about the same as a found one; people may have changed the rest of it. */
export function isSame(entry: Entry, found: Entry): boolean {
  const [first] = Object.entries(found);
  return first !== undefined && entry[first[0]] === first[1];
}

/** The list with a found entry, or without it; entries that say nothing yet make room. */
export function chosenOf(present: Entry[], found: Entry, on: boolean): Entry[] {
  const others = present.filter((entry) => Object.keys(entry).length > 0 && !isSame(entry, found));
  if (!on) return others;
  return present.some((entry) => isSame(entry, found)) ? present : [...others, found];
}
