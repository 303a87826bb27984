import type { Vital } from "../api/types.ts";
import { useFlash } from "./ShownValue.tsx";

/** The five figures a colleague of this role looks at first. */
export function Vitals({ vitals }: { vitals: Vital[] }) {
  return (
    <section aria-label="Vitals" className="vitals-scroll" tabIndex={0}>
      <dl className="vitals panel">
        {vitals.map((vital) => (
          <Figure key={vital.id} vital={vital} />
        ))}
      </dl>
    </section>
  );
}

function Figure({ vital }: { vital: Vital }) {
  const flash = useFlash(vital.value);
  const from = vital.source_titles.length ? `From ${vital.source_titles.join(", ")}` : undefined;
  return (
    <div className="vital" title={from}>
      <dt className="dim cut">{vital.label}</dt>
      <dd>
        <bdi className={`vital-value tone-text ${flash}`} data-tone={vital.tone}>
          {vital.value}
        </bdi>
        <span className="vital-hint dim cut">{vital.hint}</span>
      </dd>
    </div>
  );
}
