import { Checkbox, Select } from "@mantine/core";
import { memo } from "react";

import type { ImportColumn } from "../api/imports.ts";
import { Tag } from "../kit/Tag.tsx";
import { percentText } from "../kit/words.ts";

interface Props {
  column: ImportColumn;
  fields: { value: string; label: string }[];
  field: string | null;
  isId: boolean;
  disabled: boolean;
  onField: (field: string | null) => void;
  onId: (on: boolean) => void;
}

function Row({ column, fields, field, isId, disabled, onField, onId }: Props) {
  const proposed = column.proposed;
  const own = field && !fields.some(({ value }) => value === field) ? [{ value: field, label: field }] : [];
  return (
    <tr>
      <th scope="row" className="column-name">
        <bdi>{column.name}</bdi>
      </th>
      <td>
        <Checkbox
          aria-label={`${column.name} is part of the id`}
          checked={isId}
          disabled={disabled}
          onChange={(event) => onId(event.currentTarget.checked)}
        />
      </td>
      <td className="samples dim">
        {column.samples.slice(0, 3).map((sample, index) => (
          <bdi key={index} className="sample cut">
            {sample}
          </bdi>
        ))}
      </td>
      <td className="becomes">
        <Select
          aria-label={`${column.name} becomes`}
          placeholder="Left out"
          data={[...own, ...fields]}
          value={field}
          searchable
          clearable
          disabled={disabled}
          onChange={onField}
        />
        {proposed?.field && proposed.field === field && (
          <span className="dim proposed">
            <Tag tone="info">{percentText(proposed.confidence)}</Tag> {proposed.reason}
          </span>
        )}
      </td>
    </tr>
  );
}

export const ColumnRow = memo(Row);
