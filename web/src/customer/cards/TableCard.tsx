import "../../styles/table.css";

import type { Payloads } from "../../api/types.ts";

type Props = Payloads["table"] & { title: string };

export function TableCard({ title, columns, rows }: Props) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={`${title}, table`}>
      <table className="table">
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
          {rows.map((row) => (
            <tr key={row.id}>
              {row.cells.map((cell, index) => (
                <td key={index} data-align={columns[index]?.align}>
                  <bdi>{cell}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
