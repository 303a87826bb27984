import "../styles/table.css";

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { importRowsQuery } from "../api/imports.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText } from "../kit/words.ts";

/** The rows behind one number of the account. */
export function AccountRows({ id, outcome }: { id: string; outcome: string }) {
  const answer = useInfiniteQuery(importRowsQuery(id, outcome));
  const rows = answer.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <div className="stack">
      {answer.isError && <Trouble error={answer.error} what="The rows could not be loaded" onRetry={() => void answer.refetch()} />}
      {answer.isPending && (
        <Late>
          <Skeleton height={28} lines={3} />
        </Late>
      )}
      {answer.data && rows.length === 0 && <p className="dim">No rows are kept for this number.</p>}
      {rows.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={`Rows ${outcome}`}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col">Id</th>
                <th scope="col">What and why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.row} ${row.id ?? ""}`}>
                  <td className="num">{countText(row.row)}</td>
                  <td>
                    <bdi>{row.id}</bdi>
                  </td>
                  <td>
                    <bdi>{row.detail ?? row.outcome}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {answer.hasNextPage && (
        <div>
          <Button variant="default" loading={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
