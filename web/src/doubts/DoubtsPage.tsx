import "../styles/identity.css";
import "../styles/doubts.css";

import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useRef, useState } from "react";

import { useUndo } from "../identity/identity-queries.ts";
import { Late, Skeleton } from "../kit/Late.tsx";
import { say } from "../kit/say.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { plural } from "../kit/words.ts";
import { useShortcuts } from "../shell/shortcuts.ts";
import { type Answer, type Doubt, doubtsQuery, keyOf, useAnswer } from "./doubt-queries.ts";
import { DoubtRow } from "./DoubtRow.tsx";

const SAID: Record<Answer, string> = {
  same: "Judged to be one customer.",
  different: "Judged to be two customers.",
  later: "Put off for a week.",
};

/** Records on which it is close: one after the other, with what speaks for and against. */
export function DoubtsPage() {
  const answer = useQuery(doubtsQuery);
  const doubts = answer.data?.doubts ?? [];
  const [at, setAt] = useState(0);
  const [last, setLast] = useState<{ said: string; judgement: string | null } | null>(null);
  const answering = useAnswer();
  const list = useRef<HTMLOListElement>(null);
  useTitle("Doubtful matches");

  const active = Math.min(at, Math.max(0, doubts.length - 1));
  const go = (to: number) => {
    const wanted = Math.max(0, Math.min(to, doubts.length - 1));
    setAt(wanted);
    list.current?.children[wanted]?.scrollIntoView({ block: "nearest" });
  };
  const give = (doubt: Doubt | undefined, said: Answer) => {
    if (!doubt || answering.isPending) return;
    const pair = { left: doubt.left.record, right: doubt.right.record };
    answering.mutate(
      { ...pair, answer: said },
      {
        onSuccess: ({ judgement }) => {
          setLast({ said: SAID[said], judgement: judgement ?? null });
          say(SAID[said]);
        },
      },
    );
  };
  useShortcuts({
    j: () => go(active + 1),
    k: () => go(active - 1),
    s: () => give(doubts[active], "same"),
    d: () => give(doubts[active], "different"),
    l: () => give(doubts[active], "later"),
  });

  return (
    <div className="page stack">
      <div className="row wrap">
        <h1 className="page-title grow">Doubtful matches</h1>
        {answer.data && answer.data.waiting > 0 && <span className="dim">{plural(answer.data.waiting, "pair")} waiting</span>}
      </div>
      {last && <Given last={last} onUndone={() => setLast(null)} />}
      {answering.isError && <Trouble error={answering.error} what="The answer was not taken" />}
      {answer.isError && (
        <Trouble error={answer.error} what="The queue could not be loaded" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={72} lines={5} />
        </Late>
      )}
      {answer.data && doubts.length === 0 && (
        <p className="panel doubts-none">Nothing is in doubt: every record is clearly one customer’s or clearly another’s.</p>
      )}
      {doubts.length > 0 && (
        <ol className="doubts" ref={list}>
          {doubts.map((doubt, index) => (
            <DoubtRow
              key={keyOf(doubt)}
              doubt={doubt}
              open={index === active}
              busy={answering.isPending}
              onOpen={() => setAt(index)}
              onAnswer={(said) => give(doubt, said)}
            />
          ))}
        </ol>
      )}
    </div>
  );
}

/** What was answered last, and the way back. */
function Given({ last, onUndone }: { last: { said: string; judgement: string | null }; onUndone: () => void }) {
  const undo = useUndo();
  const { judgement } = last;
  const back = (id: string) =>
    undo.mutate(
      { id, reason: "Answered by mistake" },
      {
        onSuccess: () => {
          say("Taken back.");
          onUndone();
        },
      },
    );
  return (
    <div className="doubt-given row wrap">
      <span>{last.said}</span>
      {judgement && (
        <Button variant="default" size="compact-sm" leftSection={<Undo2 size={13} aria-hidden />} loading={undo.isPending} onClick={() => back(judgement)}>
          Undo
        </Button>
      )}
      {undo.isError && <Trouble error={undo.error} what="It could not be taken back" />}
    </div>
  );
}
