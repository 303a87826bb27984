import "../styles/connection.css";

import { Checkbox, NumberInput, PasswordInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";

import { Fragment, useState } from "react";

import type { ConnectionBody, ConnectorKind, SettingSchema } from "../api/connections.ts";
import { arranged } from "./arrange-settings.ts";
import { FindEntries } from "./FindEntries.tsx";
import { JsonSetting } from "./JsonSetting.tsx";
import { ListSetting } from "./ListSetting.tsx";

export type Values = Record<string, unknown>;

interface Props {
  kind: ConnectorKind;
  values: Values;
  /** Names of the secrets that the server keeps. */
  kept: string[];
  onChange: (values: Values) => void;
  /** Which source is asked for what it has, with the settings of the form. */
  slug: string;
  body: () => ConnectionBody;
}

/** A form made from the connector's own description of its settings; what can stay as it is must be opened. */
export function SettingsForm({ kind, values, kept, onChange, slug, body }: Props) {
  // What is filled in while typing must not jump from one part to the other.
  const [filled] = useState(() => [...Object.keys(values), ...kept]);
  const { first, more } = arranged(kind, filled);
  const required = new Set(kind.settings_schema.required ?? []);
  const shown = ([name, schema]: [string, SettingSchema]) => {
    const set = (value: unknown) => onChange({ ...values, [name]: value });
    return (
      <Fragment key={name}>
        {kind.finds?.setting === name && <FindEntries slug={slug} noun={kind.finds.noun} body={body} value={values[name]} onChange={set} />}
        <Setting name={name} schema={schema} required={required.has(name)} kept={kept.includes(name)} value={values[name] ?? schema.default} onChange={set} />
      </Fragment>
    );
  };
  return (
    <>
      <div className="settings">{first.map(shown)}</div>
      {more.length > 0 && (
        <details className="more-settings">
          <summary>More settings ({more.length})</summary>
          <div className="settings">{more.map(shown)}</div>
        </details>
      )}
    </>
  );
}

interface SettingProps {
  name: string;
  schema: SettingSchema;
  required: boolean;
  kept: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

export function Setting({ name, schema, required, kept, value, onChange }: SettingProps) {
  const label = schema.title ?? name;
  const shared = { label, description: schema.description, required: required && !kept, withAsterisk: required };
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : String(value);
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  const long = schema.format === "textarea" || schema.contentMediaType !== undefined;
  if (schema.writeOnly && !long && (type === undefined || type === "string")) {
    return (
      <PasswordInput
        {...shared}
        placeholder={kept ? "kept; type to replace it" : undefined}
        autoComplete="off"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (schema.enum) {
    return (
      <Select {...shared} data={schema.enum.map(String)} value={text || null} allowDeselect={!required} onChange={(chosen) => onChange(chosen ?? undefined)} />
    );
  }
  if (type === "boolean") {
    return <Checkbox label={label} description={schema.description} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  if (type === "integer" || type === "number") {
    return (
      <NumberInput
        {...shared}
        {...(schema.minimum === undefined ? {} : { min: schema.minimum })}
        {...(schema.maximum === undefined ? {} : { max: schema.maximum })}
        allowDecimal={type === "number"}
        value={typeof value === "number" ? value : ""}
        onChange={(typed) => onChange(typed === "" ? undefined : Number(typed))}
      />
    );
  }
  if (type === "array" && (schema.items?.type ?? "string") === "string") {
    return <TagsInput {...shared} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
  }
  if (type === "array" && schema.items?.properties) {
    return <ListSetting {...shared} entry={schema.items} value={value} onChange={onChange} />;
  }
  if (type === "object" || type === "array") {
    return <JsonSetting shared={shared} value={value} onChange={onChange} />;
  }
  if (long) {
    return <Textarea {...shared} autosize minRows={4} maxRows={16} placeholder={kept ? "kept; type to replace it" : undefined} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  const example = schema.examples?.[0];
  return (
    <TextInput {...shared} placeholder={typeof example === "string" ? example : undefined} value={text} onChange={(event) => onChange(event.currentTarget.value || undefined)} />
  );
}
