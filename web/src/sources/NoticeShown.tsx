import { Button } from "@mantine/core";

import type { Draft } from "./use-draft.ts";

/** What the last change took away here, with the ways to mend it. */
export function NoticeShown({ at, draft }: { at: string; draft: Draft }) {
  const { notice, change, undo } = draft;
  if (notice?.at !== at) return null;
  const both = notice.both;
  return (
    <div className="mapping-notice">
      <p>{notice.text}</p>
      <div className="row wrap">
        {undo && (
          <Button variant="default" size="compact-sm" onClick={undo}>
            Undo
          </Button>
        )}
        {both && (
          <Button variant="default" size="compact-sm" onClick={() => change(both)}>
            Read both, the first filled one counts
          </Button>
        )}
      </div>
    </div>
  );
}
