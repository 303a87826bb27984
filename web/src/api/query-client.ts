import { QueryClient } from "@tanstack/react-query";

import { Problem } from "./problem.ts";

const RETRIES = 2;

/** Retries only what a retry can help: a refusal stays a refusal. */
function worthRetrying(failures: number, error: Error): boolean {
  const refused = error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429;
  return !refused && failures < RETRIES;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});
