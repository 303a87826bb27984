import "../styles/sources.css";

import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";

import type { ConnectorKind } from "../api/connections.ts";
import { slugOf, sourcesQuery, useCreateSource } from "../api/sources.ts";
import { countryChoices, currencyChoices } from "../kit/places.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { BY_FILE, isReached, needsOf } from "./describe-kind.ts";
import { KindPicker } from "./KindPicker.tsx";

interface Props {
  /** It sends by itself: it needs a key next. */
  onMade: (source: { slug: string; title: string }) => void;
  /** It is read, or proves itself by a secret: it needs its settings next. */
  onReached: (slug: string) => void;
}

/** First the kind of system, then its name. */
export function NewSourceForm({ onMade, onReached }: Props) {
  const [kind, setKind] = useState<ConnectorKind | null>(null);
  if (!kind) return <KindPicker onPick={setKind} />;
  return (
    <div className="stack">
      <div className="row wrap chosen-kind">
        <div className="grow">
          <strong>{kind.title}</strong>
          <p className="dim">{needsOf(kind)}.</p>
        </div>
        <Button variant="default" size="compact-sm" onClick={() => setKind(null)}>
          Another kind
        </Button>
      </div>
      {kind.name === BY_FILE ? <ToImports /> : <NameForm kind={kind} onMade={onMade} onReached={onReached} />}
    </div>
  );
}

function ToImports() {
  return (
    <div className="stack">
      <p>A file is looked at, tried and then imported; the first import makes its source.</p>
      <div>
        <Button data-autofocus renderRoot={(props) => <Link to="/imports" {...props} />}>
          Import a file
        </Button>
      </div>
    </div>
  );
}

function NameForm({ kind, onMade, onReached }: Props & { kind: ConnectorKind }) {
  const taken = useQuery(sourcesQuery).data?.sources.map(({ slug }) => slug) ?? [];
  const [title, setTitle] = useState(() => (kind.mapped ? freeTitle(kind.title, taken) : ""));
  const [slug, setSlug] = useState("");
  const [country, setCountry] = useState<string | null>(null);
  const [currency, setCurrency] = useState<string | null>(null);
  const countries = useMemo(countryChoices, []);
  const currencies = useMemo(currencyChoices, []);
  const create = useCreateSource();
  const wanted = slug || slugOf(title);
  const reached = isReached(kind);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const made = { slug: wanted, title: title.trim(), connector: kind.name, country, currency };
    create.mutate(made, { onSuccess: () => (reached ? onReached(made.slug) : onMade(made)) });
  };
  return (
    <form onSubmit={submit} className="stack">
      <TextInput
        label="Name"
        description="As colleagues know it; it stands at the end of every value it sends."
        placeholder="Web shop"
        required
        withAsterisk={false}
        autoFocus
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <div className="settings">
        <Select
          label="Country"
          description="Of telephone numbers without a country code."
          placeholder="None"
          size="sm"
          searchable
          clearable
          data={countries}
          value={country}
          onChange={setCountry}
        />
        <Select
          label="Currency"
          description="Of amounts without one."
          placeholder="None"
          size="sm"
          searchable
          clearable
          data={currencies}
          value={currency}
          onChange={setCurrency}
        />
      </div>
      <TextInput
        label="Short name in addresses"
        description="It stays as it is, also when the source is renamed."
        placeholder="web_shop"
        value={wanted}
        error={taken.includes(wanted) ? "Another source is called so; choose another short name." : undefined}
        onChange={(event) => setSlug(event.currentTarget.value)}
      />
      {create.isError && <Trouble error={create.error} what="The source could not be added" />}
      <div>
        <Button type="submit" loading={create.isPending} disabled={!title.trim() || !wanted || taken.includes(wanted)}>
          {reached ? "Add and connect" : "Add and make a key"}
        </Button>
      </div>
    </form>
  );
}

/** The name of the system, with a number when there is a source of that name. */
function freeTitle(title: string, taken: string[]): string {
  let tried = title;
  for (let number = 2; taken.includes(slugOf(tried)); number += 1) tried = `${title} ${number}`;
  return tried;
}
