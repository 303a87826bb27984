import type { Payloads } from "../../api/types.ts";
import { TableScroll } from "../../kit/TableScroll.tsx";
import { valueText } from "../../kit/words.ts";
import { More } from "./More.tsx";

type Table = Payloads["table"];

const FIRST = 14; // rows
const NARROW = 3; // columns that fit a side card; more are set one under the other there

/** A table of a card. A column that is grouped says the same value once, for those who see it. */
export function TableCard({ title, columns, rows }: Table & { title: string }) {
  return (
    <More items={rows} first={FIRST} noun="lines">
      {(shown) => (
        <TableScroll label={`${title}, table`} className="table-card">
          <table className={columns.length > NARROW ? "table sheets" : "table"}>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.id} scope="col" data-align={column.align}>
                    {column.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, at) => (
                <Row key={row.id} row={row} before={shown[at - 1]} columns={columns} />
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </More>
  );
}

interface RowProps {
  row: Table["rows"][number];
  before: Table["rows"][number] | undefined;
  columns: Table["columns"];
}

function Row({ row, before, columns }: RowProps) {
  const said = (index: number) => Boolean(columns[index]?.grouped && before?.cells[index] === row.cells[index]);
  return (
    <tr data-goes-on={said(0) || undefined}>
      {row.cells.map((cell, index) => (
        <td key={index} data-align={columns[index]?.align} data-label={index < NARROW ? undefined : columns[index]?.label} data-grouped={columns[index]?.grouped}>
          <bdi className={said(index) ? "spoken" : undefined}>{cell && valueText(cell)}</bdi>
        </td>
      ))}
    </tr>
  );
}
