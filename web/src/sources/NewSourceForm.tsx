import "../styles/sources.css";

import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { connectorsQuery } from "../api/connections.ts";
import { slugOf, useCreateSource } from "../api/sources.ts";
import { Trouble } from "../kit/Trouble.tsx";

const USUAL = "records_api";
const BY_FILE = "file";

interface Props {
  /** It sends by itself: it needs a key next. */
  onMade: (source: { slug: string; title: string }) => void;
  /** It is read, or proves itself by a secret: it needs its settings next. */
  onSettable?: (slug: string) => void;
}

/** Names a source and says what kind of system it is. */
export function NewSourceForm({ onMade, onSettable }: Props) {
  const [title, setTitle] = useState("");
  const [slug, setSlug] = useState("");
  const [connector, setConnector] = useState(USUAL);
  const kinds = useQuery(connectorsQuery).data?.connectors.filter(({ name }) => name !== BY_FILE) ?? [];
  const chosenKind = kinds.find(({ name }) => name === connector);
  const settable = onSettable && chosenKind && (chosenKind.reads || chosenKind.webhook !== null);
  const create = useCreateSource();
  const wanted = slug || slugOf(title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = { slug: wanted, title: title.trim() };
    create.mutate({ ...made, connector }, { onSuccess: () => (settable ? onSettable(made.slug) : onMade(made)) });
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
        label="Kind of source"
        size="sm"
        searchable
        maxDropdownHeight={320}
        data={[...new Set(kinds.map(({ category }) => category))].map((category) => ({
          group: category,
          items: kinds.filter((kind) => kind.category === category).map(({ name, title: kind }) => ({ value: name, label: kind })),
        }))}
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
          {settable ? "Add and connect" : "Add and make a key"}
        </Button>
      </div>
    </form>
  );
}
