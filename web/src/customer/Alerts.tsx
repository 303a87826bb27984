import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from "lucide-react";

import type { AlertLine, Tone } from "../api/types.ts";
import { useCustomer } from "./customer-context.ts";

const ICONS: Record<Tone, LucideIcon> = { danger: CircleAlert, warn: TriangleAlert, good: CircleCheck, neutral: Info };

/** At most three sentences that ask for an act; nothing at all when there is none. */
export function Alerts({ alerts }: { alerts: AlertLine[] }) {
  const { open } = useCustomer();
  if (alerts.length === 0) return null;
  return (
    <ul className="alerts" aria-label="Needs attention">
      {alerts.map(({ id, tone, text, entry }) => {
        const Icon = ICONS[tone];
        return (
          <li key={id} className="alert" data-tone={tone}>
            <Icon size={15} aria-hidden />
            <bdi className="grow">{text}</bdi>
            {entry && (
              <button type="button" className="plain-button alert-show" onClick={() => open(entry)}>
                Show
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
