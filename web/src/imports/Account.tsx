import { useState } from "react";

import type { Import, ImportAccount } from "../api/imports.ts";
import type { Tone } from "../api/types.ts";
import { countText, plural } from "../kit/words.ts";
import { AccountRows } from "./AccountRows.tsx";

/** read = stored + unchanged + quarantined; the number of those that could not be taken opens them. */
export function Account({ one, account }: { one: Import; account: ImportAccount }) {
  const [open, setOpen] = useState(false);
  const tried = one.status === "checked";
  return (
    <section className="panel account" aria-labelledby="account">
      <h2 id="account" className="part-title">
        {tried ? "What would happen" : "What happened"}
      </h2>
      <div className="account-sum">
        <Amount n={account.read} label="read" />
        <Amount n={account.stored} label="stored" sign="=" tone="good" />
        <Amount n={account.unchanged} label="unchanged" sign="+" />
        {account.quarantined === 0 && <Amount n={0} label="quarantined" sign="+" />}
        {account.quarantined > 0 && (
          <button type="button" className="plain-button account-number" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Amount n={account.quarantined} label="quarantined" sign="+" tone="danger" />
          </button>
        )}
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
      {open && <AccountRows id={one.id} />}
    </section>
  );
}

function Amount({ n, label, sign, tone }: { n: number; label: string; sign?: string; tone?: Tone }) {
  return (
    <span className="account-number">
      {sign && (
        <span className="dim account-sign" aria-hidden>
          {sign}
        </span>
      )}
      <strong className="num tone-text" data-tone={n > 0 ? tone : undefined}>
        {countText(n)}
      </strong>{" "}
      <span className="account-label">{label}</span>
    </span>
  );
}
