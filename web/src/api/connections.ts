import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { request } from "./request.ts";

const AGAIN = 3_000; // ms; the page of a source is a gauge
const SELDOM = 6_000; // ms; figures that follow records which are read again in the background

/** One property of a connector's settings, as JSON schema says it. */
export interface SettingSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: (string | number)[];
  default?: unknown;
  writeOnly?: boolean;
  format?: string;
  /** Long text in a language, such as a manifest. */
  contentMediaType?: string;
  minimum?: number;
  maximum?: number;
  items?: SettingSchema;
  examples?: unknown[];
  properties?: Record<string, SettingSchema>;
  oneOf?: SettingSchema[];
}

export interface ConnectorKind {
  name: string;
  title: string;
  category: string;
  freshness: "pushed" | "seconds" | "minutes";
  settings_schema: { properties?: Record<string, SettingSchema>; required?: string[]; anyOf?: { required?: string[] }[] };
  reads: boolean;
  webhook: string | null;
  mapped: boolean;
  /** The list among the settings whose entries the source can be asked for, and what people call them. */
  finds?: { setting: string; noun: string } | null;
}

/** Something that a source has, and the entry that has it read. */
export interface FoundEntry {
  title: string;
  detail: string;
  entry: Record<string, unknown>;
}

export interface ConnectionState {
  source: string;
  connector: string;
  settings: Record<string, unknown>;
  /** Names of the secrets that are kept. */
  secrets: string[];
  enabled: boolean;
  shown: boolean;
  time_zone: string;
  freshness_seconds: number | null;
  changed_at: string | null;
  changed_by: string | null;
  checked_at: string | null;
  error: { code: string; detail: string; at: string } | null;
}

export interface ConnectionBody {
  settings: Record<string, unknown>;
  secrets: Record<string, unknown>;
  enabled: boolean;
  shown: boolean;
  time_zone: string;
  freshness_seconds: number | null;
}

export interface CheckResult {
  works: boolean;
  code: string | null;
  detail: string | null;
  streams: { name: string; title: string; poll_seconds: number }[];
}

export interface StreamState {
  stream: string;
  title: string;
  poll_seconds: number | null;
  read_at: string | null;
  new_at: string | null;
  accepted: number;
  records: number;
  quarantined: number;
  reading_everything_since: string | null;
  mapping: { number: number; shipped: boolean; saved_at: string } | null;
  waiting_for_mapping: number;
  error: { code: string; detail: string; at: string; retry_at: string | null; failures: number } | null;
  /** Records that wait because fields vanished which all records had. */
  held?: { places: string[]; since: string; records: number; detail: string } | null;
}

export interface Health {
  source: string;
  title: string;
  state: "well" | "late" | "failing" | "off" | "waiting";
  sentence: string;
  since: string | null;
  budget_seconds: number | null;
  retry_at: string | null;
  shown: boolean;
  /** What a person should look at although it is read. */
  warnings: string[];
}

export interface Drift {
  source: string;
  stream: string;
  place: string;
  change: "new" | "vanished";
  at: string;
  sentence: string;
}

export interface FieldScore {
  field: string;
  filled: number;
  filled_share: number;
  judged: boolean;
  ok: number;
  fixed: number;
  suspect: number;
  invalid: number;
  valid_share: number | null;
  reasons: { verdict: string; reason: string; detail: string | null; records: number; flag: string }[];
}

export interface Scorecard {
  source: string;
  kinds: { kind: "person" | "organisation"; records: number; fields: FieldScore[] }[];
}

export interface Profile {
  records: number;
  customers: number;
  duplicates: number;
  known_already: number;
  kinds: {
    kind: string;
    records: number;
    fields: {
      field: string;
      filled_share: number;
      valid_share: number | null;
      distinct_share: number | null;
      most_shared_by: number;
      worst: { value: unknown; verdict: string; detail: string | null; masked: boolean }[];
    }[];
  }[];
}

export interface Pushes {
  /** Where the sender pushes to; null for kinds that do not push. */
  address: string | null;
  scheme: string | null;
  secret_in_address: boolean;
  without_effect: { code: string; requests: number; first_at: string; last_at: string; detail: string }[];
  waiting: number;
  failing: number;
  failing_detail: string | null;
}

export const pathOf = (slug: string) => `/sources/${encodeURIComponent(slug)}`;

export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: ({ signal }) => request<{ connectors: ConnectorKind[] }>("/connectors", { signal }),
  staleTime: Infinity,
});

export const healthQuery = queryOptions({
  queryKey: ["source-health"],
  queryFn: ({ signal }) => request<{ sources: Health[]; drift: Drift[] }>("/source-health", { signal }),
  refetchInterval: AGAIN,
});

