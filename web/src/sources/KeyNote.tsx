import "../styles/sources.css";

import { Button } from "@mantine/core";
import { KeyRound } from "lucide-react";

import { useMakeKey } from "../api/sources.ts";
import { Copyable } from "../kit/Copyable.tsx";
import { Trouble } from "../kit/Trouble.tsx";

/** Makes a key, shows it once, with lines that can be pasted into a terminal. */
export function KeyNote({ slug }: { slug: string }) {
  const made = useMakeKey(slug);
  const key = made.data?.key;
  if (!key) {
    return (
      <div className="stack">
        <p>A key lets a system send events of this source, and nothing else. It is shown once; earlier keys stay valid.</p>
        {made.isError && <Trouble error={made.error} what="No key could be made" />}
        <div>
          <Button leftSection={<KeyRound size={14} aria-hidden />} loading={made.isPending} onClick={() => made.mutate()} data-autofocus>
            Make a key
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="stack">
      <p>
        <strong>Keep this key now.</strong> It is not shown again; only a hash of it is stored.
      </p>
      <Copyable label="The key" text={key} />
      <p>Send a first customer:</p>
      <Copyable label="A curl line" text={curlLine(slug, key)} />
      <p className="dim">
        Segment and RudderStack libraries work too: give them this key as the write key and {window.location.origin} as the host.
      </p>
    </div>
  );
}

function curlLine(slug: string, key: string): string {
  const record = { stream: "customers", id: "1", kind: "person", fields: { full_name: "Ada Example", email: "ada@example.com" } };
  return [
    `curl ${window.location.origin}/api/v1/sources/${slug}/records \\`,
    `  -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\`,
    `  -d '${JSON.stringify(record)}'`,
  ].join("\n");
}
