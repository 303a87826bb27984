import { useState } from "react";

import type { Import, ImportAccount } from "../api/imports.ts";
import type { Tone } from "../api/types.ts";
import { Shape, ShapeNote } from "../kit/Shape.tsx";
import { countText, plural } from "../kit/words.ts";
import { AccountRows } from "./AccountRows.tsx";
import { TakenRows } from "./TakenRows.tsx";

type Part = "stored" | "unchanged" | "quarantined";

/** read = stored + unchanged + quarantined; each number opens its rows. A trial has only those it could not take. */
export function Account({ one, account }: { one: Import; account: ImportAccount }) {
  const [open, setOpen] = useState<Part | null>(null);
  const tried = one.status === "checked";
  const amount = (part: Part, sign: string, tone?: Tone) => {
    const shown = <Amount n={account[part]} label={part} sign={sign} {...(tone ? { tone } : {})} />;
    if (account[part] === 0 || (part !== "quarantined" && (tried || !one.revertible))) return shown;
    return (
      <button
        type="button"
        className="plain-button account-number"
        aria-expanded={open === part}
        onClick={() => setOpen(open === part ? null : part)}
      >
        {shown}
      </button>
    );
  };
  return (
    <section className="panel account" aria-labelledby="account">
      <h2 id="account" className="part-title">
        {tried ? "What would happen" : "What happened"}
      </h2>
      <div className="account-sum">
        <Amount n={account.read} label="read" />
        {amount("stored", "=", "good")}
        {amount("unchanged", "+")}
        {amount("quarantined", "+", "danger")}
      </div>
      {account.reasons.length > 0 && (
        <ul className="account-reasons">
          {account.reasons.map((reason) => (
            <li key={reason.code}>
              <strong>{plural(reason.count, "row")}</strong>: {reason.code.replaceAll("_", " ")}
              {reason.example && (
                <span className="dim">
                  , e.g. {reason.masked ? <Shape text={reason.example} /> : <bdi>{reason.example}</bdi>}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {account.reasons.some(({ masked }) => masked) && open !== "quarantined" && <ShapeNote />}
      {open === "quarantined" && <AccountRows id={one.id} />}
      {(open === "stored" || open === "unchanged") && <TakenRows key={open} id={one.id} outcome={open} />}
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
