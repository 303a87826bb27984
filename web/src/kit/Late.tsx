import { useEffect, useState, type ReactNode } from "react";

const PATIENCE = 250; // ms; a quick answer must not flicker through a skeleton

/** Shows its children only when the wait is long enough to be noticed. */
export function Late({ children }: { children: ReactNode }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  return late ? children : null;
}

/** Grey lines of a fixed height, so that nothing moves when the answer comes. */
export function Skeleton({ height, lines = 1 }: { height: number; lines?: number }) {
  return (
    <div className="stack" aria-hidden>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="skeleton" style={{ height }} />
      ))}
    </div>
  );
}
