import type { Import, ImportStatus } from "../api/imports.ts";
import type { Tone } from "../api/types.ts";

export const STATUS: Record<ImportStatus, { word: string; tone: Tone | "info" }> = {
  proposed: { word: "to be checked", tone: "info" },
  dry_running: { word: "trying", tone: "info" },
  checked: { word: "ready to run", tone: "info" },
  running: { word: "running", tone: "info" },
  done: { word: "done", tone: "good" },
  failed: { word: "failed", tone: "danger" },
  reverting: { word: "being taken back", tone: "info" },
  reverted: { word: "taken back", tone: "warn" },
};

const DELIMITERS: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

/** "CSV, UTF-8, separated by semicolons". */
export function formatText(format: Import["format"]): string {
  const parts = [format.type.toUpperCase()];
  if (format.encoding) parts.push(format.encoding.toUpperCase());
  if (format.delimiter) parts.push(`separated by ${DELIMITERS[format.delimiter] ?? format.delimiter}`);
  if (format.sheet) parts.push(`sheet ${format.sheet}`);
  return parts.join(", ");
}
