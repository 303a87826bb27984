import { useEffect, useRef } from "react";

const SETTING = "regard-single-keys";
const SEQUENCE = 900; // ms between the two keys of "g c"

/** Keys by name: "?", "/", "j", or two in a row as "g c". */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

export function singleKeysOn(): boolean {
  return localStorage.getItem(SETTING) !== "off";
}

/** Single-letter keys can be turned off (WCAG 2.1.4): speech input types them by accident. */
export function setSingleKeys(on: boolean): void {
  localStorage.setItem(SETTING, on ? "on" : "off");
}

/** Listens for single keys while nothing is being typed and no dialog is open. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    let before = { key: "", at: 0 };
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!singleKeysOn() || isBusy(event.target)) return;
      const now = Date.now();
      const pair = now - before.at < SEQUENCE ? `${before.key} ${event.key}` : "";
      before = { key: event.key, at: now };
      const act = latest.current[pair] ?? latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function isBusy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return true;
  return document.querySelector('[role="dialog"][aria-modal="true"]') !== null;
}
