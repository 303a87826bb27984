import { Select, TextInput } from "@mantine/core";

import type { ImportColumn, ImportMapping, ImportTarget } from "../api/imports.ts";

interface Props {
  columns: ImportColumn[];
  targets: ImportTarget[];
  mapping: ImportMapping;
  set: (part: Partial<ImportMapping>) => void;
}

/** What the rows are, and the columns that say whose they are and when. */
export function MappingFrame({ columns, targets, mapping, set }: Props) {
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
