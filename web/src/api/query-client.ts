import { QueryCache, QueryClient } from "@tanstack/react-query";

import { Problem } from "./problem.ts";

const RETRIES = 2;

/** Retries only what a retry can help: a refusal stays a refusal. */
function worthRetrying(failures: number, error: Error): boolean {
  const refused = error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
  return !refused && failures < RETRIES;
}

/** A session that ended is noticed by whatever asks next; the frame then shows the sign-in. */
function noticeSignOut(error: Error): void {
  if (error instanceof Problem && error.status === 401) void queryClient.invalidateQueries({ queryKey: ["session"] });
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignOut }),
  defaultOptions: {
    queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true, refetchOnReconnect: true, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});
