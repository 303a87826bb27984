import "../styles/table.css";

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { quarantinedRowsQuery } from "../api/imports.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText } from "../kit/words.ts";

/** The rows that could not be taken, each with its place and reason. */
export function AccountRows({ id }: { id: string }) {
  const answer = useInfiniteQuery(quarantinedRowsQuery(id));
  const rows = answer.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <div className="stack">
      {answer.isError && <Trouble error={answer.error} what="The rows could not be loaded" onRetry={() => void answer.refetch()} />}
      {answer.isPending && (
        <Late>
          <Skeleton height={28} lines={3} />
        </Late>
      )}
      {rows.length > 0 && (
        <div className="table-scroll" tabIndex={0} role="region" aria-label="Quarantined rows">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col">Column</th>
                <th scope="col">What and why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.row}>
                  <td className="num">{countText(row.row)}</td>
                  <td>
                    <bdi>{row.column}</bdi>
                  </td>
                  <td>
                    <bdi>{row.detail}</bdi>
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
