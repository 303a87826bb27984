import { queryOptions, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { request, requestIfChanged } from "../api/request.ts";
import type { Entry, TimelinePage } from "../api/types.ts";
import { useCustomer } from "../customer/customer-context.ts";
import { mergeHead, unseen } from "./merge-head.ts";

const PAGE = 30;

function headQuery(id: string, filter: string) {
  return queryOptions({
    queryKey: ["customer", id, "timeline", filter],
    queryFn: ({ signal }) =>
      requestIfChanged<TimelinePage>(`/customers/${encodeURIComponent(id)}/timeline`, { query: { filter, limit: PAGE }, signal }),
  });
}

/**
 * The timeline as the reader sees it. `held` is asked on every news: while it says true the list stays as it is
 * and the news wait behind a pill.
 */
export function useTimeline(filter: string | undefined, held: () => boolean) {
  const { id, view } = useCustomer();
  const own = !filter || filter === view.timeline.filter;
  const asked = useQuery({ ...headQuery(id, filter ?? ""), enabled: !own });
  const head = own ? view.timeline : asked.data;

  const [shown, setShown] = useState<Entry[]>(() => head?.entries ?? []);
  const [waiting, setWaiting] = useState<Entry[]>([]);
  const [next, setNext] = useState<string | null>(() => head?.next ?? null);
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  const now = useRef({ shown, head });
  now.current = { shown, head };

  const apply = useCallback((entries: Entry[]) => {
    const before = now.current.shown;
    setArrived(new Set(before.length ? unseen(before, entries).map((entry) => entry.id) : []));
    setShown(mergeHead(before, entries));
    setWaiting([]);
  }, []);

  const empty = shown.length === 0;
  useEffect(() => {
    if (!head) return;
    if (now.current.shown.length === 0) setNext(head.next);
    const news = unseen(now.current.shown, head.entries);
    if (news.length > 0 && !empty && held()) setWaiting(news);
    else apply(head.entries);
    // `held` is asked, not watched: a moving mouse must not move the list
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [head, apply]);

  const older = useOlder(id, filter ?? "", next, (page) => {
    setShown((before) => {
      const have = new Set(before.map((entry) => entry.id));
      return [...before, ...page.entries.filter((entry) => !have.has(entry.id))];
    });
    setNext(page.next);
  });

  return {
    shown,
    arrived,
    waiting: waiting.length,
    release: () => now.current.head && apply(now.current.head.entries),
    filters: (head ?? view.timeline).filters,
    filter: filter ?? view.timeline.filter,
    loading: !head,
    error: own ? null : asked.error,
    retry: () => void asked.refetch(),
    hasOlder: next !== null,
    older,
  };
}

function useOlder(id: string, filter: string, next: string | null, add: (page: TimelinePage) => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const load = async () => {
    if (busy || next === null) return;
    setBusy(true);
    setError(null);
    try {
      const query = { before: next, filter, limit: PAGE };
      add(await request<TimelinePage>(`/customers/${encodeURIComponent(id)}/timeline`, { query }));
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, load };
}
