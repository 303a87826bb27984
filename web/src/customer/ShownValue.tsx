import { Lock } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { Value } from "../api/types.ts";
import { valueText } from "../kit/words.ts";

const FLASH = 1_500; // ms

/** A value as the server lets this role see it. A mask is drawn with a lock and spoken as "hidden". */
export function ShownValue({ value }: { value: Value }) {
  const flash = useFlash(value.value);
  if (value.state === "shown") return <bdi className={flash}>{valueText(value.value)}</bdi>;
  return (
    <span className={`masked ${flash}`}>
      <Lock size={12} aria-hidden />
      <bdi aria-hidden>{value.state === "masked" ? value.value : "on file"}</bdi>
      <span className="spoken">hidden</span>
    </span>
  );
}

/** The class that lets a value glow for a moment after it changed; not on first sight. */
export function useFlash(value: string): string {
  const before = useRef(value);
  const [on, setOn] = useState(false);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    setOn(true);
    const timer = setTimeout(() => setOn(false), FLASH);
    return () => clearTimeout(timer);
  }, [value]);
  return on ? "flash" : "";
}
