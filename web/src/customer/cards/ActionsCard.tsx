import { Check, X } from "lucide-react";

import type { Payloads } from "../../api/types.ts";

/** What may be done with this customer now, and the reason where it may not. */
export function ActionsCard({ items }: Payloads["actions"]) {
  return (
    <ul className="actions">
      {items.map((item) => (
        <li key={item.id} className="action tone-text" data-tone={item.enabled ? "good" : "danger"}>
          {item.enabled ? <Check size={15} aria-hidden /> : <X size={15} aria-hidden />}
          <span className="action-words">
            <span className="action-label">
              {item.label}
              <span className="spoken">{item.enabled ? ": allowed" : ": not allowed"}</span>
            </span>
            {item.reason && <span className="dim">{item.reason}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
