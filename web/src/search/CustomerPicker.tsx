import "../styles/search.css";

import { TextInput } from "@mantine/core";
import { useState } from "react";

import type { SearchResult } from "../api/types.ts";
import { Trouble } from "../kit/Trouble.tsx";
import { useShortSearch } from "./customer-search.ts";
import { NoHits } from "./NoHits.tsx";
import { ResultLine } from "./ResultLine.tsx";
import { useOptionKeys } from "./use-option-keys.ts";

interface Props {
  label: string;
  /** Never offered, e.g. the customer that is already on the screen. */
  without: string;
  onPick: (hit: SearchResult) => void;
}

/** A search field that picks one customer, for use inside dialogs. */
export function CustomerPicker({ label, without, onPick }: Props) {
  const [text, setText] = useState("");
  const search = useShortSearch(text);
  const hits = (search.page?.results ?? []).filter((hit) => hit.id !== without);
  const keys = useOptionKeys(
    hits.length,
    (index) => {
      const hit = hits[index];
      if (hit && !search.behind) onPick(hit);
    },
    text,
  );
  return (
    <div className="stack">
      <TextInput
        {...keys.field}
        label={label}
        placeholder="Name, email, phone, order, ticket"
        value={text}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {search.error && <Trouble error={search.error} what="The search did not answer" onRetry={search.retry} />}
      <div {...keys.list} aria-label="Hits" className="picker-hits">
        {hits.map((hit, index) => (
          <div key={hit.id} className="hit" {...keys.option(index)}>
            <ResultLine result={hit} />
          </div>
        ))}
      </div>
      {search.page && hits.length === 0 && !search.behind && (
        <NoHits text={text.trim()} searched={search.page.searched} />
      )}
    </div>
  );
}
