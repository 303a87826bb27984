import { type Branch, type JoinTree } from "./join-tree.ts";
import { recordNames } from "./identity-words.ts";
import type { SourceRecord } from "./identity-queries.ts";

const ROW = 30;
const STEP = 30;
const DOT = 9;
const MOST = 24; // records; a larger tree is told by the list below alone

/** Who was joined with whom, in which order: records on the left, joins numbered as in the list below. */
export function JoinDrawing({ tree, records }: { tree: JoinTree; records: SourceRecord[] }) {
  if (tree.leaves.length < 3 || tree.leaves.length > MOST) return null;
  const joins = tree.steps.filter((step) => step.number !== null).length;
  const width = (joins + 1) * STEP;
  return (
    <div className="join-tree" aria-hidden>
      <ul className="join-leaves">
        {tree.leaves.map((leaf) => (
          <li key={leaf.records[0]}>
            <bdi>{recordNames(leaf.records.slice(0, 1), records)}</bdi>
            {leaf.records.length > 1 && <span className="dim"> ×{leaf.records.length}</span>}
          </li>
        ))}
      </ul>
      <div className="join-lines">
        <svg width={width} height={tree.leaves.length * ROW} viewBox={`0 0 ${width} ${tree.leaves.length * ROW}`}>
          {tree.roots.map((root) => (
            <BranchLines key={root.records[0]} branch={root} />
          ))}
        </svg>
      </div>
    </div>
  );
}

const across = (branch: Branch) => (branch.step ?? 0) * STEP;
const down = (branch: Branch) => (branch.row + 0.5) * ROW;

function BranchLines({ branch }: { branch: Branch }) {
  if (branch.children.length === 0) return null;
  const [x, y] = [across(branch), down(branch)];
  return (
    <g data-weakest={branch.weakest || undefined}>
      {branch.children.map((child) => (
        <path key={child.records[0]} d={`M ${across(child)} ${down(child)} H ${x} V ${y}`} />
      ))}
      {branch.children.map((child) => (
        <BranchLines key={child.records[0]} branch={child} />
      ))}
      <circle cx={x} cy={y} r={DOT} />
      <text x={x} y={y} dy="0.35em" textAnchor="middle">
        {branch.step}
      </text>
    </g>
  );
}
