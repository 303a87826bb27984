import "../styles/sources.css";

import { Button } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { copyText } from "./copy.ts";

/** A text that is meant to be pasted elsewhere. */
export function Copyable({ label, text }: { label: string; text: string }) {
  const [state, setState] = useState<"ready" | "copied" | "refused">("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), 2_500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copyText(text)) ? "copied" : "refused");
  const words = { ready: "Copy", copied: "Copied", refused: "Select and copy" };
  return (
    <div className="copyable">
      <pre tabIndex={0} aria-label={label}>
        {text}
      </pre>
      <Button
        variant="default"
        leftSection={state === "copied" ? <Check size={13} aria-hidden /> : <Copy size={13} aria-hidden />}
        onClick={() => void copy()}
        aria-label={`${words[state]}: ${label}`}
      >
        {words[state]}
      </Button>
    </div>
  );
}
