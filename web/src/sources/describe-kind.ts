import type { ConnectorKind, SettingSchema } from "../api/connections.ts";

/** A heading with the kinds of source below it. */
export interface KindGroup {
  title: string;
  kinds: ConnectorKind[];
}

const ORDER = ["CRM", "Shop", "Help desk", "Billing", "Marketing", "Conversations", "Calls", "Databases", "Files", "Events"];
/** Files that a person drops make a source too, by an import. */
export const BY_FILE = "file";
/** Ways in for a system that has no connector of its own. */
const FOR_ANYTHING = ["records_api", "webhook", BY_FILE, "manifest"];

/** Whether it is reached with settings: Regard reads it, or it proves itself with a secret. */
export function isReached(kind: ConnectorKind): boolean {
  return kind.reads || kind.webhook !== null;
}

/** Whether it sends by itself, with a key that Regard makes. */
export function takesKeys(kind: ConnectorKind): boolean {
  return !isReached(kind) && kind.name !== BY_FILE;
}

/** What one must have at hand to connect it, in a line. */
export function needsOf(kind: ConnectorKind): string {
  if (kind.name === BY_FILE) return "Needs a file; it is imported once, and can be taken back";
  if (takesKeys(kind)) return "Needs a key, which Regard makes; the system sends by itself";
  return `Needs ${atHand(kind).join(", ")}${kind.freshness === "minutes" ? "; its news come within minutes" : ""}`;
}

function atHand({ settings_schema: schema }: ConnectorKind): string[] {
  const properties = schema.properties ?? {};
  const required = schema.required?.length ? schema.required : (schema.anyOf?.[0]?.required ?? secretsOf(properties));
  const open = required.filter((name) => properties[name]?.default === undefined && !properties[name]?.enum);
  return open.map((name) => inSentence(properties[name]?.title ?? name));
}

/** Of a kind that signs in in several ways, the first secret stands for them. */
function secretsOf(properties: Record<string, SettingSchema>): string[] {
  return Object.keys(properties).filter((name) => properties[name]?.writeOnly).slice(0, 1);
}

/** "Access token" inside a sentence; capitals that mean something stay. */
function inSentence(title: string): string {
  return /^[A-Z][a-z]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** The kinds that fit what was typed, by their group; those that only mention it come last. */
export function groupKinds(kinds: ConnectorKind[], typed: string): KindGroup[] {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const called = kinds.filter((kind) => fits(nameOf(kind), words));
  const groups = byCategory(called);
  const mention = words.length === 0 ? [] : kinds.filter((kind) => !called.includes(kind) && fits(detailsOf(kind), words));
  if (mention.length > 0) groups.push({ title: "Has to do with it", kinds: mention });
  if (groups.length > 0) return groups;
  return [{ title: "For any other system", kinds: kinds.filter(({ name }) => FOR_ANYTHING.includes(name)) }];
}

function byCategory(kinds: ConnectorKind[]): KindGroup[] {
  const rank = (title: string) => (ORDER.includes(title) ? ORDER.indexOf(title) : ORDER.length);
  const titles = [...new Set(kinds.map(({ category }) => category))].sort((one, other) => rank(one) - rank(other));
  return titles.map((title) => ({ title, kinds: kinds.filter(({ category }) => category === title) }));
}

/** Every word begins a word of the text, or stands within one when it is longer than two letters. */
function fits(text: string, words: string[]): boolean {
  return words.every((word) => (word.length > 2 ? text.includes(word) : ` ${text}`.includes(` ${word}`)));
}

function nameOf({ name, title, category }: ConnectorKind): string {
  return plain(`${title} ${name.replaceAll("_", " ")} ${category}`);
}

function detailsOf(kind: ConnectorKind): string {
  const settings = Object.values(kind.settings_schema.properties ?? {});
  const told = settings.flatMap((one) => [one.title, one.description, ...(one.enum ?? [])]);
  return plain([needsOf(kind), kind.webhook, ...told].filter(Boolean).join(" "));
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}
