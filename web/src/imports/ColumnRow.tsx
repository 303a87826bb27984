import { Checkbox, Select } from "@mantine/core";
import { memo } from "react";

import type { ImportColumn } from "../api/imports.ts";
import { Samples } from "../kit/Samples.tsx";
import { Tag } from "../kit/Tag.tsx";
import { percentText } from "../kit/words.ts";

/** Stands for "no field": the column is kept under its own name. */
export const KEPT = "";

export interface Choice {
  value: string;
  label: string;
}

interface Props {
  column: ImportColumn;
  fields: Choice[];
  field: string | null;
  isId: boolean;
  disabled: boolean;
  onField: (field: string | null) => void;
  onId: (on: boolean) => void;
}

function Row({ column, fields, field, isId, disabled, onField, onId }: Props) {
  const proposed = column.proposed;
  const known = field === null || fields.some(({ value }) => value === field);
  return (
    <tr>
      <th scope="row" className="column-name">
        <bdi>{column.name}</bdi>
      </th>
      <td data-label="Part of the id">
        <Checkbox
          aria-label={`${column.name} is part of the id`}
          checked={isId}
          disabled={disabled}
          onChange={(event) => onId(event.currentTarget.checked)}
        />
      </td>
      <td className="samples dim">
        <Samples samples={column.samples} masked={column.masked} />
      </td>
      <td className="becomes">
        <Select
          aria-label={`${column.name} becomes`}
          data={known ? fields : [{ value: field, label: field }, ...fields]}
          value={field ?? KEPT}
          searchable
          allowDeselect={false}
          disabled={disabled}
          onChange={(chosen) => onField(chosen || null)}
        />
        {proposed.field !== null && proposed.field === field && (
          <span className="dim proposed">
            <Tag tone="info">{percentText(proposed.confidence)}</Tag> {proposed.reason}
          </span>
        )}
      </td>
    </tr>
  );
}

export const ColumnRow = memo(Row);
