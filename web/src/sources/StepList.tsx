import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { Act, Step } from "./next-steps.ts";

interface Props {
  steps: Step[];
  /** What is said when nothing has to be done. */
  calm: string | undefined;
  onMap: (stream: string) => void;
  onQuarantine: () => void;
  onGoOn: (stream: string) => void;
}

const PANELS = { connection: "connection", keys: "keys" } as const;

/** What is wrong with a source and what to do about it, the most urgent first. */
export function StepList({ steps, calm, onMap, onQuarantine, onGoOn }: Props) {
  if (steps.length === 0) return calm ? <p className="dim">{calm}</p> : null;
  const take = (act: Act) => {
    if (act.to === "mapping") onMap(act.stream);
    else if (act.to === "go-on") onGoOn(act.stream);
    else if (act.to === "quarantine") onQuarantine();
    else if (act.to !== "imports") goTo(PANELS[act.to]);
  };
  return (
    <ul className="steps-todo" aria-label="What to do">
      {steps.map(({ tone, text, act, label }) => (
        <li key={text} className="step-todo" data-tone={tone}>
          <span className="grow">{text}</span>
          {act && act.to !== "imports" && (
            <Button variant="default" size="compact-sm" onClick={() => take(act)}>
              {label}
            </Button>
          )}
          {act?.to === "imports" && (
            <Button variant="default" size="compact-sm" renderRoot={(props) => <Link to="/imports" {...props} />}>
              {label}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Brings a panel of the page into view, with the focus on its first field. */
function goTo(id: string): void {
  const panel = document.getElementById(id)?.closest("details, section");
  if (panel instanceof HTMLDetailsElement) panel.open = true;
  panel?.scrollIntoView({ block: "start" });
  panel?.querySelector<HTMLElement>("input, button, textarea")?.focus({ preventScroll: true });
}
