import { ChevronRight } from "lucide-react";

import type { Entry } from "../api/types.ts";
import { Tag } from "../kit/Tag.tsx";
import { EntryDetail } from "./EntryDetail.tsx";
import { entryIcon } from "./entry-icons.ts";
import { EntryMoment } from "./EntryMoment.tsx";

interface Props {
  entry: Entry;
  isNew: boolean;
  open: boolean;
  onToggle: () => void;
}

/** One sentence about what happened; Enter or a click opens its detail in place. */
export function EntryRow({ entry, isNew, open, onToggle }: Props) {
  const Icon = entryIcon(entry.type);
  return (
    <div className={isNew ? "entry entry-new" : "entry"} data-open={open || undefined} data-entry={entry.id}>
      <button type="button" className="entry-button" aria-expanded={open} onClick={onToggle}>
        <Icon size={15} aria-hidden className="entry-icon" data-tone={entry.tone ?? "neutral"} />
        <span className="entry-words">
          <bdi className="entry-sentence">{entry.sentence}</bdi>
          {entry.detail && <bdi className="dim entry-more">{entry.detail}</bdi>}
        </span>
        {entry.status && <Tag tone={entry.tone}>{entry.status}</Tag>}
        {entry.amount && <span className="num entry-amount">{entry.amount}</span>}
        <span className="dim entry-source">{entry.source_title}</span>
        <span className="dim entry-when">
          <EntryMoment entry={entry} />
        </span>
        <ChevronRight size={14} aria-hidden className="entry-arrow" />
      </button>
      {open && <EntryDetail entry={entry} />}
    </div>
  );
}
