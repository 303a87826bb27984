import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { request } from "../api/request.ts";
import type { Value } from "../api/types.ts";

export interface Evidence {
  field: string;
  label: string;
  left: string | null;
  right: string | null;
  level: string;
  bits: number;
}

/** What speaks for one customer and what against, and what it comes to. */
export interface Weighed {
  bits: number;
  household_bits: number | null;
  words: string;
  evidence: Evidence[];
}

export interface Join extends Weighed {
  left: string[];
  right: string[];
}

export interface SourceRecord {
  record: string;
  source: string;
  source_title: string;
  stream: string;
  external_id: string;
  kind: string;
  first_seen: string | null;
  last_seen: string | null;
  entries: number;
  since: string | null;
  why: string;
  values: Value[];
}

export interface Judgement {
  id: string;
  verdict: string;
  by: string;
  at: string;
  reason: string | null;
  active: boolean;
}

export interface Identity {
  customer: string;
  confidence: number;
  word: string;
  records: SourceRecord[];
  joins: Join[];
  weakest: number | null;
  what_if: { field: string; label?: string; value: string; splits_into: number }[];
  judgements: Judgement[];
  changes: { id: string; at: string; what: string; because: string }[];
}

const path = (id: string) => `/customers/${encodeURIComponent(id)}`;

export function identityQuery(id: string) {
  return queryOptions({
    queryKey: ["customer", id, "identity"],
    queryFn: ({ signal }) => request<Identity>(`${path(id)}/identity`, { signal }),
  });
}

/** After a judgement nothing of the customer on the screen is sure any more, so all of it is asked for again. */
export function useJudging<T, A = unknown>(judge: (input: T) => Promise<A>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: judge,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["customer"] }),
        client.invalidateQueries({ queryKey: ["search"] }),
        client.invalidateQueries({ queryKey: ["doubts"] }),
      ]),
  });
}

export function useSplit(id: string) {
  return useJudging((input: { records: string[]; reason: string }) =>
    request(`${path(id)}/split`, { method: "POST", json: input }),
  );
}

export function useMerge(id: string) {
  return useJudging((input: { with: string; reason: string }) =>
    request(`${path(id)}/merge`, { method: "POST", json: input }),
  );
}

export function useUndo() {
  return useJudging((input: { id: string; reason: string }) =>
    request(`/judgements/${encodeURIComponent(input.id)}`, { method: "DELETE", query: { reason: input.reason } }),
  );
}
