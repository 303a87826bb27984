import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { type TakenRow, takenRowsQuery } from "../api/imports.ts";
import { PagedTable } from "../kit/PagedTable.tsx";
import { countText, dayText } from "../kit/words.ts";

/** Rows that were taken, each with what it became and whose that is. */
export function TakenRows({ id, outcome }: { id: string; outcome: "stored" | "unchanged" }) {
  const answer = useInfiniteQuery(takenRowsQuery(id, outcome));
  return (
    <PagedTable
      answer={answer}
      label={outcome === "stored" ? "Stored rows" : "Unchanged rows"}
      heads={["Row", "Became", "Customer"]}
      rows={answer.data?.pages.flatMap((page) => page.rows) ?? []}
      failed="The rows could not be loaded"
      cells={(one) => <Cells one={one} />}
    />
  );
}

function Cells({ one }: { one: TakenRow }) {
  const customers = new Map(one.became.flatMap(({ customer }) => (customer ? [[customer.id, customer.name] as const] : [])));
  return (
    <>
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
    </>
  );
}
