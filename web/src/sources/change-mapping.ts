import type { Place, StreamMapping } from "../api/mappings.ts";

/** Item and field that a place becomes; null keeps it beside the others. */
export interface Use {
  item: number;
  field: string;
}

/** The paths that a place reads by name. */
export function pathsOf(place: Place | undefined): string[] {
  if (place === undefined) return [];
  if (typeof place === "string") return [place];
  if (Array.isArray(place)) return place;
  return place.path === undefined ? [] : typeof place.path === "string" ? [place.path] : place.path;
}

/** The path as an item with `each` writes it; null when it lies in another list. */
export function pathInItem(path: string, each: string | undefined): string | null {
  if (!each) return path.includes("[*].") ? null : path;
  const prefix = `${each}[*].`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : `$.${path}`;
}

/** What a place becomes now, the first of several uses. */
export function useOf(mapping: StreamMapping, path: string): Use | null {
  for (const [item, { each, fields = {} }] of mapping.items.entries()) {
    const inside = pathInItem(path, each);
    for (const [field, place] of Object.entries(fields)) {
      if (inside !== null && pathsOf(place).includes(inside)) return { item, field };
    }
  }
  return null;
}

/** The mapping with a place moved to another field, or to none. */
export function moved(mapping: StreamMapping, path: string, use: Use | null, multiple: boolean): StreamMapping {
  const items = mapping.items.map((item, index) => {
    const inside = pathInItem(path, item.each);
    if (inside === null) return item;
    const fields: Record<string, Place> = {};
    for (const [field, place] of Object.entries(item.fields ?? {})) {
      const left = without(place, inside);
      if (left !== null) fields[field] = left;
    }
    if (use?.item === index) {
      const before = fields[use.field];
      fields[use.field] = multiple && before !== undefined ? [...pathsOf(before), inside] : inside;
    }
    return { ...item, fields };
  });
  return { ...mapping, items };
}

function without(place: Place, path: string): Place | null {
  const paths = pathsOf(place);
  if (!paths.includes(path)) return place;
  const left = paths.filter((one) => one !== path);
  if (left.length === 0) return null;
  if (typeof place === "object" && !Array.isArray(place)) return { ...place, path: left };
  return left.length === 1 ? (left[0] ?? null) : left;
}
