import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { pathOf } from "./connections.ts";
import { request } from "./request.ts";

/** A longer way to say where a value is. */
export interface LongPlace {
  path?: string | string[];
  const?: string;
  template?: string;
  [more: string]: unknown;
}

/** A path, several ways of which the first filled one counts, or a longer way. */
export type Place = string | (string | LongPlace)[] | LongPlace;

export interface PartyPlace {
  stream: string;
  id: Place;
}

export interface MappedItem {
  target: string;
  id: Place;
  stream?: string;
  each?: string;
  when?: unknown[];
  party?: PartyPlace | PartyPlace[];
  occurred_at?: Place;
  updated_at?: Place;
  currency?: Place;
  fields?: Record<string, Place>;
  [more: string]: unknown;
}

export interface StreamMapping {
  stream: string;
  items: MappedItem[];
  /** Places that are left out: they stay in the raw record alone. */
  skip?: string[];
  [more: string]: unknown;
}

export interface MappingState {
  number: number;
  mapping: StreamMapping | null;
  shipped: boolean;
  behind: number;
  versions: { number: number; shipped: boolean; saved_at: string; saved_by: string; mapping: StreamMapping }[];
}

export interface ShownItem {
  target: string;
  stream: string;
  id: string;
  party: string | null;
  at: string | null;
  fields: Record<string, unknown>;
  /** The fields that are shown only by how they are written. */
  masked: string[];
}

export interface Preview {
  proposed: boolean;
  notes: string[];
  mapping: StreamMapping;
  surveyed: number;
  places: { path: string; filled: number; used_as: string[]; samples: string[]; masked: boolean }[];
  unmapped: string[];
  refused: { code: string; detail: string; records: number }[];
  stated: Record<string, number>;
  records: { id: string; refused: { code: string; detail: string } | null; items: ShownItem[] }[];
}

/** Why a place of a stream is proposed as it is. */
export interface ProposedPlace {
  path: string;
  target: string;
  field: string | null;
  confidence: number;
  reason: string;
}

export interface MappingTarget {
  id: string;
  label: string;
  party: boolean;
  fields: { id: string; label: string; kind: string; multiple: boolean }[];
}

const mappingPath = (slug: string, stream: string) => `${pathOf(slug)}/streams/${encodeURIComponent(stream)}/mapping`;

export const targetsQuery = queryOptions({
  queryKey: ["mapping-targets"],
  queryFn: ({ signal }) => request<{ targets: MappingTarget[] }>("/mapping-targets", { signal }),
  staleTime: Infinity,
});

export function mappingQuery(slug: string, stream: string) {
  return queryOptions({
    queryKey: ["mapping", slug, stream],
    queryFn: ({ signal }) => request<MappingState>(mappingPath(slug, stream), { signal }),
  });
}

/** The reasons behind a proposed mapping, place by place. */
export function reasonsQuery(slug: string, stream: string) {
  return queryOptions({
    queryKey: ["mapping", slug, stream, "reasons"],
    queryFn: ({ signal }) => request<{ places: ProposedPlace[] }>(`${mappingPath(slug, stream)}/propose`, { method: "POST", signal }),
    staleTime: Infinity,
  });
}

/** What a mapping makes of live samples; without one, the present or a proposed one. */
export function previewMapping(slug: string, stream: string, mapping: StreamMapping | null): Promise<Preview> {
  return request(`${mappingPath(slug, stream)}/preview`, { method: "POST", json: mapping ? { mapping } : {} });
}

export function useSaveMapping(slug: string, stream: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (mapping: StreamMapping) =>
      request<{ number: number; behind: number }>(mappingPath(slug, stream), { method: "PUT", json: { mapping } }),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["mapping", slug, stream] }),
        client.invalidateQueries({ queryKey: ["streams", slug] }),
        client.invalidateQueries({ queryKey: ["scorecard", slug] }),
        client.invalidateQueries({ queryKey: ["source-health"] }),
      ]),
  });
}
