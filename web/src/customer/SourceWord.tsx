import { Popover } from "@mantine/core";
import { useState } from "react";

import type { Value } from "../api/types.ts";
import { plural } from "../kit/words.ts";
import { ProvenanceNote } from "./ProvenanceNote.tsx";

/** The word at a value's end that says where it is from; opens the reasons. */
export function SourceWord({ value }: { value: Value }) {
  const [open, setOpen] = useState(false);
  if (!value.source_title) return null;
  const others = value.others > 0 ? `, ${plural(value.others, "other value")}` : "";
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width={320} withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className="source-word"
          aria-label={`${value.label} is from ${value.source_title}${others}. Where is this from?`}
          onClick={() => setOpen(!open)}
        >
          <span>{value.source_title}</span>
          {value.others > 0 && <span className="source-more">+{value.others}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        {open && <ProvenanceNote field={value.field} label={value.label} onClose={() => setOpen(false)} />}
      </Popover.Dropdown>
    </Popover>
  );
}
