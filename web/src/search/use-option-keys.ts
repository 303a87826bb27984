import { useEffect, useId, useState, type KeyboardEvent } from "react";

/** Arrow keys, Home, End and Enter over a listbox that belongs to a text field (the ARIA combobox pattern). */
export function useOptionKeys(count: number, choose: (index: number) => void, resetOn: unknown) {
  const list = useId();
  const [at, setAt] = useState(0);
  useEffect(() => setAt(0), [resetOn]);
  const active = Math.min(at, Math.max(0, count - 1));
  const optionId = (index: number) => `${list}-${index}`;

  useEffect(() => {
    document.getElementById(`${list}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active, list]);

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      setAt((active + step + count) % count);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      choose(active);
    }
  };
  return {
    active,
    setActive: setAt,
    field: {
      role: "combobox",
      "aria-expanded": count > 0,
      "aria-controls": list,
      "aria-autocomplete": "list" as const,
      "aria-activedescendant": count > 0 ? optionId(active) : undefined,
      autoComplete: "off",
      spellCheck: false,
      onKeyDown,
    },
    list: { id: list, role: "listbox" },
    option: (index: number) => ({
      id: optionId(index),
      role: "option",
      "aria-selected": index === active,
      onMouseMove: () => setAt(index),
      onClick: () => choose(index),
    }),
  };
}
