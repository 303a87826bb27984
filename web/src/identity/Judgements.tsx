import { Button } from "@mantine/core";
import { Undo2 } from "lucide-react";
import { useState } from "react";

import { Moment } from "../kit/Moment.tsx";
import { ReasonForm } from "../kit/ReasonForm.tsx";
import { say } from "../kit/say.tsx";
import { type Judgement, useUndo } from "./identity-queries.ts";

/** What people decided about these records; each decision can be taken back. */
export function Judgements({ judgements, mayJudge }: { judgements: Judgement[]; mayJudge: boolean }) {
  if (judgements.length === 0) return null;
  return (
    <section className="identity-part" aria-labelledby="judgements">
      <h3 id="judgements">Decided by people</h3>
      <ul className="stack-tight">
        {judgements.map((judgement) => (
          <JudgementRow key={judgement.id} judgement={judgement} mayJudge={mayJudge} />
        ))}
      </ul>
    </section>
  );
}

function JudgementRow({ judgement, mayJudge }: { judgement: Judgement; mayJudge: boolean }) {
  const [asking, setAsking] = useState(false);
  const undo = useUndo();
  const takeBack = (reason: string) =>
    undo.mutate(
      { id: judgement.id, reason },
      {
        onSuccess: () => {
          say("Undone");
          setAsking(false);
        },
      },
    );
  return (
    <li className="judgement">
      <div className="row wrap">
        <span className="grow">
          <strong>{judgement.verdict}</strong> <span className="dim">by</span> {judgement.by},{" "}
          <Moment at={judgement.at} />
          {!judgement.active && <span className="dim"> (undone)</span>}
          {judgement.reason && <bdi className="judgement-reason dim">{judgement.reason}</bdi>}
        </span>
        {mayJudge && judgement.active && !asking && (
          <Button variant="default" size="compact-sm" leftSection={<Undo2 size={13} aria-hidden />} onClick={() => setAsking(true)}>
            Undo
          </Button>
        )}
      </div>
      {asking && (
        <ReasonForm
          title="Undo this decision"
          explain="The records go back to where the rules put them, with the ids they had before."
          act="Undo"
          mutation={undo}
          onSubmit={takeBack}
          onCancel={() => setAsking(false)}
        />
      )}
    </li>
  );
}
