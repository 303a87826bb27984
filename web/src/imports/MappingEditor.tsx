import "../styles/table.css";

import { Button, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import type { ImportColumn, ImportMapping, ImportTarget } from "../api/imports.ts";
import { ColumnRow } from "./ColumnRow.tsx";

const FIRST = 40; // rows; a file may have 300 columns

interface Props {
  columns: ImportColumn[];
  targets: ImportTarget[];
  mapping: ImportMapping;
  disabled: boolean;
  onChange: (mapping: ImportMapping) => void;
}

/** What the file holds and which column means what, as proposed and open to correction. */
export function MappingEditor({ columns, targets, mapping, disabled, onChange }: Props) {
  const [all, setAll] = useState(false);
  const target = targets.find(({ id }) => id === mapping.target);
  const fields = (target?.fields ?? []).map(({ id, label }) => ({ value: id, label }));
  const set = (part: Partial<ImportMapping>) => onChange({ ...mapping, ...part });
  const turnId = (column: string, on: boolean) =>
    set({ id: on ? [...mapping.id, column] : mapping.id.filter((one) => one !== column) });
  const shown = all ? columns : columns.slice(0, FIRST);

  return (
    <fieldset className="mapping" disabled={disabled}>
      <legend className="part-title">What it means</legend>
      <Frame columns={columns} targets={targets} mapping={mapping} set={set} />
      <div className="table-scroll mapping-table" tabIndex={0} role="region" aria-label="Columns">
        <table className="table">
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
      </div>
      {columns.length > FIRST && (
        <Button variant="subtle" onClick={() => setAll(!all)}>
          {all ? "Show fewer columns" : `Show all ${columns.length} columns`}
        </Button>
      )}
    </fieldset>
  );
}

interface FrameProps {
  columns: ImportColumn[];
  targets: ImportTarget[];
  mapping: ImportMapping;
  set: (part: Partial<ImportMapping>) => void;
}

function Frame({ columns, targets, mapping, set }: FrameProps) {
  const names = columns.map(({ name }) => name);
  const isParty = mapping.target === "person" || mapping.target === "organisation";
  return (
    <div className="mapping-frame">
      <Select
        label="Each row is"
        data={targets.map(({ id, label }) => ({ value: id, label }))}
        value={mapping.target}
        searchable
        allowDeselect={false}
        onChange={(target) => target && set({ target })}
      />
      <TextInput size="xs" label="Stream" value={mapping.stream} onChange={(event) => set({ stream: event.currentTarget.value })} />
      {!isParty && (
        <>
          <Select
            label="Customer's id is in"
            data={names}
            value={mapping.party?.column ?? null}
            searchable
            clearable
            onChange={(column) => set({ party: column ? { stream: mapping.party?.stream ?? "customers", column } : null })}
          />
          {mapping.party && (
            <TextInput
              size="xs"
              label="of the stream"
              value={mapping.party.stream}
              onChange={(event) => set({ party: { column: mapping.party?.column ?? "", stream: event.currentTarget.value } })}
            />
          )}
          <Select
            label="Happened at"
            data={names}
            value={mapping.occurred_at}
            searchable
            clearable
            onChange={(column) => set({ occurred_at: column })}
          />
          <TextInput
            size="xs"
            label="Currency"
            placeholder="EUR"
            value={mapping.currency ?? ""}
            onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() || null })}
          />
        </>
      )}
      <Select
        label="Changed at"
        data={names}
        value={mapping.updated_at}
        searchable
        clearable
        onChange={(column) => set({ updated_at: column })}
      />
    </div>
  );
}
