import { useInfiniteQuery } from "@tanstack/react-query";

import { quarantinedRowsQuery } from "../api/imports.ts";
import { PagedTable } from "../kit/PagedTable.tsx";
import { Shape, ShapeNote } from "../kit/Shape.tsx";
import { countText } from "../kit/words.ts";

/** The rows that could not be taken, each with its place and reason. */
export function AccountRows({ id }: { id: string }) {
  const answer = useInfiniteQuery(quarantinedRowsQuery(id));
  const rows = answer.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <>
      {rows.some(({ masked }) => masked) && <ShapeNote />}
      <PagedTable
        answer={answer}
        label="Quarantined rows"
        heads={["Row", "Column", "What and why"]}
        rows={rows}
        failed="The rows could not be loaded"
        cells={({ row, column, detail, masked }) => (
          <>
            <td className="num">{countText(row)}</td>
            <td>
              <bdi>{column}</bdi>
            </td>
            <td>{masked ? <Shape text={detail} /> : <bdi>{detail}</bdi>}</td>
          </>
        )}
      />
    </>
  );
}
