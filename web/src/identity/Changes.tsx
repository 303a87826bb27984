import { Moment } from "../kit/Moment.tsx";
import type { Identity } from "./identity-queries.ts";

export function Changes({ changes }: { changes: Identity["changes"] }) {
  if (changes.length === 0) return null;
  return (
    <section className="identity-part" aria-labelledby="changes">
      <h3 id="changes">How it came about</h3>
      <ol className="changes">
        {changes.map((change) => (
          <li key={change.id} className="row">
            <span className="dim change-when">
              <Moment at={change.at} day />
            </span>
            <span>
              <bdi>{change.what}</bdi>
              {change.because && <span className="dim">, {change.because}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
