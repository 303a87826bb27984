import { Button, Textarea } from "@mantine/core";
import { useState } from "react";

import type { StreamMapping } from "../api/mappings.ts";

/** The mapping as text, for what the table cannot say: conditions, templates, words. */
export function MappingText({ mapping, onChange }: { mapping: StreamMapping; onChange: (mapping: StreamMapping) => void }) {
  const [text, setText] = useState<string | null>(null);
  const typed = text === null ? null : readText(text);
  return (
    <details className="mapping-text">
      <summary>The mapping as text</summary>
      <Textarea
        aria-label="The mapping as text"
        autosize
        minRows={8}
        maxRows={30}
        ff="monospace"
        value={text ?? JSON.stringify(mapping, null, 2)}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text !== null && !typed ? "This is not JSON yet." : undefined}
      />
      <Button
        variant="default"
        size="compact-sm"
        disabled={!typed}
        onClick={() => {
          if (typed) onChange(typed);
          setText(null);
        }}
      >
        Try the text
      </Button>
    </details>
  );
}

function readText(text: string): StreamMapping | null {
  try {
    const read = JSON.parse(text) as StreamMapping;
    return Array.isArray(read.items) ? read : null;
  } catch {
    return null;
  }
}
