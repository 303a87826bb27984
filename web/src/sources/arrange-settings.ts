import type { ConnectorKind, SettingSchema } from "../api/connections.ts";

/** The settings that a person fills in, and those that can mostly stay as they are. */
export interface Arranged {
  first: [string, SettingSchema][];
  more: [string, SettingSchema][];
}

const REPLACED = "_before"; // ends the name of a secret that another one replaces

/** Puts what is needed, what is secret and what was filled in first; the rest can be opened. */
export function arranged({ settings_schema: schema }: ConnectorKind, filled: string[]): Arranged {
  const all = Object.entries(schema.properties ?? {});
  const needed = new Set(schema.required?.length ? schema.required : schema.anyOf?.[0]?.required);
  const secret = ([name, one]: [string, SettingSchema]) => one.writeOnly === true && !name.endsWith(REPLACED);
  const last = all.findLastIndex(([name, one]) => needed.has(name) || (secret([name, one]) && !name.startsWith("webhook")));
  const isFirst = ([name, one]: [string, SettingSchema], index: number) =>
    needed.has(name) || secret([name, one]) || filled.includes(name) || (index < last && !isTuned(one));
  return { first: all.filter(isFirst), more: all.filter((entry, index) => !isFirst(entry, index)) };
}

/** Numbers and switches with a default, and long texts, are for those who tune. */
function isTuned({ type, default: usual, format, contentMediaType }: SettingSchema): boolean {
  if (format === "textarea" || contentMediaType !== undefined) return true;
  return usual !== undefined && (type === "integer" || type === "number" || type === "boolean");
}
