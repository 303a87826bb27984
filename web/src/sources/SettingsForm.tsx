import "../styles/connection.css";

import { Checkbox, NumberInput, PasswordInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";

import { useState } from "react";

import type { ConnectorKind, SettingSchema } from "../api/connections.ts";

export type Values = Record<string, unknown>;

interface Props {
  kind: ConnectorKind;
  values: Values;
  /** Names of the secrets that the server keeps. */
  kept: string[];
  onChange: (values: Values) => void;
}

/** A form made from the connector's own description of its settings. */
export function SettingsForm({ kind, values, kept, onChange }: Props) {
  const properties = Object.entries(kind.settings_schema.properties ?? {});
  const required = new Set(kind.settings_schema.required ?? []);
  return (
    <div className="settings">
      {properties.map(([name, schema]) => (
        <Setting
          key={name}
          name={name}
          schema={schema}
          required={required.has(name)}
          kept={kept.includes(name)}
          value={values[name] ?? schema.default}
          onChange={(value) => onChange({ ...values, [name]: value })}
        />
      ))}
    </div>
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

function Setting({ name, schema, required, kept, value, onChange }: SettingProps) {
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

interface JsonProps {
  shared: { label: string; description: string | undefined; required: boolean; withAsterisk: boolean };
  value: unknown;
  onChange: (value: unknown) => void;
}

/** What has no form of its own is written as JSON; it counts once it can be read. */
function JsonSetting({ shared, value, onChange }: JsonProps) {
  const [wrong, setWrong] = useState("");
  const read = (field: HTMLTextAreaElement) => {
    const typed = field.value.trim();
    let problem = "";
    try {
      onChange(typed ? JSON.parse(typed) : undefined);
    } catch {
      problem = "This is not JSON yet.";
    }
    // The form cannot be sent with half a setting.
    field.setCustomValidity(problem);
    setWrong(problem);
  };
  return (
    <Textarea
      {...shared}
      autosize
      minRows={3}
      maxRows={16}
      defaultValue={value === undefined ? "" : JSON.stringify(value, null, 2)}
      onChange={(event) => read(event.currentTarget)}
      error={wrong || undefined}
      classNames={{ input: "as-code" }}
    />
  );
}
