import { useState, type ReactNode } from "react";

interface Props<T> {
  items: T[];
  /** How many are shown before the reader asks for all. */
  first: number;
  noun: string;
  children: (shown: T[]) => ReactNode;
}

/** The first few of a longer list, and a button for the rest. */
export function More<T>({ items, first, noun, children }: Props<T>) {
  const [all, setAll] = useState(false);
  const longer = items.length > first + 1;
  return (
    <>
      {children(all || !longer ? items : items.slice(0, first))}
      {longer && (
        <button type="button" className="plain-button more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `All ${items.length} ${noun}`}
        </button>
      )}
    </>
  );
}
