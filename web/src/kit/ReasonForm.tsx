import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { Trouble } from "./Trouble.tsx";

interface Props {
  title: string;
  explain: string;
  act: string;
  mutation: { isPending: boolean; isError: boolean; error: Error | null };
  onSubmit: (reason: string) => void;
  onCancel: () => void;
}

/** Asks for the reason of a judgement; what a person decides is kept with why. */
export function ReasonForm({ title, explain, act, mutation, onSubmit, onCancel }: Props) {
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) onSubmit(reason.trim());
  };
  return (
    <form onSubmit={submit} className="reason" aria-label={title}>
      <p className="dim">{explain}</p>
      <TextInput
        label="Reason"
        placeholder="What makes you sure"
        required
        withAsterisk={false}
        value={reason}
        ref={(field) => {
          if (field && reason === "") field.focus();
        }}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {mutation.isError && mutation.error && <Trouble error={mutation.error} what={`${title} did not work`} />}
      <div className="row">
        <Button type="submit" loading={mutation.isPending} disabled={!reason.trim()}>
          {act}
        </Button>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
