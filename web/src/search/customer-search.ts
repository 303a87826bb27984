import { useDebouncedValue } from "@mantine/hooks";
import { infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { request } from "../api/request.ts";
import type { SearchPage } from "../api/types.ts";

const PAUSE = 70; // ms between the last key and the question
const SHORT_LIST = 8;
const PAGE = 50;

export function shortSearch(q: string) {
  return queryOptions({
    queryKey: ["search", "short", q],
    queryFn: ({ signal }) => request<SearchPage>("/customers", { query: { q, limit: SHORT_LIST }, signal }),
    enabled: q !== "",
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

export function listSearch(q: string) {
  return infiniteQueryOptions({
    queryKey: ["search", "list", q],
    queryFn: ({ signal, pageParam }) =>
      request<SearchPage>("/customers", { query: { q, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** Answers while typing; the earlier answer stays until the new one is there. */
export function useShortSearch(text: string) {
  const wanted = text.trim();
  const [q] = useDebouncedValue(wanted, PAUSE);
  const answer = useQuery(shortSearch(q));
  return {
    page: wanted === "" ? undefined : answer.data,
    error: answer.error,
    retry: () => void answer.refetch(),
    /** True while what is shown answers an earlier text. */
    behind: wanted !== q || answer.isPlaceholderData || (q !== "" && answer.isPending),
  };
}
