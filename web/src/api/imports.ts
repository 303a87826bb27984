import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { request } from "./request.ts";

const AGAIN = 700; // ms, while the server works on it

export type ImportStatus = "proposed" | "dry_running" | "checked" | "running" | "done" | "failed" | "reverting" | "reverted";

export interface ImportColumn {
  name: string;
  samples: string[];
  /** Whether samples, or the values in a sentence, are shown only by how they are written. */
  masked: boolean;
  proposed: { field: string | null; confidence: number; reason: string };
}

export interface ImportMapping {
  stream: string;
  target: string;
  id: string[];
  party: { stream: string; column: string } | null;
  occurred_at: string | null;
  updated_at: string | null;
  currency: string | null;
  /** A field's id; null keeps the column under its own name; a special of use `column` leaves it out. */
  columns: Record<string, string | null>;
}

export interface ImportAccount {
  read: number;
  stored: number;
  unchanged: number;
  quarantined: number;
  reasons: { code: string; count: number; example: string; masked?: boolean }[];
}

export interface Import {
  id: string;
  filename: string;
  source: string;
  stream: string;
  status: ImportStatus;
  size_bytes: number;
  rows_total: number | null;
  rows_read: number;
  bytes_read: number;
  format: {
    type: "csv" | "jsonl" | "xlsx";
    encoding: string | null;
    delimiter: string | null;
    compressed?: string | boolean | null;
    sheet?: string | null;
  };
  /** What the reader should know about how the file is read. */
  notes: string[];
  columns: ImportColumn[];
  mapping: ImportMapping;
  account: ImportAccount | null;
  /** How far taking it back has come; `handed_over` are rows that a later import says as well. */
  revert: { of: number; done: number; handed_over: number } | null;
  revertible: boolean;
  error: string | null;
  created_at: string;
}

/** A row that was taken, with the records or interactions it became. */
export interface TakenRow {
  row: number;
  taken_back: boolean;
  became: { what: string; id: string | null; at: string | null; customer: { id: string; name: string } | null }[];
}

export interface ComparedField {
  field: string;
  label: string;
  said: string[];
  now: string | null;
  source_title: string | null;
  verdict: "same" | "different" | "missing";
}

export interface Comparison {
  rows: { row: number; there: boolean; customer: { id: string; name: string } | null; fields: ComparedField[] }[];
  totals: { field: string; label: string; same: number; different: number; missing: number }[];
}

/** A row that could not be taken. */
export interface ImportRow {
  row: number;
  column: string | null;
  code: string;
  detail: string;
  masked: boolean;
}

export interface ImportTarget {
  id: string;
  label: string;
  fields: { id: string; label: string; class: string }[];
}

/** Meanings beside the fields: completions of an id, and leaving a column out. */
export interface ImportSpecial {
  id: string;
  label: string;
  use: "id" | "column";
}

export interface ImportMeanings {
  targets: ImportTarget[];
  specials: ImportSpecial[];
}

export function isWorking(status: ImportStatus): boolean {
  return status === "dry_running" || status === "running" || status === "reverting";
}

export const importsQuery = queryOptions({
  queryKey: ["imports"],
  queryFn: ({ signal }) => request<{ imports: Import[] }>("/imports", { signal }),
});

export const targetsQuery = queryOptions({
  queryKey: ["import-fields"],
  queryFn: ({ signal }) => request<ImportMeanings>("/imports/fields", { signal }),
  staleTime: Infinity,
});

export function importQuery(id: string) {
  return queryOptions({
    queryKey: ["imports", id],
    queryFn: ({ signal }) => request<Import>(`/imports/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data && isWorking(state.data.status) ? AGAIN : false),
  });
}

/** The rows that were stored, or were known already. */
export function takenRowsQuery(id: string, outcome: "stored" | "unchanged") {
  return infiniteQueryOptions({
    queryKey: ["imports", id, "rows", outcome],
    queryFn: ({ signal, pageParam }) =>
      request<{ rows: TakenRow[]; next: number | null }>(`/imports/${encodeURIComponent(id)}/rows`, {
        query: { outcome, after: pageParam },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}

export function comparisonQuery(id: string, seed: number) {
  return queryOptions({
    queryKey: ["imports", id, "comparison", seed],
    queryFn: ({ signal }) =>
      request<Comparison>(`/imports/${encodeURIComponent(id)}/comparison`, { query: { seed: String(seed) }, signal }),
  });
}

/** Takes the whole import back. */
export function useRevert(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<Import>(`/imports/${encodeURIComponent(id)}/revert`, { method: "POST", json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ["imports"] }),
  });
}

/** The rows that could not be taken. */
export function quarantinedRowsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ["imports", id, "rows"],
    queryFn: ({ signal, pageParam }) =>
      request<{ rows: ImportRow[]; next: number | null }>(`/imports/${encodeURIComponent(id)}/rows`, {
        query: { outcome: "quarantined", after: pageParam },
        signal,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}

type Step = "dry-run" | "run";

/** Saves the mapping as shown, then takes the step, so that what runs is what is seen. */
export function useImportStep(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ step, mapping }: { step: Step; mapping: ImportMapping | null }) => {
      const own = `/imports/${encodeURIComponent(id)}`;
      if (mapping) await request(`${own}/mapping`, { method: "PUT", json: mapping });
      return request<Import>(`${own}/${step}`, { method: "POST", json: {} });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["imports"] }),
  });
}
