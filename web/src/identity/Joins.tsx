import { Link2, TriangleAlert } from "lucide-react";

import { Tag } from "../kit/Tag.tsx";
import { recordNames } from "./identity-words.ts";
import type { Identity, Join } from "./identity-queries.ts";
import { Waterfall } from "./Waterfall.tsx";

/** Each step in which records became one, strongest reasons first; the weakest step is marked. */
export function Joins({ identity }: { identity: Identity }) {
  if (identity.joins.length === 0) return null;
  return (
    <section className="identity-part" aria-labelledby="joins">
      <h3 id="joins">What joined them</h3>
      <ol className="joins">
        {identity.joins.map((join, index) => (
          <JoinRow key={index} join={join} identity={identity} weakest={identity.weakest === index} />
        ))}
      </ol>
    </section>
  );
}

function JoinRow({ join, identity, weakest }: { join: Join; identity: Identity; weakest: boolean }) {
  return (
    <li className="join" data-weakest={weakest || undefined}>
      <div className="row wrap">
        <Link2 size={14} aria-hidden className="dim" />
        <span className="grow">
          <bdi>{recordNames(join.left, identity.records)}</bdi> <span className="dim">and</span>{" "}
          <bdi>{recordNames(join.right, identity.records)}</bdi>
        </span>
        {weakest && (
          <Tag tone="warn">
            <TriangleAlert size={11} aria-hidden /> weakest
          </Tag>
        )}
      </div>
      <p className="join-words">{join.words}</p>
      <Waterfall weighed={join} />
    </li>
  );
}
