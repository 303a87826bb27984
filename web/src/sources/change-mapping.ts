import type { LongPlace, MappedItem, PartyPlace, Place, StreamMapping } from "../api/mappings.ts";

/** What an item reads besides its fields. */
export const ROLES = ["id", "party", "occurred_at", "updated_at", "currency"] as const;
export type Role = (typeof ROLES)[number];

/** What a place becomes: a field of an item, or a role such as its id. */
export interface Use {
  item: number;
  field?: string;
  role?: Role;
}

/** What changes when a place is chosen for something: the places that had it, and the mapping that reads them all. */
export interface Change {
  mapping: StreamMapping;
  displaced: string[];
  /** The same with the displaced ones behind the new one; null when nothing was displaced. */
  both: StreamMapping | null;
}

export const OWN_ID = "#id";
const OF_INTERACTIONS = ["party", "occurred_at", "currency"];

/** The paths that a place reads by name. */
export function pathsOf(place: Place | undefined): string[] {
  return listOf(place).flatMap((one) => (typeof one === "string" ? [one] : one.path === undefined ? [] : typeof one.path === "string" ? [one.path] : one.path));
}

/** A place in a few words. */
export function placeText(place: Place): string {
  const words = listOf(place).map((one) => {
    if (typeof one === "string") return one === OWN_ID ? "its own id" : one;
    return pathsOf(one).join(" or ") || one.template || (one.const === undefined ? "several places" : `always “${one.const}”`);
  });
  return words.join(", or ");
}

/** The path as an item with `each` writes it; null when it lies in another list. */
export function pathInItem(path: string, each: string | undefined): string | null {
  if (!each) return path.includes("[*].") ? null : path;
  const prefix = `${each}[*].`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : `$.${path}`;
}

/** What an item reads for a role or field; undefined when nothing. */
export function placeAt(item: MappedItem, { field, role }: Pick<Use, "field" | "role">): Place | undefined {
  const place = field !== undefined ? item.fields?.[field] : role === "party" ? partiesOf(item)[0]?.id : role && item[role];
  return listOf(place).length > 0 ? place : undefined;
}

/** What a place becomes now: fields first, then roles. */
export function usesOf(mapping: StreamMapping, path: string): Use[] {
  const fields: Use[] = [];
  const roles: Use[] = [];
  for (const [item, one] of mapping.items.entries()) {
    const inside = pathInItem(path, one.each);
    if (inside === null) continue;
    const reads = (use: Use) => pathsOf(placeAt(one, use)).includes(inside);
    fields.push(...Object.keys(one.fields ?? {}).map((field) => ({ item, field })).filter(reads));
    roles.push(...ROLES.map((role) => ({ item, role })).filter(reads));
  }
  return [...fields, ...roles];
}

/** The first of several uses. */
export function useOf(mapping: StreamMapping, path: string): Use | null {
  return usesOf(mapping, path)[0] ?? null;
}

/** The mapping with a place moved from what it became first to something else, or to nothing. */
export function moved(mapping: StreamMapping, path: string, use: Use | null, multiple = false): Change {
  const before = useOf(mapping, path);
  const freed = { ...mapping, items: mapping.items.map((item, index) => (before?.item === index ? freedFrom(item, before, path) : item)) };
  const open = mapping.skip?.includes(path) ? { ...freed, skip: mapping.skip.filter((one) => one !== path) } : freed;
  return use ? chosen(open, path, use, multiple) : { mapping: open, displaced: [], both: null };
}

/** The mapping in which a place is chosen for something, whatever else it becomes. */
export function chosen(mapping: StreamMapping, path: string, use: Use, multiple = false): Change {
  const item = mapping.items[use.item];
  const inside = item && (path === OWN_ID ? path : pathInItem(path, item.each));
  if (!item || inside === null || inside === undefined) return { mapping, displaced: [], both: null };
  const before = listOf(placeAt(item, use)).filter((one) => one !== inside);
  const all = placed(mapping, use, before.length > 0 ? (multiple ? [...before, inside] : [inside, ...before]) : inside);
  // Every record has an id of its own; nobody misses it when another one is chosen.
  const displaced = before.filter((one) => one !== OWN_ID).map(placeText);
  if (multiple || displaced.length === 0) return { mapping: multiple ? all : placed(mapping, use, inside), displaced: [], both: null };
  return { mapping: placed(mapping, use, inside), displaced, both: all };
}