export function connectionQuery(slug: string) {
  return queryOptions({
    queryKey: ["connection", slug],
    queryFn: ({ signal }) => request<ConnectionState>(`${pathOf(slug)}/connection`, { signal }),
  });
}

export function pushesQuery(slug: string) {
  return queryOptions({
    queryKey: ["pushes", slug],
    queryFn: ({ signal }) => request<Pushes>(`${pathOf(slug)}/pushes`, { signal }),
    refetchInterval: AGAIN,
  });
}

export function streamsQuery(slug: string) {
  return queryOptions({
    queryKey: ["streams", slug],
    queryFn: ({ signal }) => request<{ streams: StreamState[] }>(`${pathOf(slug)}/streams`, { signal }),
    refetchInterval: AGAIN,
  });
}

export function scorecardQuery(slug: string) {
  return queryOptions({
    queryKey: ["scorecard", slug],
    queryFn: ({ signal }) => request<Scorecard>(`${pathOf(slug)}/quality`, { signal }),
    refetchInterval: SELDOM,
  });
}

export function useSaveConnection(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (json: ConnectionBody) => request<ConnectionState>(`${pathOf(slug)}/connection`, { method: "PUT", json }),
    onSuccess: (saved) => {
      client.setQueryData(["connection", slug], saved);
      return client.invalidateQueries({ queryKey: ["source-health"] });
    },
  });
}

export function useCheckConnection(slug: string) {
  return useMutation({
    mutationFn: (json: ConnectionBody) => request<CheckResult>(`${pathOf(slug)}/connection/check`, { method: "POST", json }),
  });
}

export function useFindInSource(slug: string) {
  return useMutation({
    mutationFn: (json: ConnectionBody) =>
      request<{ works: boolean; detail: string | null; found: FoundEntry[] }>(`${pathOf(slug)}/connection/find`, { method: "POST", json }),
  });
}

export function useProfile(slug: string) {
  return useMutation({ mutationFn: () => request<Profile>(`${pathOf(slug)}/profile`, { method: "POST" }) });
}

export function useReread(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (stream: string) => request(`${pathOf(slug)}/streams/${encodeURIComponent(stream)}/reread`, { method: "POST" }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["streams", slug] }),
  });
}

/** Takes the records that wait as they are: the values of the fields that vanished go with them. */
export function useGoOn(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (stream: string) => request(`${pathOf(slug)}/streams/${encodeURIComponent(stream)}/go-on`, { method: "POST" }),
    onSettled: () =>
      Promise.all([client.invalidateQueries({ queryKey: ["streams", slug] }), client.invalidateQueries({ queryKey: ["source-health"] })]),
  });
}

export interface FlaggedRecord {
  stream: string;
  id: string | null;
  customer: { id: string; name: string } | null;
  values: { value: string | null; suggestion: string | null }[];
}

/** The records behind a figure of the scorecard. */
export function flaggedQuery(slug: string, flag: string) {
  return infiniteQueryOptions({
    queryKey: ["scorecard", slug, flag],
    queryFn: ({ signal, pageParam }) =>
      request<{ label: string; detail: string | null; records: FlaggedRecord[]; next: string | null }>(`${pathOf(slug)}/quality/records`, {
        query: { flag, after: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export interface CleansingPart {
  flag: string;
  field: string;
  label: string;
  verdict: string;
  detail: string | null;
  values: number;
  examples: { before: string | null; after: string | null }[];
}

export interface CleansingPreview {
  records: number;
  complete: boolean;
  parts: CleansingPart[];
}

export interface CleansingRun {
  id: string;
  status: "running" | "done" | "undoing" | "undone" | "failed";
  asked_at: string;
  asked_by: string;
  records: number;
  values: number;
  error: string | null;
}

const CLEANSING = { running: true, undoing: true, done: false, undone: false, failed: false };

export function cleansingsQuery(slug: string) {
  return queryOptions({
    queryKey: ["cleansings", slug],
    queryFn: ({ signal }) => request<{ cleansings: CleansingRun[] }>(`${pathOf(slug)}/cleansings`, { signal }),
    refetchInterval: ({ state }) => (state.data?.cleansings.some(({ status }) => CLEANSING[status]) ? 700 : false),
  });
}

export function usePreviewCleansing(slug: string) {
  return useMutation({ mutationFn: () => request<CleansingPreview>(`${pathOf(slug)}/cleansings/preview`, { method: "POST" }) });
}

export function useStartCleansing(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (flags: string[]) => request<{ id: string }>(`${pathOf(slug)}/cleansings`, { method: "POST", json: { flags } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["cleansings", slug] }),
  });
}

export function useUndoCleansing(slug: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => request<{ id: string }>(`${pathOf(slug)}/cleansings/${id}/undo`, { method: "POST", json: {} }),
    onSettled: () => client.invalidateQueries({ queryKey: ["cleansings", slug] }),
  });
}
