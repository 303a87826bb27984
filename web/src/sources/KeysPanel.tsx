import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { keysQuery, useEndKey } from "../api/sources.ts";
import { Moment } from "../kit/Moment.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { KeyNote } from "./KeyNote.tsx";

/** The keys that systems send events of a source with: how many there are, a new one, the end of one. */
export function KeysPanel({ slug }: { slug: string }) {
  const answer = useQuery(keysQuery(slug));
  const end = useEndKey(slug);
  const [asked, setAsked] = useState<string | null>(null);
  const keys = answer.data?.keys.filter(({ revoked_at: ended }) => ended === null) ?? [];
  return (
    <section className="panel stack keys" aria-labelledby="keys">
      <h2 id="keys" className="part-title">
        Keys
      </h2>
      {answer.isError && <Trouble error={answer.error} what="The keys could not be loaded" />}
      {end.isError && <Trouble error={end.error} what="The key goes on" />}
      {keys.length > 0 && (
        <ul className="stack" aria-label="Keys in use">
          {keys.map(({ id, hint, created_at: made }) => (
            <li key={id} className="row wrap">
              <span className="grow">
                … <code>{hint}</code>{" "}
                <span className="dim">
                  made <Moment at={made} />
                </span>
              </span>
              {asked === id && (
                <Button color="red" size="compact-sm" loading={end.isPending} onClick={() => end.mutate(id, { onSettled: () => setAsked(null) })}>
                  End it for good
                </Button>
              )}
              <Button variant="default" size="compact-sm" aria-label={asked === id ? "Leave it" : `End the key ${hint}`} onClick={() => setAsked(asked === id ? null : id)}>
                {asked === id ? "Leave it" : "End it"}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <KeyNote slug={slug} />
    </section>
  );
}
