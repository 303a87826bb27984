import { Button, Progress } from "@mantine/core";

import { isUnderWay, type Removal, useBringBack } from "../api/removals.ts";
import { Moment } from "../kit/Moment.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText } from "../kit/words.ts";

const WORDS: Record<Removal["status"], string> = {
  removing: "being removed",
  removed: "removed",
  restoring: "being brought back",
  restored: "brought back",
  failed: "stopped",
};

/** A source that was removed: how far that is, what is left to do, and the way back. */
export function RemovedSource({ one }: { one: Removal }) {
  const back = useBringBack(one.source);
  const going = isUnderWay(one);
  return (
    <li className="panel removed stack">
      <div className="row wrap">
        <strong className="cut">
          <bdi>{one.title}</bdi>
        </strong>
        <Tag tone={one.status === "failed" ? "danger" : undefined}>{WORDS[one.status]}</Tag>
        <span className="dim grow">
          <Moment at={one.asked_at} /> by {one.asked_by}
        </span>
        {!going && (
          <Button variant="default" size="compact-sm" loading={back.isPending} onClick={() => back.mutate()} aria-label={`Bring ${one.title} back`}>
            Bring it back
          </Button>
        )}
      </div>
      {one.reason && (
        <p>
          <bdi>{one.reason}</bdi>
        </p>
      )}
      {going && (
        <div role="status">
          <p className="dim">
            {countText(one.done)} of {countText(one.statements)} statements
          </p>
          <Progress value={(one.done / Math.max(1, one.statements)) * 100} aria-label={`${one.title}: ${WORDS[one.status]}`} />
        </div>
      )}
      {one.error && <p className="works-not">{one.error}</p>}
      {one.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {back.isError && <Trouble error={back.error} what="It was not brought back" />}
    </li>
  );
}
