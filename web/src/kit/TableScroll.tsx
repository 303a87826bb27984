import "../styles/table.css";

import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

interface Props {
  /** What the table holds, for those who hear it. */
  label: string;
  className?: string;
  children: ReactNode;
}

/** Holds a table that may be wider than its place, and shows on which side it goes on. */
export function TableScroll({ label, className = "", children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState("");
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setMore(sidesOf(element));
    const observer = new ResizeObserver(look);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    element.addEventListener("scroll", look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return (
    <div className={`table-place ${className}`}>
      <div ref={box} className="table-scroll" data-more={more || undefined} tabIndex={0} role="region" aria-label={label}>
        {children}
      </div>
      {more.includes("end") && (
        <p className="dim table-more" aria-hidden>
          More to the right →
        </p>
      )}
    </div>
  );
}

/** The sides on which something is out of sight; half a pixel is nothing. */
function sidesOf({ scrollLeft, scrollWidth, clientWidth }: HTMLElement): string {
  const hidden = scrollWidth - clientWidth;
  return [Math.abs(scrollLeft) > 1 ? "start" : "", hidden - Math.abs(scrollLeft) > 1 ? "end" : ""].filter(Boolean).join(" ");
}