/** The mapping in which nothing is read for a role; an item's id is then the record's own. */
export function cleared(mapping: StreamMapping, use: Use): StreamMapping {
  return placed(mapping, use, use.role === "id" ? OWN_ID : []);
}

/** The mapping that leaves a place out: it is neither mapped nor kept beside the fields. */
export function leftOut(mapping: StreamMapping, path: string): StreamMapping {
  let then = mapping;
  for (let use = useOf(then, path); use !== null; use = useOf(then, path)) then = moved(then, path, null).mapping;
  return { ...then, skip: [...(then.skip ?? []), path] };
}

/** The mapping whose item states something else; fields that this has not are no longer mapped. */
export function retargeted(mapping: StreamMapping, index: number, target: string, known: string[], isParty: boolean): StreamMapping {
  return changedItem(mapping, index, (item) => {
    const kept = Object.entries(item).filter(([name]) => !isParty || !OF_INTERACTIONS.includes(name));
    const fields = Object.entries(item.fields ?? {}).filter(([field]) => known.includes(field));
    return { ...(Object.fromEntries(kept) as MappedItem), target, fields: Object.fromEntries(fields) };
  });
}

/** The mapping whose records state one thing more. */
export function withItem(mapping: StreamMapping, target: string): StreamMapping {
  return { ...mapping, items: [...mapping.items, { target, id: OWN_ID, fields: {} }] };
}

export function withoutItem(mapping: StreamMapping, index: number): StreamMapping {
  return { ...mapping, items: mapping.items.filter((_, at) => at !== index) };
}

/** The mapping with the stream of an item's party changed. */
export function ofStream(mapping: StreamMapping, index: number, stream: string): StreamMapping {
  return changedItem(mapping, index, (item) => {
    const [first, ...others] = partiesOf(item);
    return { ...item, party: [{ id: first?.id ?? [], stream }, ...others] };
  });
}

export function partiesOf({ party }: MappedItem): PartyPlace[] {
  return Array.isArray(party) ? party : party ? [party] : [];
}

function changedItem(mapping: StreamMapping, index: number, change: (item: MappedItem) => MappedItem): StreamMapping {
  return { ...mapping, items: mapping.items.map((item, at) => (at === index ? change(item) : item)) };
}

function placed(mapping: StreamMapping, use: Use, place: Place): StreamMapping {
  return changedItem(mapping, use.item, (item) => {
    if (use.field !== undefined) return { ...item, fields: { ...item.fields, [use.field]: place } };
    if (use.role !== "party") return { ...item, [use.role ?? "id"]: place };
    const [first, ...others] = partiesOf(item);
    if (listOf(place).length === 0) return { ...item, party: others };
    return { ...item, party: [{ stream: first?.stream ?? "customers", id: place }, ...others] };
  });
}

function freedFrom(item: MappedItem, use: Use, path: string): MappedItem {
  const inside = pathInItem(path, item.each) ?? path;
  const left = listOf(placeAt(item, use)).flatMap((one) => without(one, inside));
  const place = left.length === 1 && left[0] !== undefined ? left[0] : left;
  const { items: [then] } = placed({ stream: "", items: [item] }, { ...use, item: 0 }, left.length === 0 && use.role === "id" ? OWN_ID : place);
  if (use.field === undefined || left.length > 0) return then ?? item;
  return { ...item, fields: Object.fromEntries(Object.entries(item.fields ?? {}).filter(([field]) => field !== use.field)) };
}

function without(one: string | LongPlace, path: string): (string | LongPlace)[] {
  if (typeof one === "string") return one === path ? [] : [one];
  if (!pathsOf(one).includes(path)) return [one];
  const left = pathsOf(one).filter((other) => other !== path);
  return left.length > 0 ? [{ ...one, path: left }] : [];
}

function listOf(place: Place | undefined): (string | LongPlace)[] {
  return place === undefined || place === "" ? [] : Array.isArray(place) ? place : [place];
}
