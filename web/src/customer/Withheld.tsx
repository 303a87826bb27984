import { EyeOff } from "lucide-react";

import type { CustomerView } from "../api/types.ts";
import { plural } from "../kit/words.ts";

/** What the role does not see, named, so that nobody takes silence for absence. */
export function Withheld({ withheld }: { withheld: CustomerView["withheld"] }) {
  if (withheld.length === 0) return null;
  return (
    <details className="withheld">
      <summary>
        <EyeOff size={14} aria-hidden /> {plural(withheld.length, "field")} withheld from your role
      </summary>
      <ul>
        {withheld.map(({ field, label, reason }) => (
          <li key={field}>
            <strong>{label}</strong> <span className="dim">{reason}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
