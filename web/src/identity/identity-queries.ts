import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { request } from "../api/request.ts";
import type { Value } from "../api/types.ts";

export interface Evidence {
  field: string;
  label: string;
  left: string | null;
  right: string | null;
  level: string;
  /** How the two agree, in words. */
  said: string;
  bits: number;
  /** How many of the bits are there for a rare value (below 0: a common one); null where the value is not shown. */
  rarity_bits: number | null;
  /** Of how many people one bears the value. */
  one_in: number | null;
}

/** What speaks for one customer and what against, and what it comes to. Null bits: they can never be one. */
export interface Weighed {
  bits: number | null;
  prior: number;
  household_bits: number | null;
  /** What fields that are not shown come to; null when all are shown. */
  hidden_bits: number | null;
  words: string;
  evidence: Evidence[];
}

export interface Join extends Weighed {
  left: string[];
  right: string[];
  judged: boolean;
  equal: boolean;
  follows: boolean;
}

export interface ComparedSide {
  record: string;
  source_title: string;
  external_id: string;
  customer: string;
  records: number;
}

/** Two records and, when they are of two customers, these as wholes. */
export interface Comparison {
  left: ComparedSide;
  right: ComparedSide;
  together: boolean;
  why: string;
  crowded: string[];
  pair: Weighed;
  whole: Weighed | null;
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

/** Why two records, or two customers, are one or are not. */
export function comparisonQuery(left: string, right: string) {
  return queryOptions({
    queryKey: ["customer", left, "compare", right],
    queryFn: ({ signal }) => request<Comparison>("/identity/compare", { signal, query: { left, right } }),
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
