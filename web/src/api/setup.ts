import { queryOptions } from "@tanstack/react-query";

import { request } from "./request.ts";

/** Whether this installation still waits for its first administrator. */
export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => request<{ needed: boolean }>("/setup", { signal }),
  retry: false,
});
