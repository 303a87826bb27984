import { Link2, TriangleAlert } from "lucide-react";

import { Tag } from "../kit/Tag.tsx";
import { plural } from "../kit/words.ts";
import { recordNames } from "./identity-words.ts";
import type { Identity } from "./identity-queries.ts";
import { JoinDrawing } from "./JoinDrawing.tsx";
import { type JoinStep, treeOf } from "./join-tree.ts";
import { Waterfall } from "./Waterfall.tsx";

/** Which records became one in which order: as a drawing, and step by step; the weakest step is marked. */
export function Joins({ identity }: { identity: Identity }) {
  if (identity.joins.length === 0) return null;
  const tree = treeOf(identity.joins, identity.weakest);
  return (
    <section className="identity-part" aria-labelledby="joins">
      <h3 id="joins">What joined them</h3>
      <JoinDrawing tree={tree} records={identity.records} />
      <ol className="joins">
        {tree.steps.map((step, index) => (
          <JoinRow key={index} step={step} identity={identity} open={step.weakest || tree.steps.length === 1} />
        ))}
      </ol>
    </section>
  );
}

function JoinRow({ step, identity, open }: { step: JoinStep; identity: Identity; open: boolean }) {
  const { join, weakest } = step;
  const names = (ids: string[]) => recordNames(ids, identity.records);
  return (
    <li className="join" data-weakest={weakest || undefined}>
      <div className="row wrap">
        {step.number ? <span className="join-number">{step.number}</span> : <Link2 size={14} aria-hidden className="dim" />}
        <span className="grow">
          <bdi>{names(join.left)}</bdi> <span className="dim">and</span>{" "}
          {step.alike.length > 1 ? `${plural(step.alike.length, "record")} that say just the same` : <bdi>{names(join.right)}</bdi>}
        </span>
        {weakest && (
          <Tag tone="warn">
            <TriangleAlert size={11} aria-hidden /> weakest
          </Tag>
        )}
      </div>
      <p className="join-words">{join.words}</p>
      {join.evidence.length > 0 && (
        <details className="join-evidence" open={open}>
          <summary>How it adds up</summary>
          <Waterfall weighed={join} />
        </details>
      )}
    </li>
  );
}
