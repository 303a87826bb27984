import "../styles/timeline.css";

import { getRouteApi } from "@tanstack/react-router";
import { ArrowUp } from "lucide-react";
import { useRef } from "react";

import { useCustomer } from "../customer/customer-context.ts";
import { Skeleton } from "../kit/Late.tsx";
import { moveFocus } from "../kit/move-focus.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { EntryList } from "./EntryList.tsx";
import { useTimeline } from "./use-timeline.ts";

const route = getRouteApi("/shell/customers/$id");

/** The filter is in the address, so each filter is a list of its own. */
export function TimelineCard() {
  const { filter } = route.useSearch();
  return <Timeline key={filter ?? ""} filter={filter} />;
}

function Timeline({ filter }: { filter: string | undefined }) {
  const { opened } = useCustomer();
  const box = useRef<HTMLDivElement>(null);
  const hovered = useRef(false);
  const read = () => {
    const top = box.current?.getBoundingClientRect().top ?? 0;
    return top < 0 || hovered.current || opened !== null || (box.current?.contains(document.activeElement) ?? false);
  };
  const timeline = useTimeline(filter, read);
  const label = timeline.filters.find(({ id }) => id === timeline.filter)?.label ?? "";
  useShortcuts({
    j: () => moveFocus(box.current, ".entry-button", 1),
    k: () => moveFocus(box.current, ".entry-button", -1),
    t: () => document.querySelector<HTMLElement>(".chips [aria-pressed='true']")?.focus(),
  });
  const release = () => {
    timeline.release();
    box.current?.scrollIntoView({ block: "nearest" });
  };

  return (
    <>
      <Chips filters={timeline.filters} current={timeline.filter} />
      {timeline.waiting > 0 && (
        <div className="pill-place">
          <button type="button" className="pill" onClick={release}>
            <ArrowUp size={13} aria-hidden /> {timeline.waiting} new
          </button>
        </div>
      )}
      <div ref={box} onMouseEnter={() => (hovered.current = true)} onMouseLeave={() => (hovered.current = false)}>
        {timeline.error && <Trouble error={timeline.error} what="The timeline could not be loaded" onRetry={timeline.retry} />}
        {timeline.loading && !timeline.error && <Skeleton height={32} lines={8} />}
        {!timeline.loading && timeline.shown.length === 0 && (
          <p className="dim timeline-none">Nothing in “{label}” for this customer.</p>
        )}
        <EntryList entries={timeline.shown} arrived={timeline.arrived} onEnd={timeline.older.load} />
        {timeline.older.error && (
          <Trouble error={timeline.older.error} what="Earlier entries could not be loaded" onRetry={() => void timeline.older.load()} />
        )}
        {timeline.hasOlder && !timeline.older.error && (
          <button type="button" className="plain-button more" disabled={timeline.older.busy} onClick={() => void timeline.older.load()}>
            {timeline.older.busy ? "Loading earlier entries" : "Earlier"}
          </button>
        )}
        {!timeline.hasOlder && timeline.shown.length > 0 && (
          <p className="dim timeline-end">{plural(timeline.shown.length, "entry", "entries")}, nothing earlier</p>
        )}
      </div>
    </>
  );
}

function Chips({ filters, current }: { filters: { id: string; label: string }[]; current: string }) {
  const navigate = route.useNavigate();
  return (
    <div className="chips" role="group" aria-label="Timeline filter">
      {filters.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          className="chip"
          aria-pressed={id === current}
          onClick={() => void navigate({ search: (kept) => ({ ...kept, filter: id }), replace: true, resetScroll: false })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
