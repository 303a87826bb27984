import "../styles/identity.css";

import { Button, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Merge, Scale } from "lucide-react";
import { useState } from "react";

import { Late, Skeleton } from "../kit/Late.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { percentText, plural } from "../kit/words.ts";
import { useMay } from "../session/session.ts";
import { Changes } from "./Changes.tsx";
import { CompareDialog } from "./CompareDialog.tsx";
import { CompareRecords } from "./CompareRecords.tsx";
import { type Identity, identityQuery } from "./identity-queries.ts";
import { Joins } from "./Joins.tsx";
import { Judgements } from "./Judgements.tsx";
import { MergeDialog } from "./MergeDialog.tsx";
import { Records } from "./Records.tsx";
import { toneOfWord } from "./identity-words.ts";

interface Props {
  id: string;
  name: string;
  onClose: () => void;
}

/** Why these records are one customer, how sure that is, and the ways to say otherwise. */
export function IdentityDrawer({ id, name, onClose }: Props) {
  const answer = useQuery(identityQuery(id));
  const mayJudge = useMay("merge");
  const [asking, setAsking] = useState<"compare" | "merge" | null>(null);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={600}
      title="Why is this one customer?"
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 0 }}
    >
      {answer.isError && (
        <Trouble error={answer.error} what="The identity could not be loaded" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={120} lines={4} />
        </Late>
      )}
      {answer.data && (
        <div className="identity">
          <Summary identity={answer.data} name={name} />
          <Records id={id} identity={answer.data} mayJudge={mayJudge} />
          <Joins identity={answer.data} />
          <WhatIf identity={answer.data} />
          <CompareRecords identity={answer.data} />
          <Judgements judgements={answer.data.judgements} mayJudge={mayJudge} />
          <Changes changes={answer.data.changes} />
          <div className="row wrap">
            <Button variant="default" leftSection={<Scale size={14} aria-hidden />} onClick={() => setAsking("compare")}>
              Compare with another customer
            </Button>
            {mayJudge && (
              <Button variant="default" leftSection={<Merge size={14} aria-hidden />} onClick={() => setAsking("merge")}>
                Merge with another customer
              </Button>
            )}
          </div>
        </div>
      )}
      {asking === "compare" && <CompareDialog id={id} name={name} onClose={() => setAsking(null)} />}
      {asking === "merge" && <MergeDialog id={id} name={name} onClose={() => setAsking(null)} />}
    </Drawer>
  );
}

function Summary({ identity, name }: { identity: Identity; name: string }) {
  const sources = new Set(identity.records.map((record) => record.source)).size;
  return (
    <p className="identity-summary">
      <bdi>
        <strong>{name}</strong>
      </bdi>{" "}
      is {plural(identity.records.length, "record")} from {plural(sources, "source")}.{" "}
      <Tag tone={toneOfWord(identity.word)}>
        {identity.word} {percentText(identity.confidence)}
      </Tag>
    </p>
  );
}

function WhatIf({ identity }: { identity: Identity }) {
  if (identity.what_if.length === 0) return null;
  return (
    <section className="identity-part" aria-labelledby="what-if">
      <h3 id="what-if">What holds it together</h3>
      <ul className="stack-tight">
        {identity.what_if.map((one) => (
          <li key={`${one.field} ${one.value}`}>
            Without {one.label ?? one.field} <bdi className="code">{one.value}</bdi> this would be{" "}
            {plural(one.splits_into, "customer")}.
          </li>
        ))}
      </ul>
    </section>
  );
}
