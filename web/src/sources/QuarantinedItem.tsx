import { Button, Textarea } from "@mantine/core";
import { useState } from "react";

import { type Quarantined, useDiscard, useRetry } from "../api/sources.ts";
import { Moment } from "../kit/Moment.tsx";
import { say } from "../kit/say.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";

/** One refused item: reason, place, and the ways out of quarantine. */
export function QuarantinedItem({ slug, item }: { slug: string; item: Quarantined }) {
  const retry = useRetry(slug);
  const discard = useDiscard(slug);
  const [text, setText] = useState("");
  const [editing, setEditing] = useState(false);
  const [mistake, setMistake] = useState<string | null>(null);

  const again = () => {
    const parsed = editing ? parse(text) : undefined;
    if (parsed instanceof SyntaxError) {
      setMistake(parsed.message);
      return;
    }
    setMistake(null);
    retry.mutate(parsed === undefined ? { id: item.id } : { id: item.id, body: parsed }, {
      onSuccess: () => say("Accepted"),
    });
  };

  return (
    <li className="panel quarantined">
      <div className="row wrap">
        <Tag tone="warn">{item.code}</Tag>
        <span className="dim">{item.format}</span>
        <span className="grow" />
        <span className="dim">
          <Moment at={item.received_at} />
        </span>
      </div>
      <p className="quarantined-reason">{item.reason}</p>
      {editing && (
        <Textarea
          label="The item, corrected, as JSON"
          autosize
          minRows={4}
          maxRows={16}
          value={text}
          error={mistake}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {retry.isError && <Trouble error={retry.error} what="Still not accepted" />}
      {discard.isError && <Trouble error={discard.error} what="It could not be discarded" />}
      <div className="row wrap">
        <Button loading={retry.isPending} onClick={again}>
          {editing ? "Send the corrected item" : "Retry"}
        </Button>
        {!editing && (
          <Button variant="default" onClick={() => setEditing(true)}>
            Send a corrected one
          </Button>
        )}
        <span className="grow" />
        <Button
          variant="subtle"
          color="gray"
          loading={discard.isPending}
          onClick={() => discard.mutate({ id: item.id }, { onSuccess: () => say("Discarded") })}
        >
          Discard
        </Button>
      </div>
    </li>
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (failure) {
    return failure instanceof SyntaxError ? failure : new SyntaxError(String(failure));
  }
}
