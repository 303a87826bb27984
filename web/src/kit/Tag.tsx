import type { ReactNode } from "react";

import type { Tone } from "../api/types.ts";

/** A status word; the tone only repeats what the word says. */
export function Tag({ tone, children }: { tone?: Tone | "info" | null | undefined; children: ReactNode }) {
  return (
    <span className="tag" data-tone={tone ?? "neutral"}>
      {children}
    </span>
  );
}
