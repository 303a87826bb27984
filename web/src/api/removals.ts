import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { pathOf } from "./connections.ts";
import { request } from "./request.ts";
import type { Source } from "./sources.ts";

const AGAIN = 1_500; // ms, while a source goes or comes back

export interface RemovalPreview {
  records: number;
  interactions: number;
  /** Customers without a record of any other source. */
  customers_gone: number;
  /** Customers that lose values which only this source states. */
  customers_changed: number;
  keys: number;
}

export interface Removal {
  source: string;
  title: string;
  status: "removing" | "removed" | "restoring" | "restored" | "failed";
  asked_at: string;
  asked_by: string;
  reason: string;
  removed_at: string | null;
  statements: number;
  done: number;
  /** What a person should know or do in the outside system. */
  notes: string[];
  error: string | null;
  finished_at: string | null;
}

export function isUnderWay({ status }: Removal): boolean {
  return status === "removing" || status === "restoring";
}

/** The sources that were removed and can be brought back. */
export const removedQuery = queryOptions({
  queryKey: ["removed-sources"],
  queryFn: ({ signal }) => request<{ sources: Removal[] }>("/removed-sources", { signal }),
  refetchInterval: ({ state }) => (state.data?.sources.some(isUnderWay) ? AGAIN : false),
});

export function usePreviewRemoval(slug: string) {
  return useMutation({ mutationFn: () => request<RemovalPreview>(`${pathOf(slug)}/removal/preview`, { method: "POST" }) });
}

function useRemoving(slug: string, path: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: { reason: string } | void) => request<Removal>(`${pathOf(slug)}/${path}`, json ? { method: "POST", json } : { method: "POST" }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["removed-sources"] }),
        client.invalidateQueries({ queryKey: ["sources"] }),
        client.invalidateQueries({ queryKey: ["source-health"] }),
      ]),
  });
}

export function useRemoveSource(slug: string) {
  return useRemoving(slug, "removal");
}

export function useBringBack(slug: string) {
  return useRemoving(slug, "removal/undo");
}

export function useChangeSource(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: { title?: string; country?: string | null }) => request<Source>(pathOf(slug), { method: "PATCH", json }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["sources"] }),
  });
}
