import { Button, Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";

import { type ConnectionBody, type FoundEntry, useFindInSource } from "../api/connections.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";
import { chosenOf, isSame, type Entry } from "./choose-found.ts";

const FILTERED = 12; // so many are looked through by eye

interface Props {
  slug: string;
  /** What people call what is found, such as tables. */
  noun: string;
  /** The settings as they stand in the form. */
  body: () => ConnectionBody;
  value: unknown;
  onChange: (value: Entry[]) => void;
}

/** Asks the source what it has, and takes what is ticked into the list of the form below. */
export function FindEntries({ slug, noun, body, value, onChange }: Props) {
  const find = useFindInSource(slug);
  const [words, setWords] = useState("");
  const found = find.data?.works ? find.data.found : [];
  const shown = found.filter(({ title }) => title.toLowerCase().includes(words.trim().toLowerCase()));
  const present: Entry[] = Array.isArray(value) ? (value as Entry[]) : [];
  const toggle = ({ entry }: FoundEntry, on: boolean) => onChange(chosenOf(present, entry, on));
  return (
    <div className="stack found">
      <div className="row wrap">
        <Button variant="default" size="compact-sm" loading={find.isPending} onClick={() => find.mutate(body())}>
          {find.data?.works ? "Look again" : `Find ${noun}`}
        </Button>
        {!find.data && <span className="dim">Looks what the source has, once server and user stand above.</span>}
        {find.data?.works && (
          <span role="status" className="dim">
            {found.length > 0 ? `${plural(found.length, noun.replace(/s$/, ""))} found. Tick what is to be read.` : `No ${noun} that this user may see.`}
          </span>
        )}
      </div>
      {find.isError && <Trouble error={find.error} what={`The ${noun} could not be looked for`} />}
      {find.data && !find.data.works && (
        <p role="status" className="works-not">
          {find.data.detail}
        </p>
      )}
      {found.length > FILTERED && (
        <TextInput aria-label={`Filter the ${noun}`} placeholder="Part of a name" value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      )}
      {shown.length > 0 && (
        <div className="found-list" role="group" aria-label={`Found ${noun}`}>
          {shown.map((one) => (
            <Checkbox
              key={one.title}
              label={one.title}
              description={one.detail}
              checked={present.some((entry) => isSame(entry, one.entry))}
              onChange={(event) => toggle(one, event.currentTarget.checked)}
            />
          ))}
        </div>
      )}
    </div>
  );
}
