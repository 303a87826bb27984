import type { ReactNode } from "react";

import type { Source } from "../api/sources.ts";
import { Moment } from "../kit/Moment.tsx";
import { countText, spanText } from "../kit/words.ts";

/** When a source was last heard, how late and how fast it is, and what it could not bring in. */
export function SourceFigures({ source, onQuarantine }: { source: Source; onQuarantine: () => void }) {
  return (
    <dl className="source-figures">
      <Figure label="Last event">{source.last_received_at ? <Moment at={source.last_received_at} /> : <span className="dim">nothing yet</span>}</Figure>
      <Figure label="Delay">{source.lag_seconds === null ? <span className="dim">{source.accepted > 0 ? "only history" : "nothing yet"}</span> : spanText(source.lag_seconds)}</Figure>
      <Figure label="Last hour">{countText(source.last_hour)}</Figure>
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
