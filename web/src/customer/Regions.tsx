import { type ReactNode, useLayoutEffect, useRef } from "react";

import type { CustomerView, Region } from "../api/types.ts";
import { CardFrame } from "./cards/CardFrame.tsx";

const REGIONS: { region: Region; label: string }[] = [
  { region: "left", label: "About the customer" },
  { region: "right", label: "Related" },
  { region: "centre", label: "What happened" },
];

/** Cards stacked in three regions; side by side when there is room, one under the other when not. */
export function Regions({ view }: { view: CustomerView }) {
  const used = REGIONS.filter(({ region }) => view.cards.some((card) => card.region === region));
  return (
    <div className="regions" data-used={used.map(({ region }) => region).join(" ")}>
      {used.map(({ region, label }) => (
        <Column key={region} region={region} label={label}>
          {view.cards
            .filter((card) => card.region === region)
            .map((card) => (
              <CardFrame key={card.id} card={card} />
            ))}
        </Column>
      ))}
    </div>
  );
}

const CLEAR = 104; // px from the top of the window that the bars cover
const GAP = 12;

/** A column shorter than the timeline scrolls to its own end and then stays in sight. */
function Column({ region, label, children }: { region: Region; label: string; children: ReactNode }) {
  const column = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const element = column.current;
    if (!element) return;
    const place = () => {
      const end = window.innerHeight - element.offsetHeight - GAP;
      element.style.setProperty("--stick", `${Math.min(CLEAR, end)}px`);
    };
    const observer = new ResizeObserver(place);
    observer.observe(element);
    window.addEventListener("resize", place);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", place);
    };
  }, []);
  return (
    <section ref={column} className={`region region-${region}`} aria-label={label}>
      {children}
    </section>
  );
}
