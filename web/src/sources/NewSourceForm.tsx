import "../styles/sources.css";

import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { slugOf, sourcesQuery, useCreateSource } from "../api/sources.ts";
import { Trouble } from "../kit/Trouble.tsx";

const USUAL = "records_api";
const BY_FILE = "file";

/** Names a source that will send its events by itself. */
export function NewSourceForm({ onMade }: { onMade: (source: { slug: string; title: string }) => void }) {
  const [title, setTitle] = useState("");
  const [slug, setSlug] = useState("");
  const [connector, setConnector] = useState(USUAL);
  const kinds = useQuery(sourcesQuery).data?.connectors.filter(({ name }) => name !== BY_FILE) ?? [];
  const create = useCreateSource();
  const wanted = slug || slugOf(title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = { slug: wanted, title: title.trim() };
    create.mutate({ ...made, connector }, { onSuccess: () => onMade(made) });
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label="Name"
        description="As colleagues know it; it stands at the end of every value it sends."
        placeholder="Web shop"
        required
        withAsterisk={false}
        data-autofocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Select
        label="It sends through"
        size="sm"
        data={kinds.map(({ name, title: kind }) => ({ value: name, label: kind }))}
        value={connector}
        allowDeselect={false}
        onChange={(chosen) => chosen && setConnector(chosen)}
      />
      <TextInput
        label="Short name in addresses"
        placeholder="web_shop"
        value={slug || slugOf(title)}
        onChange={(event) => setSlug(event.currentTarget.value)}
      />
      {create.isError && <Trouble error={create.error} what="The source could not be added" />}
      <div>
        <Button type="submit" loading={create.isPending} disabled={!title.trim() || !wanted}>
          Add and make a key
        </Button>
      </div>
    </form>
  );
}
