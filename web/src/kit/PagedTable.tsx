import type { ReactNode } from "react";

import { Late, Skeleton } from "./Late.tsx";
import { type Paged, ShowMore } from "./ShowMore.tsx";
import { TableScroll } from "./TableScroll.tsx";
import { Trouble } from "./Trouble.tsx";

interface Props<Row> {
  answer: Paged & { isPending: boolean; error: Error | null; refetch: () => Promise<unknown> };
  /** What the table holds, for those who hear it. */
  label: string;
  heads: string[];
  rows: Row[];
  /** What did not happen when the answer failed. */
  failed: string;
  /** The cells of a row. */
  cells: (row: Row) => ReactNode;
}

/** A table that comes in pages: waiting, failing, its rows, and more of them. */
export function PagedTable<Row>({ answer, label, heads, rows, failed, cells }: Props<Row>) {
  return (
    <div className="stack">
      {answer.error && <Trouble error={answer.error} what={failed} onRetry={() => void answer.refetch()} />}
      {answer.isPending && (
        <Late>
          <Skeleton height={28} lines={3} />
        </Late>
      )}
      {rows.length > 0 && (
        <TableScroll label={label}>
          <table className="table">
            <thead>
              <tr>
                {heads.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={index}>{cells(row)}</tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      <ShowMore answer={answer} />
    </div>
  );
}
