import type { Payloads } from "../../api/types.ts";

export function MetricCard({ items }: Payloads["metric"]) {
  return (
    <dl className="metrics">
      {items.map((item) => (
        <div key={item.label} className="metric">
          <dt className="dim">{item.label}</dt>
          <dd>
            <bdi className="num metric-value tone-text" data-tone={item.tone ?? "neutral"}>
              {item.value}
            </bdi>
            {item.hint && <span className="dim metric-hint">{item.hint}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
