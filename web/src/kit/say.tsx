import { useSyncExternalStore } from "react";

const APART = 5_000; // ms; a screen reader is told of live changes at most this often

let spoken = "";
let last = 0;
const listeners = new Set<() => void>();

/** Says a sentence politely to assistive technology. `live` sentences are dropped when they come too often. */
export function say(sentence: string, { live = false } = {}): void {
  const now = Date.now();
  if (live && now - last < APART) return;
  last = now;
  spoken = sentence;
  listeners.forEach((tell) => tell());
}

export function Spoken() {
  const sentence = useSyncExternalStore(subscribe, () => spoken);
  return (
    <div role="status" aria-live="polite" className="spoken">
      {sentence}
    </div>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
