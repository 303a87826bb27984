import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { Pencil } from "lucide-react";
import { type FormEvent, useState } from "react";

import { useChangeSource } from "../api/removals.ts";
import type { Source } from "../api/sources.ts";
import { countryChoices } from "../kit/places.ts";
import { say } from "../kit/say.tsx";
import { Trouble } from "../kit/Trouble.tsx";

/** What people call a source; whoever may set sources up changes it here. */
export function SourceTitle({ source, mayChange }: { source: Source; mayChange: boolean }) {
  const [editing, setEditing] = useState(false);
  if (editing) return <Rename source={source} onDone={() => setEditing(false)} />;
  return (
    <>
      <h1 className="page-title">
        <bdi>{source.title}</bdi>
      </h1>
      {mayChange && (
        <ActionIcon variant="subtle" color="gray" aria-label="Rename" title="Rename" onClick={() => setEditing(true)}>
          <Pencil size={15} aria-hidden />
        </ActionIcon>
      )}
    </>
  );
}

function Rename({ source, onDone }: { source: Source; onDone: () => void }) {
  const [title, setTitle] = useState(source.title);
  const [country, setCountry] = useState(source.country);
  const [countries] = useState(countryChoices);
  const change = useChangeSource(source.slug);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = { title: title.trim(), ...(country === source.country ? {} : { country }) };
    change.mutateAsync(wanted).then(
      () => {
        say("Renamed");
        onDone();
      },
      () => undefined,
    );
  };
  return (
    <form className="stack rename" aria-label="Rename the source" onSubmit={submit} onKeyDown={({ key }) => key === "Escape" && onDone()}>
      <div className="settings">
        <TextInput label="Name" required withAsterisk={false} autoFocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
        <Select
          label="Country of telephone numbers without one"
          placeholder="None"
          size="sm"
          searchable
          clearable
          data={countries}
          value={country}
          onChange={setCountry}
        />
      </div>
      {change.isError && <Trouble error={change.error} what="It was not changed" />}
      <div className="row">
        <Button type="submit" loading={change.isPending} disabled={!title.trim()}>
          Keep
        </Button>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
