import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { request } from "../api/request.ts";
import type { Value } from "../api/types.ts";

export interface Model {
  version: string;
  how: "shipped" | "learnt" | "imported";
  made_at: string;
  made_by: string;
  records: number | null;
  notes: string;
}

export interface Choice {
  version: string;
  used_at: string;
  used_by: string;
  reason: string;
}

export interface Counts {
  records: number;
  customers_now: number;
  customers_then: number;
  records_moved: number;
  merged: number;
  split: number;
  moved: number;
  listed: number;
}

export interface Job {
  job: string;
  kind: "train" | "compare";
  status: "waiting" | "running" | "done" | "failed";
  version: string | null;
  against: string | null;
  asked_at: string;
  asked_by: string;
  stage: string;
  done: number;
  of_all: number;
  result: Partial<Counts> | null;
  error: string | null;
  finished_at: string | null;
}

export interface Models {
  /** The one the customers stand by, and the one that was chosen: they differ while all is decided anew. */
  deciding: string;
  chosen: string;
  state: { stage: "reading" | "deciding" | "done"; records: number; of_records: number; customers: number; at: string } | null;
  models: Model[];
  choices: Choice[];
  jobs: Job[];
}

export type Kind = "merged" | "split" | "moved";

export interface DifferentRecord {
  record: string;
  source_title: string;
  external_id: string;
  now: string;
  then: string;
  values: Value[];
}

export interface DifferentCustomer {
  customer: string;
  name: string;
  exists: boolean;
  records: number;
}

export interface Difference {
  number: number;
  kind: string;
  words: string;
  before: DifferentCustomer[];
  after: (DifferentCustomer & { shown: DifferentRecord[] })[];
}

export interface Differences {
  compared_at: string | null;
  against: string;
  counts: Partial<Counts>;
  differences: Difference[];
  next: number | null;
}

const AGAIN = 1_000; // ms; how far long work is, is asked for this often

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => request<Models>("/identity/models", { signal }),
  refetchInterval: ({ state }) => (state.data && isWorking(state.data) ? AGAIN : false),
});

export function isWorking(found: Models): boolean {
  return found.jobs.some(isOpen) || found.chosen !== found.deciding;
}

export function isOpen(job: Job): boolean {
  return job.status === "waiting" || job.status === "running";
}

export function differencesQuery(version: string, kind: Kind | null) {
  return infiniteQueryOptions({
    queryKey: ["models", version, "differences", kind],
    queryFn: ({ signal, pageParam }) =>
      request<Differences>(`${pathOf(version)}/differences`, { query: { kind, after: pageParam }, signal }),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
  });
}

/** Learning, comparing, choosing, bringing: whatever was asked, the list is asked for anew. */
export function useAsking<T, R>(ask: (input: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: ask, onSettled: () => client.invalidateQueries({ queryKey: ["models"] }) });
}

export function train() {
  return request("/identity/models/train", { method: "POST" });
}

export function compare(version: string) {
  return request(`${pathOf(version)}/compare`, { method: "POST" });
}

export function choose({ version, reason }: { version: string; reason: string }) {
  return request<{ taken_up: boolean }>(`${pathOf(version)}/use`, { method: "POST", json: { reason } });
}

export function bring(file: Blob) {
  return request<{ version: string }>("/identity/models", { method: "POST", raw: file });
}

function pathOf(version: string): string {
  return `/identity/models/${encodeURIComponent(version)}`;
}
