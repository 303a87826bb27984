/** Only ids and versions travel on the live stream; what changed is asked for through the one door. */
export interface Change {
  customer: string;
  version: string | number;
  cards: string[];
}

export interface LiveState {
  /** idle: nothing is watched, so no stream is open. polling: this browser cannot share one. */
  word: "idle" | "live" | "reconnecting" | "offline" | "polling";
  /** Epoch milliseconds. */
  since: number;
}

export type TabMessage =
  | { kind: "change"; change: Change }
  | { kind: "missed" }
  | { kind: "state"; state: LiveState }
  | { kind: "roll-call" }
  | { kind: "wants"; tab: string; customers: string[] }
  | { kind: "restart" };

/** Whether `version` is later than the one on the screen. Versions that are no numbers only tell same from other. */
export function isNewer(version: string | number, shown: string | number): boolean {
  const [a, b] = [Number(version), Number(shown)];
  return Number.isNaN(a) || Number.isNaN(b) ? String(version) !== String(shown) : a > b;
}
