import type { MappedItem, MappingTarget, StreamMapping } from "../api/mappings.ts";
import { type Role, ROLES, type Use } from "./change-mapping.ts";

/** Stands for a place that becomes nothing, and is kept under its own name. */
export const KEPT = "";
/** Stands for a place that stays in the raw record alone. */
export const LEFT_OUT = "-";

const ROLE_WORDS: Record<Role, string> = {
  id: "Id",
  party: "Whose it is",
  occurred_at: "When it happened",
  updated_at: "When it was changed",
  currency: "Currency",
};

/** The roles that an item of a target has, with their words. */
export function rolesOf(target: string, isParty: boolean): { role: Role; label: string }[] {
  const has = (role: Role) => {
    if (target === "link") return role === "id" || role === "party" || role === "updated_at";
    return isParty ? role === "id" || role === "updated_at" : true;
  };
  const words = target === "link" ? { ...ROLE_WORDS, party: "Merged into" } : ROLE_WORDS;
  return ROLES.filter(has).map((role) => ({ role, label: words[role] }));
}

/** Every field and role of every item that a mapping states, grouped by the item. */
export function choicesOf(mapping: StreamMapping, targets: MappingTarget[]) {
  const groups = mapping.items.map((item, index) => {
    const target = targets.find(({ id }) => id === item.target);
    const known = target?.fields.map(({ id, label }) => ({ id, label })) ?? [];
    const own = Object.keys(item.fields ?? {}).filter((field) => !known.some(({ id }) => id === field));
    const fields = [...known, ...own.map((id) => ({ id, label: id }))];
    return {
      group: itemTitle(item, target, index),
      items: [
        ...fields.map(({ id, label }) => ({ value: writeUse({ item: index, field: id }), label })),
        ...rolesOf(item.target, target?.party ?? false).map(({ role, label }) => ({ value: writeUse({ item: index, role }), label })),
      ],
    };
  });
  const nothing = { group: "Nothing", items: [{ value: KEPT, label: "Kept beside the others" }, { value: LEFT_OUT, label: "Left out" }] };
  return [nothing, ...groups];
}

export function itemTitle(item: MappedItem, target: MappingTarget | undefined, index: number): string {
  return `${index + 1}. ${target?.label ?? item.target}${item.each ? ` (each of ${item.each})` : ""}`;
}

export function writeUse({ item, field, role }: Use): string {
  return role ? `${item}:${role}` : `${item} ${field ?? ""}`;
}

export function readUse(text: string): Use {
  const [, item, sign, name] = /^(\d+)([ :])(.*)$/s.exec(text) ?? [];
  return sign === ":" ? { item: Number(item), role: name as Role } : { item: Number(item), field: name ?? "" };
}

/** What a use is called on the screen. */
export function useWords(use: Use, mapping: StreamMapping, targets: MappingTarget[]): string {
  const item = mapping.items[use.item];
  const target = targets.find(({ id }) => id === item?.target);
  if (use.role) return rolesOf(item?.target ?? "", target?.party ?? false).find(({ role }) => role === use.role)?.label ?? ROLE_WORDS[use.role];
  return target?.fields.find(({ id }) => id === use.field)?.label ?? use.field ?? "";
}
