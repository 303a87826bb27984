import { Button, Checkbox } from "@mantine/core";
import { useMemo, useState } from "react";

import type { ImportColumn, ImportMapping, ImportMeanings, ImportSpecial, ImportTarget } from "../api/imports.ts";
import { ShapeNote } from "../kit/Shape.tsx";
import { TableScroll } from "../kit/TableScroll.tsx";
import { type Choice, ColumnRow, KEPT } from "./ColumnRow.tsx";
import { MappingFrame } from "./MappingFrame.tsx";

const FIRST = 40; // rows; a file may have 300 columns

interface Props {
  columns: ImportColumn[];
  meanings: ImportMeanings;
  mapping: ImportMapping;
  disabled: boolean;
  onChange: (mapping: ImportMapping) => void;
}

/** What the file holds and which column means what, as proposed and open to correction. */
export function MappingEditor({ columns, meanings, mapping, disabled, onChange }: Props) {
  const { targets, specials } = meanings;
  const [all, setAll] = useState(false);
  const target = targets.find(({ id }) => id === mapping.target);
  const fields = useMemo(() => choicesOf(target, specials), [target, specials]);
  const set = (part: Partial<ImportMapping>) => onChange({ ...mapping, ...part });
  const turnId = (column: string, on: boolean) =>
    set({ id: on ? [...mapping.id, column] : mapping.id.filter((one) => one !== column) });
  const shown = all ? columns : columns.slice(0, FIRST);

  return (
    <fieldset className="mapping" disabled={disabled}>
      <legend className="part-title">What it means</legend>
      <MappingFrame columns={columns} targets={targets} mapping={mapping} set={set} />
      <div className="row wrap id-specials">
        {specials
          .filter(({ use }) => use === "id")
          .map(({ id, label }) => (
            <Checkbox
              key={id}
              label={`Id: ${label.toLowerCase()}`}
              checked={mapping.id.includes(id)}
              onChange={(event) => turnId(id, event.currentTarget.checked)}
            />
          ))}
      </div>
      {shown.some(({ masked }) => masked) && <ShapeNote />}
      <TableScroll label="Columns" className="mapping-table">
        <table className="table stacked">
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Id</th>
              <th scope="col">Samples</th>
              <th scope="col">Becomes</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((column) => (
              <ColumnRow
                key={column.name}
                column={column}
                fields={fields}
                field={mapping.columns[column.name] ?? null}
                isId={mapping.id.includes(column.name)}
                disabled={disabled}
                onField={(field) => set({ columns: { ...mapping.columns, [column.name]: field } })}
                onId={(on) => turnId(column.name, on)}
              />
            ))}
          </tbody>
        </table>
      </TableScroll>
      {columns.length > FIRST && (
        <Button variant="subtle" onClick={() => setAll(!all)}>
          {all ? "Show fewer columns" : `Show all ${columns.length} columns`}
        </Button>
      )}
    </fieldset>
  );
}

/** What a column can become: left as it is, left out, or a field of the target. */
function choicesOf(target: ImportTarget | undefined, specials: ImportSpecial[]): Choice[] {
  const own = specials.filter(({ use }) => use === "column").map(({ id, label }) => ({ value: id, label }));
  const fields = target?.fields.map(({ id, label }) => ({ value: id, label })) ?? [];
  return [{ value: KEPT, label: "Kept under its own name" }, ...own, ...fields];
}
