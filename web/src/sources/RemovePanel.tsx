import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { type RemovalPreview, usePreviewRemoval, useRemoveSource } from "../api/removals.ts";
import type { Source } from "../api/sources.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { plural } from "../kit/words.ts";

/** Takes a source out as a whole: what would go is shown first, and its name typed. */
export function RemovePanel({ source }: { source: Source }) {
  const preview = usePreviewRemoval(source.slug);
  return (
    <section className="panel stack removal" aria-labelledby="removal">
      <div className="row wrap">
        <h2 id="removal" className="part-title grow">
          Remove this source
        </h2>
        {!preview.data && (
          <Button variant="default" size="compact-sm" loading={preview.isPending} onClick={() => preview.mutate()}>
            See what would go
          </Button>
        )}
      </div>
      <p className="dim">Nothing is read from it any more, and what it said is taken back. It can be brought back as it was.</p>
      {preview.isError && <Trouble error={preview.error} what="It could not be looked at" />}
      {preview.data && <Confirm source={source} preview={preview.data} onLeave={preview.reset} />}
    </section>
  );
}

function Confirm({ source, preview, onLeave }: { source: Source; preview: RemovalPreview; onLeave: () => void }) {
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const remove = useRemoveSource(source.slug);
  const ready = reason.trim() !== "" && typed.trim() === source.title.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) remove.mutate({ reason: reason.trim() });
  };
  return (
    <form className="stack" aria-label="Remove the source" onSubmit={submit}>
      <div role="status" aria-label="What would go">
        <ul className="import-notes">
          {whatGoes(preview).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <TextInput
        label="Reason"
        placeholder="Why it goes; kept with your name"
        autoComplete="off"
        maxLength={1000}
        value={reason}
        autoFocus
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label={`To remove it, type its name: ${source.title}`}
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {remove.isError && <Trouble error={remove.error} what="It was not removed" />}
      <div className="row wrap">
        <Button type="submit" color="red" loading={remove.isPending} disabled={!ready}>
          Remove it
        </Button>
        <Button variant="default" onClick={onLeave}>
          Leave it
        </Button>
      </div>
    </form>
  );
}

/** Counting ends behind it. */
const MOST = 100_000;

function counted(count: number, one: string): string {
  return count > MOST ? `more than ${plural(MOST, one)}` : plural(count, one);
}

function whatGoes(preview: RemovalPreview): string[] {
  const { records, interactions, customers_gone: gone, customers_changed: changed, keys } = preview;
  const said = [records > 0 && counted(records, "record"), interactions > 0 && counted(interactions, "interaction")].filter(Boolean);
  const least = records > MOST ? "At least " : "";
  return [
    said.length > 0 ? `${said.join(" and ").replace(/^m/, "M")} of it are taken back.` : "It has said nothing that would be taken back.",
    gone > 0 && `${least}${plural(gone, "customer vanishes", "customers vanish")}, because no other source knows them.`,
    changed > 0 && `${least}${plural(changed, "customer loses", "customers lose")} values that only this source states.`,
    keys > 0 ? `Its ${plural(keys, "key")} and its credentials end, and must be given anew when it is brought back.` : "Its credentials are forgotten, and must be given anew when it is brought back.",
  ].filter((line) => line !== false);
}
