import type { Join } from "./identity-queries.ts";

/** One line of the account: a numbered join of different records, or all records that say just the same. */
export interface JoinStep {
  number: number | null;
  join: Join;
  /** Records that say just the same as the left one, where that is what this step is about. */
  alike: string[];
  weakest: boolean;
}

/** A record (with those that say just the same) or the join of two such trees; places are those of the drawing. */
export interface Branch {
  records: string[];
  step: number | null;
  weakest: boolean;
  children: Branch[];
  /** The row of a record; halfway between its children for a join. */
  row: number;
}

export interface JoinTree {
  steps: JoinStep[];
  leaves: Branch[];
  roots: Branch[];
}

/** The joins in order as a tree: a join takes whole what has been joined before of either side. */
export function treeOf(joins: Join[], weakest: number | null): JoinTree {
  const home = new Map<string, Branch>();
  const steps: JoinStep[] = [];
  const branchOf = (record: string) => {
    const found = home.get(record) ?? { records: [record], step: null, weakest: false, children: [], row: 0 };
    home.set(record, found);
    return found;
  };
  let number = 0;
  joins.forEach((join, index) => {
    const [one = "", two = ""] = [join.left[0], join.right[0]];
    const left = branchOf(one);
    if (join.equal) {
      left.records.push(two);
      home.set(two, left);
      const same = steps.find((step) => step.join.equal && step.join.left[0] === one);
      if (same) {
        same.alike.push(two);
        same.weakest ||= index === weakest;
      } else {
        steps.push({ number: null, join, alike: [two], weakest: index === weakest });
      }
      return;
    }
    const right = branchOf(two);
    number += 1;
    steps.push({ number, join, alike: [], weakest: index === weakest });
    const records = [...left.records, ...right.records];
    const both = { records, step: number, weakest: index === weakest, children: [left, right], row: 0 };
    for (const record of records) home.set(record, both);
  });
  const roots = [...new Set(home.values())];
  const leaves: Branch[] = [];
  for (const root of roots) placeRows(root, leaves);
  return { steps, leaves, roots };
}

function placeRows(branch: Branch, leaves: Branch[]): void {
  if (branch.children.length === 0) {
    branch.row = leaves.push(branch) - 1;
    return;
  }
  for (const child of branch.children) placeRows(child, leaves);
  branch.row = branch.children.reduce((sum, child) => sum + child.row, 0) / branch.children.length;
}
