import { useState } from "react";

import type { Import, ImportAccount } from "../api/imports.ts";
import { countText, plural } from "../kit/words.ts";
import { AccountRows } from "./AccountRows.tsx";

const PARTS = [
  { outcome: "stored", label: "stored", tone: "good" },
  { outcome: "unchanged", label: "unchanged", tone: "neutral" },
  { outcome: "quarantined", label: "quarantined", tone: "danger" },
] as const;

/** read = stored + unchanged + quarantined; each number opens its rows. */
export function Account({ one, account }: { one: Import; account: ImportAccount }) {
  const [outcome, setOutcome] = useState<string | null>(null);
  const tried = one.status === "checked";
  return (
    <section className="panel account" aria-labelledby="account">
      <h2 id="account" className="part-title">
        {tried ? "What would happen" : "What happened"}
      </h2>
      <div className="account-sum">
        <span className="account-number">
          <strong className="num">{countText(account.read)}</strong> read
        </span>
        {PARTS.map(({ outcome: part, label, tone }, index) => (
          <span key={part} className="row">
            <span className="dim" aria-hidden>
              {index === 0 ? "=" : "+"}
            </span>
            <button
              type="button"
              className="plain-button account-number"
              disabled={account[part] === 0}
              aria-expanded={outcome === part}
              onClick={() => setOutcome(outcome === part ? null : part)}
            >
              <strong className="num tone-text" data-tone={account[part] > 0 ? tone : "neutral"}>
                {countText(account[part])}
              </strong>{" "}
              {label}
            </button>
          </span>
        ))}
      </div>
      {account.reasons.length > 0 && (
        <ul className="account-reasons">
          {account.reasons.map((reason) => (
            <li key={reason.code}>
              <strong>{plural(reason.count, "row")}</strong>: {reason.code.replaceAll("_", " ")}
              {reason.example && (
                <span className="dim">
                  , e.g. <bdi>{reason.example}</bdi>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {outcome && <AccountRows id={one.id} outcome={outcome} />}
    </section>
  );
}
