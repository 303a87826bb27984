import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Entry } from "../api/types.ts";
import { useCustomer } from "../customer/customer-context.ts";
import { headingText } from "../kit/words.ts";
import { EntryRow } from "./EntryRow.tsx";
import { withDays } from "./merge-head.ts";

const ROW = 34; // px, a closed row; open ones are measured
const BARS = 92; // px covered by the top bar and the compact header, where the day sticks
const AHEAD = 6; // rows before the end at which earlier entries are fetched

interface Props {
  entries: Entry[];
  arrived: ReadonlySet<string>;
  onEnd: () => Promise<void>;
}

/** Only the rows in sight exist; the heading of the day at the top sticks. */
export function EntryList({ entries, arrived, onEnd }: Props) {
  const { opened, open } = useCustomer();
  const items = useMemo(() => withDays(entries), [entries]);
  const days = useMemo(() => items.flatMap((item, index) => (item.kind === "day" ? [index] : [])), [items]);
  const list = useRef<HTMLDivElement>(null);
  const margin = useTopOf(list, items.length);
  const stuck = useRef(0);
  const top = useRef<((below: number) => number | undefined) | null>(null);

  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => ROW,
    overscan: 10,
    scrollMargin: margin,
    getItemKey: (index) => items[index]?.key ?? index,
    rangeExtractor: (range) => {
      const first = top.current?.(BARS) ?? range.startIndex;
      stuck.current = days.findLast((day) => day <= first) ?? 0;
      return [...new Set([stuck.current, ...defaultRangeExtractor(range)])].sort((a, b) => a - b);
    },
  });
  top.current = (below) => virtual.getVirtualItemForOffset((virtual.scrollOffset ?? 0) + below)?.index;
  const rows = virtual.getVirtualItems();
  useNearEnd(rows.at(-1)?.index ?? 0, items.length, onEnd);
  useShowOpened(opened, items, (index) => virtual.scrollToIndex(index, { align: "center" }));

  if (items.length === 0) return null;
  return (
    <div ref={list} role="list" aria-label="Timeline" className="entries" style={{ height: virtual.getTotalSize() }}>
      {rows.map((row) => {
        const item = items[row.index];
        if (!item) return null;
        const sticky = item.kind === "day" && row.index === stuck.current;
        return (
          <div
            key={row.key}
            ref={virtual.measureElement}
            data-index={row.index}
            role="listitem"
            className={sticky ? "entry-place entry-stuck" : "entry-place"}
            style={sticky ? undefined : { transform: `translateY(${row.start - margin}px)` }}
          >
            {item.kind === "day" ? (
              <h3 className="day">{item.at === null ? "Time not stated" : headingText(item.at)}</h3>
            ) : (
              <EntryRow
                entry={item.entry}
                isNew={arrived.has(item.entry.id)}
                open={opened === item.entry.id}
                onToggle={() => open(opened === item.entry.id ? null : item.entry.id)}
              />
            )}
          </div>
        );
      })}
    </div>
  );
}

/** Where the list begins in the document; asked again when something above it may have changed height. */
function useTopOf(list: React.RefObject<HTMLDivElement | null>, dependsOn: number): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      if (list.current) setTop(Math.round(list.current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [list, dependsOn]);
  return top;
}

function useNearEnd(last: number, count: number, onEnd: () => Promise<void>): void {
  const near = count > 0 && last >= count - AHEAD && window.scrollY > 0;
  useEffect(() => {
    if (near) void onEnd();
    // asked once per arrival at the end, and again when the list has grown
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [near, count]);
}

/** An alert may open an entry that is out of sight. */
function useShowOpened(opened: string | null, items: ReturnType<typeof withDays>, show: (index: number) => void): void {
  useEffect(() => {
    const index = items.findIndex((item) => item.kind === "entry" && item.key === opened);
    if (index < 0) return;
    if (!document.querySelector(`[data-entry="${CSS.escape(opened ?? "")}"]`)) show(index);
    // only when another entry is opened, not when the list changes under it
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [opened]);
}
