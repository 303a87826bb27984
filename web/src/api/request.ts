import { Problem, problemOf, unreachable } from "./problem.ts";

const BASE = "/api/v1";

type Query = Record<string, string | number | null | undefined>;

interface Options {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Query;
  /** A JSON body. */
  json?: unknown;
  /** A raw body, e.g. a dropped file. */
  raw?: Blob;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** Sends one request to the public API and gives the parsed answer; anything but success is a `Problem`. */
export async function request<T>(path: string, options: Options = {}): Promise<T> {
  const response = await send(path, options);
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

const known = new Map<string, { etag: string; body: unknown }>();

/** As `request`, but asks only for what changed: an unchanged answer gives the very same object again. */
export async function requestIfChanged<T>(path: string, options: Options = {}): Promise<T> {
  const address = path + queryText(options.query);
  const before = known.get(address);
  const headers = before ? { "If-None-Match": before.etag } : {};
  const response = await send(path, { ...options, headers });
  if (response.status === 304 && before) return before.body as T;
  if (!response.ok) throw await problemOf(response);
  const body = (await response.json()) as T;
  const etag = response.headers.get("etag");
  if (etag) known.set(address, { etag, body });
  return body;
}

/** Forgets every kept answer; needed when the role changes or the user leaves. */
export function forgetKept(): void {
  known.clear();
}

async function send(path: string, { method = "GET", query, json, raw, signal, headers = {} }: Options): Promise<Response> {
  const init: RequestInit = {
    method,
    cache: "no-store",
    credentials: "same-origin",
    headers: {
      Accept: "application/json",
      ...(method === "GET" ? {} : { "X-Regard-Request": "1" }),
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...(raw ? { "Content-Type": "application/octet-stream" } : {}),
      ...headers,
    },
  };
  if (signal) init.signal = signal;
  if (json !== undefined) init.body = JSON.stringify(json);
  if (raw) init.body = raw;
  try {
    return await fetch(BASE + path + queryText(query), init);
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw failure instanceof Problem ? failure : unreachable();
  }
}

export function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const made = params.toString();
  return made ? `?${made}` : "";
}
