import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";

import type { Health } from "../api/connections.ts";
import type { Source } from "../api/sources.ts";
import { Moment } from "../kit/Moment.tsx";
import { countText, spanText } from "../kit/words.ts";
import { HealthTag } from "./HealthTag.tsx";

interface Props {
  source: Source;
  /** The kind of source, in words. */
  kind: string;
  health: Health | undefined;
  onQuarantine: () => void;
  /** Absent when the role may not make keys. */
  onKey: (() => void) | null;
}

export function SourceRow({ source, kind, health, onQuarantine, onKey }: Props) {
  return (
    <li className="panel source">
      <div className="source-name">
        <h2 className="cut">
          <Link to="/sources/$slug" params={{ slug: source.slug }} className="source-link">
            {source.title}
          </Link>
        </h2>
        <span className="dim">{kind}</span>
        {health && health.state !== "well" && health.state !== "waiting" && (
          <span className="source-health">
            <HealthTag health={health} /> <span className="dim">{health.sentence}</span>
          </span>
        )}
      </div>
      <dl className="source-figures">
        <Figure label="Last event">
          {source.last_received_at ? <Moment at={source.last_received_at} /> : <span className="dim">nothing yet</span>}
        </Figure>
        <Figure label="Last hour">{countText(source.last_hour)}</Figure>
        <Figure label="Delay">{source.lag_seconds === null ? <span className="dim">nothing yet</span> : spanText(source.lag_seconds)}</Figure>
        <Figure label="Accepted">{countText(source.accepted)}</Figure>
        <Figure label="Duplicates">{countText(source.duplicate)}</Figure>
        <Figure label="Quarantine">
          {source.quarantined > 0 ? (
            <button type="button" className="plain-button source-open" onClick={onQuarantine}>
              {countText(source.quarantined)} open
            </button>
          ) : (
            <span className="dim">none open</span>
          )}
        </Figure>
      </dl>
      {onKey && (
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<KeyRound size={13} aria-hidden />} onClick={onKey} aria-label={`New key for ${source.title}`}>
          New key
        </Button>
      )}
    </li>
  );
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="dim">{label}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}
