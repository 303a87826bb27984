import type { Payloads } from "../../api/types.ts";
import { dayText } from "../../kit/words.ts";

const WIDTH = 260;
const HEIGHT = 56;
const PAD = 4;

/** A line of values over time, as plain SVG; the summary says the same in words. */
export function ChartCard({ label, points, summary }: Payloads["chart"]) {
  const first = points[0];
  const last = points.at(-1);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: ${summary}`} preserveAspectRatio="none">
        <path d={areaPath(points.map(({ value }) => value))} className="chart-area" />
        <polyline points={linePoints(points.map(({ value }) => value)).join(" ")} className="chart-line" />
      </svg>
      {first && last && (
        <div className="row dim chart-ends" aria-hidden>
          <span className="grow">{dayText(first.at)}</span>
          <span>{dayText(last.at)}</span>
        </div>
      )}
      <figcaption className="dim">{summary}</figcaption>
    </figure>
  );
}

function linePoints(values: number[]): string[] {
  const low = Math.min(0, ...values);
  const span = Math.max(...values, 1) - low || 1;
  const step = (WIDTH - 2 * PAD) / Math.max(1, values.length - 1);
  return values.map((value, index) => {
    const y = HEIGHT - PAD - ((value - low) / span) * (HEIGHT - 2 * PAD);
    return `${(PAD + index * step).toFixed(1)},${y.toFixed(1)}`;
  });
}

function areaPath(values: number[]): string {
  const points = linePoints(values);
  if (points.length === 0) return "";
  return `M${PAD},${HEIGHT} L${points.join(" L")} L${WIDTH - PAD},${HEIGHT} Z`;
}
