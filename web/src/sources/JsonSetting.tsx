import { Textarea } from "@mantine/core";
import { useState } from "react";

interface JsonProps {
  shared: { label: string; description: string | undefined; required: boolean; withAsterisk: boolean };
  value: unknown;
  onChange: (value: unknown) => void;
}

/** What has no form of its own is written as JSON; it counts once it can be read. */
export function JsonSetting({ shared, value, onChange }: JsonProps) {
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
