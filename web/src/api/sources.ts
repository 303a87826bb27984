import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { request } from "./request.ts";

const AGAIN = 5_000; // ms; the sources page is a gauge

export interface Source {
  slug: string;
  title: string;
  connector: string;
  /** Of its telephone numbers that carry none. */
  country: string | null;
  accepted: number;
  duplicate: number;
  rejected: number;
  last_received_at: string | null;
  last_occurred_at: string | null;
  last_hour: number;
  lag_seconds: number | null;
  quarantined: number;
  /** Those of them that are rows of imported files. */
  quarantined_in_imports: number;
}

export interface Quarantined {
  id: string;
  received_at: string;
  code: string;
  reason: string;
  /** The door it came through. */
  format: string;
}

export interface QuarantinePage {
  items: Quarantined[];
  next: string | null;
}

export interface SourceBook {
  sources: Source[];
  /** The kinds of source that can be set up. */
  connectors: { name: string; title: string }[];
}

export const sourcesQuery = queryOptions({
  queryKey: ["sources"],
  queryFn: ({ signal }) => request<SourceBook>("/sources", { signal }),
  refetchInterval: AGAIN,
});

const path = (slug: string) => `/sources/${encodeURIComponent(slug)}`;

export function quarantineQuery(slug: string) {
  return infiniteQueryOptions({
    queryKey: ["quarantine", slug],
    queryFn: ({ signal, pageParam }) =>
      request<QuarantinePage>(`${path(slug)}/quarantine`, { query: { cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function useCreateSource() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (made: { slug: string; title: string; connector: string; country?: string | null; currency?: string | null }) =>
      request<Source>("/sources", { method: "POST", json: made }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["sources"] }),
  });
}

export interface IngestKey {
  id: string;
  /** Its last characters. */
  hint: string;
  created_at: string;
  revoked_at: string | null;
}

export function keysQuery(slug: string) {
  return queryOptions({
    queryKey: ["keys", slug],
    queryFn: ({ signal }) => request<{ keys: IngestKey[] }>(`${path(slug)}/keys`, { signal }),
  });
}

/** A key that may only send events of this source. The server shows it once. */
export function useMakeKey(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<{ key: string }>(`${path(slug)}/keys`, { method: "POST", json: {} }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys", slug] }),
  });
}

export function useEndKey(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<void>(`${path(slug)}/keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys", slug] }),
  });
}

function useResolving<T>(slug: string, resolve: (input: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: resolve,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["quarantine", slug] }),
        client.invalidateQueries({ queryKey: ["sources"] }),
      ]),
  });
}

export function useRetry(slug: string) {
  return useResolving(slug, ({ id, body }: { id: string; body?: unknown }) =>
    request(`${path(slug)}/quarantine/${id}/retry`, { method: "POST", json: body === undefined ? {} : { body } }),
  );
}

export function useDiscard(slug: string) {
  return useResolving(slug, ({ id }: { id: string }) =>
    request(`${path(slug)}/quarantine/${id}/discard`, { method: "POST", json: {} }),
  );
}

/** A slug as the server accepts it, proposed from a title. */
export function slugOf(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40);
}
