import { queryOptions } from "@tanstack/react-query";

import { request } from "../api/request.ts";
import type { Value } from "../api/types.ts";
import { useJudging, type Weighed } from "../identity/identity-queries.ts";

export interface Side {
  record: string;
  source: string;
  source_title: string;
  stream: string;
  external_id: string;
  customer: string;
  name: string;
  records: number;
  entries: number;
  values: Value[];
}

export interface Doubt extends Weighed {
  left: Side;
  right: Side;
  together: boolean;
  why: string;
  probability: number;
}

export interface Queue {
  doubts: Doubt[];
  waiting: number;
}

export type Answer = "same" | "different" | "later";

export const doubtsQuery = queryOptions({
  queryKey: ["doubts"],
  queryFn: ({ signal }) => request<Queue>("/identity/queue", { signal }),
});

export function useAnswer() {
  return useJudging((input: { left: string; right: string; answer: Answer }) =>
    request<{ judgement?: string }>("/identity/queue/answers", { method: "POST", json: input }),
  );
}

export function keyOf(doubt: Doubt): string {
  return `${doubt.left.record} ${doubt.right.record}`;
}
