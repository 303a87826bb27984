import "../styles/search.css";
import "../styles/sources.css";

import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useId, useState } from "react";

import { type ConnectorKind, connectorsQuery } from "../api/connections.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useOptionKeys } from "../search/use-option-keys.ts";
import { groupKinds, needsOf } from "./describe-kind.ts";

/** Every kind of source in groups, each with a line of what it needs; typing narrows the list at once. */
export function KindPicker({ onPick }: { onPick: (kind: ConnectorKind) => void }) {
  const answer = useQuery(connectorsQuery);
  const [typed, setTyped] = useState("");
  const groups = groupKinds(answer.data?.connectors ?? [], typed);
  const listed = groups.flatMap(({ kinds }) => kinds);
  const heading = useId();
  const keys = useOptionKeys(
    listed.length,
    (index) => {
      const kind = listed[index];
      if (kind) onPick(kind);
    },
    typed,
  );
  return (
    <div className="stack">
      <TextInput
        {...keys.field}
        label="What does it run on?"
        placeholder="Shopify, PostgreSQL, CSV, Segment …"
        leftSection={<Search size={15} aria-hidden />}
        value={typed}
        data-autofocus
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {answer.isError && <Trouble error={answer.error} what="The kinds of source could not be loaded" onRetry={() => void answer.refetch()} />}
      {answer.isPending && (
        <Late>
          <Skeleton height={40} lines={6} />
        </Late>
      )}
      <div {...keys.list} aria-label="Kinds of source" className="kinds">
        {groups.map(({ title, kinds }, group) => (
          <div key={title} role="group" aria-labelledby={`${heading}-${group}`}>
            <p id={`${heading}-${group}`} className="kinds-group dim">
              {title}
            </p>
            {kinds.map((kind) => (
              <div key={kind.name} className="hit kind" {...keys.option(listed.indexOf(kind))}>
                <span className="kind-title">{kind.title}</span>
                <span className="dim kind-needs">{needsOf(kind)}</span>
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
