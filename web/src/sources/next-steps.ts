import type { ConnectionState, ConnectorKind, Drift, Health, StreamState } from "../api/connections.ts";
import type { Source } from "../api/sources.ts";
import { plural } from "../kit/words.ts";
import { isReached, takesKeys } from "./describe-kind.ts";

/** Where a step is taken. */
export type Act =
  | { to: "mapping" | "go-on"; stream: string }
  | { to: "quarantine" | "connection" | "keys" | "imports" };

/** What is wrong with a source or missing, and what to do. */
export interface Step {
  tone: "danger" | "warn" | "info";
  text: string;
  act?: Act;
  /** What the button says. */
  label?: string;
}

export interface Facts {
  source: Source | undefined;
  kind: ConnectorKind | undefined;
  connection: ConnectionState | undefined;
  health: Health | undefined;
  streams: StreamState[];
  drift: Drift[];
}

const SHOWN_CHANGES = 8;
const OF_MAPPING = / for a mapping \(/; // a warning on streams that are each told with their own button

/** The steps, the most urgent first; empty when a source simply works. */
export function nextSteps(facts: Facts): Step[] {
  const steps = [...held(facts), ...troubles(facts), ...missing(facts), ...waiting(facts), ...watched(facts)];
  const said = (text: string, before: Step[]) => before.some((one) => one.text.includes(text));
  return steps.filter(({ text }, index) => !said(text, steps.slice(0, index)));
}

/** A person decides on records that wait: another field is mapped, or they are taken as they are. */
function held({ streams }: Facts): Step[] {
  return streams.flatMap(({ stream, title, held: waits }): Step[] => {
    if (!waits) return [];
    return [
      { tone: "danger", text: waits.detail, act: { to: "mapping", stream }, label: `Map “${title}”` },
      { tone: "warn", text: `Or take them without ${waits.places.map((one) => `“${one}”`).join(", ")}: the values known until now then go.`, act: { to: "go-on", stream }, label: "Go on without" },
    ];
  });
}

function troubles({ health }: Facts): Step[] {
  if (health?.state === "failing") return [{ tone: "danger", text: health.sentence, act: { to: "connection" }, label: "Look at the connection" }];
  return health?.state === "late" ? [{ tone: "warn", text: health.sentence }] : [];
}

function missing({ source, kind, connection, health }: Facts): Step[] {
  if (!kind || !source) return [];
  if (isReached(kind) && connection && connection.changed_at === null) {
    return [{ tone: "info", text: "It is not connected yet. Say how it is reached, try it, and keep it.", act: { to: "connection" }, label: "Connect it" }];
  }
  if (health?.state === "off") return [{ tone: "warn", text: health.sentence, act: { to: "connection" }, label: "Switch it on" }];
  if (takesKeys(kind) && source.last_received_at === null) {
    return [{ tone: "info", text: "Nothing has come yet. The system sends by itself, with a key.", act: { to: "keys" }, label: "Make a key" }];
  }
  const byFile = !isReached(kind) && !takesKeys(kind);
  return byFile && source.last_received_at === null ? [{ tone: "info", text: "No file of it was imported yet.", act: { to: "imports" }, label: "Import a file" }] : [];
}

function waiting({ source, streams, connection }: Facts): Step[] {
  const steps: Step[] = streams
    .filter(({ mapping, records }) => mapping === null && records > 0)
    .map(({ stream, title, records }) => ({
      tone: "warn",
      text: `${plural(records, "record")} of “${title}” ${records === 1 ? "was" : "were"} read and ${records === 1 ? "states" : "state"} nothing until it is said what they mean.`,
      act: { to: "mapping", stream },
      label: `Map “${title}”`,
    }));
  if (source && source.quarantined > 0) {
    steps.push({ tone: "warn", text: `${plural(source.quarantined, "item")} could not be accepted and ${source.quarantined === 1 ? "waits" : "wait"} in quarantine.`, act: { to: "quarantine" }, label: "See why" });
  }
  if (connection && connection.changed_at !== null && !connection.shown) {
    steps.push({ tone: "info", text: "It is filled and shown to nobody yet.", act: { to: "connection" }, label: "Show it" });
  }
  return steps;
}

function watched({ health, drift }: Facts): Step[] {
  const warnings: Step[] = (health?.warnings ?? []).filter((text) => !OF_MAPPING.test(text)).map((text) => ({ tone: "warn", text }));
  return [...warnings, ...drift.slice(0, SHOWN_CHANGES).map((one): Step => driftStep(one))];
}

function driftStep({ stream, sentence, change }: Drift): Step {
  const text = `${stream}: ${sentence}`;
  return { tone: change === "vanished" ? "warn" : "info", text, act: { to: "mapping", stream }, label: `Look at “${stream}”` };
}
