import type { Health } from "../api/connections.ts";
import type { Tone } from "../api/types.ts";
import { Tag } from "../kit/Tag.tsx";

const WORDS: Partial<Record<string, [string, Tone | null]>> = {
  well: ["Well", "good"],
  late: ["Late", "warn"],
  failing: ["Failing", "danger"],
  off: ["Off", null],
  waiting: ["Waiting", null],
};

/** How a source is doing, in a word. */
export function HealthTag({ health }: { health: Health }) {
  // A state that this client does not know is shown as the server calls it.
  const [word, tone] = WORDS[health.state] ?? [health.state, null];
  return (
    <>
      <Tag tone={tone}>{word}</Tag>
      {!health.shown && <Tag>Not shown</Tag>}
    </>
  );
}
