import { Button } from "@mantine/core";
import { Check, X } from "lucide-react";

import type { Payloads } from "../../api/types.ts";
import { useCustomer } from "../customer-context.ts";

type Item = Payloads["actions"]["items"][number];

/** What may be done with this customer now, and the reason where it may not. */
export function ActionsCard({ items }: Payloads["actions"]) {
  return (
    <ul className="actions">
      {items.map((item) => (
        <li key={item.id} className="action">
          <Act item={item} />
          {item.reason && <span className="dim">{item.reason}</span>}
        </li>
      ))}
    </ul>
  );
}

/** An action this client can carry out is a button; any other is said as allowed or not. */
function Act({ item }: { item: Item }) {
  const { id, showIdentity } = useCustomer();
  if (item.enabled && item.id === "export") {
    return (
      <Button component="a" variant="default" href={`/api/v1/customers/${encodeURIComponent(id)}/export`} download>
        {item.label}
      </Button>
    );
  }
  if (item.enabled && (item.id === "merge" || item.id === "split")) {
    return (
      <Button variant="default" onClick={showIdentity}>
        {item.label}
      </Button>
    );
  }
  const Icon = item.enabled ? Check : X;
  return (
    <span className="action-state tone-text" data-tone={item.enabled ? "good" : "neutral"}>
      <Icon size={14} aria-hidden /> {item.label}
      <span className="spoken">{item.enabled ? ", allowed" : ", not allowed"}</span>
    </span>
  );
}
