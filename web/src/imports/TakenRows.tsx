import "../styles/table.css";

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { type TakenRow, takenRowsQuery } from "../api/imports.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, dayText } from "../kit/words.ts";

/** Rows that were taken, each with what it became and whose that is. */
export function TakenRows({ id, outcome }: { id: string; outcome: "stored" | "unchanged" }) {
  const answer = useInfiniteQuery(takenRowsQuery(id, outcome));
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
        <div className="table-scroll" tabIndex={0} role="region" aria-label={outcome === "stored" ? "Stored rows" : "Unchanged rows"}>
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col">Became</th>
                <th scope="col">Customer</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.row} one={row} />
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

function Row({ one }: { one: TakenRow }) {
  const customers = new Map(one.became.flatMap(({ customer }) => (customer ? [[customer.id, customer.name] as const] : [])));
  return (
    <tr>
      <td className="num">{countText(one.row)}</td>
      <td>
        {one.became.length === 0 && <span className="dim">{one.taken_back ? "taken back" : "not there yet"}</span>}
        {one.became.map(({ what, id, at }, index) => (
          <span key={index} className="became-part">
            {what.replaceAll("_", " ")} <bdi className="dim">{id}</bdi>
            {at && <span className="dim"> of {dayText(at)}</span>}
          </span>
        ))}
      </td>
      <td>
        {[...customers].map(([id, name]) => (
          <Link key={id} to="/customers/$id" params={{ id }} className="became-part">
            <bdi>{name}</bdi>
          </Link>
        ))}
      </td>
    </tr>
  );
}
