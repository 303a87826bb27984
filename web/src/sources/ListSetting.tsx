import { Button } from "@mantine/core";
import { Plus } from "lucide-react";
import { useId, useState } from "react";

import type { SettingSchema } from "../api/connections.ts";
import { JsonSetting } from "./JsonSetting.tsx";
import { Setting, type Values } from "./SettingsForm.tsx";

const FIRST = 2; // settings of an entry that are always seen

interface Props {
  label: string;
  description: string | undefined;
  required: boolean;
  withAsterisk: boolean;
  /** The description of one entry. */
  entry: SettingSchema;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Several entries of the same form, such as the tables of a database; or all of them as text. */
export function ListSetting({ entry, value, onChange, ...shared }: Props) {
  const [asText, setAsText] = useState(false);
  const heading = useId();
  const entries: Values[] = Array.isArray(value) && value.length > 0 ? (value as Values[]) : [{}];
  const set = (index: number, next: Values) => onChange(entries.map((one, at) => (at === index ? without(next) : one)));
  return (
    <div className="list-setting" role="group" aria-labelledby={heading}>
      <div className="row wrap">
        <span id={heading} className="list-label grow">
          {shared.label}
        </span>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => setAsText(!asText)}>
          {asText ? "As a form" : "As text"}
        </Button>
      </div>
      {shared.description && <p className="dim">{shared.description}</p>}
      {asText && <JsonSetting shared={{ ...shared, description: undefined }} value={value} onChange={onChange} />}
      {!asText &&
        entries.map((one, index) => (
          <Entry
            key={index}
            title={`${shared.label}: ${index + 1}`}
            entry={entry}
            value={one}
            onChange={(next) => set(index, next)}
            onRemove={entries.length > 1 ? () => onChange(entries.filter((_, at) => at !== index)) : null}
          />
        ))}
      {!asText && (
        <div>
          <Button variant="default" size="compact-sm" leftSection={<Plus size={13} aria-hidden />} onClick={() => onChange([...entries, {}])}>
            One more
          </Button>
        </div>
      )}
    </div>
  );
}

interface EntryProps {
  title: string;
  entry: SettingSchema;
  value: Values;
  onChange: (value: Values) => void;
  /** Absent for the only one. */
  onRemove: (() => void) | null;
}

function Entry({ title, entry, value, onChange, onRemove }: EntryProps) {
  const [filled] = useState(() => Object.keys(value));
  const all = Object.entries(entry.properties ?? {});
  const first = all.filter(([name], index) => index < FIRST || filled.includes(name));
  const more = all.filter((one) => !first.includes(one));
  const shown = ([name, schema]: [string, SettingSchema]) => (
    <Setting
      key={name}
      name={name}
      schema={schema}
      required={false}
      kept={false}
      value={value[name] ?? schema.default}
      onChange={(typed) => onChange({ ...value, [name]: typed })}
    />
  );
  return (
    <fieldset className="list-entry" aria-label={title}>
      <div className="settings">{first.map(shown)}</div>
      <div className="row wrap">
        {more.length > 0 && (
          <details className="more-settings grow">
            <summary>More of this one ({more.length})</summary>
            <div className="settings">{more.map(shown)}</div>
          </details>
        )}
        {onRemove && (
          <Button variant="subtle" color="gray" size="compact-sm" aria-label={`Take away ${title}`} onClick={onRemove}>
            Take it away
          </Button>
        )}
      </div>
    </fieldset>
  );
}

/** The entry without what was emptied. */
function without(value: Values): Values {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== "" && !(Array.isArray(one) && one.length === 0)));
}
