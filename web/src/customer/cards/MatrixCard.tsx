import { Check, X, type LucideIcon } from "lucide-react";

import type { ConsentCell, Payloads, Tone } from "../../api/types.ts";
import { TableScroll } from "../../kit/TableScroll.tsx";
import { dayText } from "../../kit/words.ts";

const SHOWN: Record<Exclude<ConsentCell["state"], "unknown">, { word: string; icon: LucideIcon; tone: Tone }> = {
  granted: { word: "Yes", icon: Check, tone: "good" },
  denied: { word: "No", icon: X, tone: "danger" },
};

const WIDEST = 3; // columns that fit a side card

/** Purposes against channels, in words and marks, never in colour alone. */
export function MatrixCard({ title, ...matrix }: Payloads["matrix"] & { title: string }) {
  const { columns, rows } = matrix.columns.length > WIDEST ? turned(matrix) : matrix;
  return (
    <TableScroll label={`${title}, table`}>
      <table className="table matrix">
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              {row.cells.map((cell, index) => (
                <td key={index}>
                  <Mark cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

/** The same matrix with rows and columns exchanged: a card is narrow, but may be long. */
function turned({ columns, rows }: Payloads["matrix"]): Payloads["matrix"] {
  return {
    columns: rows.map(({ label }) => label),
    rows: columns.map((label, index) => ({
      label,
      cells: rows.map(({ cells }) => cells[index] ?? { state: "unknown" }),
    })),
  };
}

function Mark({ cell }: { cell: ConsentCell }) {
  if (cell.state === "unknown") return <span className="dim">Not asked</span>;
  const { word, icon: Icon, tone } = SHOWN[cell.state];
  const since = [cell.at ? dayText(cell.at) : null, cell.source_title].filter(Boolean).join(", ");
  return (
    <span className="matrix-mark tone-text" data-tone={tone} title={since || undefined}>
      <Icon size={14} aria-hidden />
      <span>{word}</span>
      {since && <span className="dim matrix-since">{since}</span>}
    </span>
  );
}
