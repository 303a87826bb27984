import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";

import type { Health } from "../api/connections.ts";
import type { Source } from "../api/sources.ts";
import { HealthTag } from "./HealthTag.tsx";
import { SourceFigures } from "./SourceFigures.tsx";

interface Props {
  source: Source;
  /** The kind of source, in words. */
  kind: string;
  health: Health | undefined;
  onQuarantine: () => void;
  /** Absent when the role may not make keys, or the source is not one that sends with a key. */
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
      </div>
      <SourceFigures source={source} onQuarantine={onQuarantine} />
      {onKey && (
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<KeyRound size={13} aria-hidden />} onClick={onKey} aria-label={`New key for ${source.title}`}>
          New key
        </Button>
      )}
      {health && !isCalm(health, source) && (
        <p className="source-health">
          <HealthTag health={health} /> <span className="dim">{health.sentence}</span>
        </p>
      )}
    </li>
  );
}

/** Nobody has to be told that a source is well, or that a new one has sent nothing yet. */
function isCalm({ state }: Health, source: Source): boolean {
  return state === "well" || (state === "waiting" && source.last_received_at === null);
}
