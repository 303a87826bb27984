import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { type Preview, previewMapping, type StreamMapping } from "../api/mappings.ts";
import { say } from "../kit/say.tsx";
import type { Change } from "./change-mapping.ts";

/** What a change took away without being asked to: told at once, and can be mended. */
export interface Notice {
  /** The place or item that was changed. */
  at: string;
  text: string;
  /** The mapping that reads the old place too. */
  both: StreamMapping | null;
}

export interface Draft {
  mapping: StreamMapping | null;
  shown: Preview | undefined;
  trying: boolean;
  error: Error | null;
  notice: Notice | null;
  /** Whether it differs from what the server had. */
  changed: boolean;
  change: (mapping: StreamMapping, notice?: Notice | null) => void;
  /** Null when nothing was changed yet. */
  undo: (() => void) | null;
  kept: () => void;
}

/** A mapping that is being changed, tried on live samples after each step, every step of which can be undone. */
export function useDraft(slug: string, stream: string): Draft {
  const [mapping, setMapping] = useState<StreamMapping | null>(null);
  const [past, setPast] = useState<StreamMapping[]>([]);
  const [notice, setNotice] = useState<Notice | null>(null);
  const preview = useMutation({ mutationFn: (tried: StreamMapping | null) => previewMapping(slug, stream, tried) });
  const { mutate } = preview;
  useEffect(() => mutate(null, { onSuccess: (shown) => setMapping(shown.mapping) }), [mutate, slug, stream]);
  const show = (next: StreamMapping, told: Notice | null) => {
    setMapping(next);
    setNotice(told);
    mutate(next);
    if (told) say(told.text);
  };
  const change = (next: StreamMapping, told: Notice | null = null) => {
    if (mapping) setPast([...past, mapping]);
    show(next, told);
  };
  const last = past.at(-1);
  const undo = () => {
    if (!last) return;
    setPast(past.slice(0, -1));
    show(last, null);
    say("Undone");
  };
  const kept = () => {
    setPast([]);
    setNotice(null);
  };
  return {
    mapping, shown: preview.data, trying: preview.isPending, error: preview.error, notice,
    changed: past.length > 0, change, undo: last ? undo : null, kept,
  };
}

/** The sentence on places that lost what they became; null when none did. */
export function noticeOf(at: string, what: string, { displaced, both }: Change): Notice | null {
  if (displaced.length === 0) return null;
  const places = displaced.map((one) => `“${one}”`).join(" and ");
  return { at, text: `“${what}” was read from ${places} until now. That is no longer read for it.`, both };
}
