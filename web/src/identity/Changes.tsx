import { Moment } from "../kit/Moment.tsx";
import { plural } from "../kit/words.ts";
import type { Identity } from "./identity-queries.ts";

export function Changes({ changes }: { changes: Identity["changes"] }) {
  if (changes.length === 0) return null;
  return (
    <section className="identity-part" aria-labelledby="changes">
      <h3 id="changes">How it came about</h3>
      <ol className="changes">
        {changes.map((change, index) => (
          <li key={index} className="row">
            <span className="dim change-when">
              <Moment at={change.at} day />
            </span>
            <span>
              {change.what}
              {change.records > 0 && ` (${plural(change.records, "record")})`}, <span className="dim">{change.cause}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
