import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useId } from "react";

import { RecordValues } from "../customer/RecordValues.tsx";
import { Waterfall } from "../identity/Waterfall.tsx";
import { Tag } from "../kit/Tag.tsx";
import { percentText, plural } from "../kit/words.ts";
import type { Answer, Doubt, Side } from "./doubt-queries.ts";

interface Props {
  doubt: Doubt;
  open: boolean;
  busy: boolean;
  onOpen: () => void;
  onAnswer: (answer: Answer) => void;
}

/** One pair: closed a line, open both sides, the evidence and three answers. */
export function DoubtRow({ doubt, open, busy, onOpen, onAnswer }: Props) {
  const details = useId();
  const { left, right } = doubt;
  return (
    <li className="panel doubt" data-open={open || undefined}>
      <button type="button" className="plain-button doubt-head" aria-expanded={open} aria-controls={details} onClick={onOpen}>
        <span className="doubt-names">
          <bdi>{left.name}</bdi> <span className="dim">and</span> <bdi>{right.name}</bdi>
        </span>
        <Tag tone={doubt.together ? "info" : "neutral"}>{doubt.together ? "one customer now" : "two customers now"}</Tag>
        <span className="dim doubt-words">{doubt.words}</span>
      </button>
      {open && (
        <div className="doubt-body" id={details}>
          <p className="dim">
            {doubt.why} By the evidence alone the chance that they are one is {percentText(doubt.probability)}.
          </p>
          <div className="doubt-sides">
            <SideOf side={left} />
            <SideOf side={right} />
          </div>
          <Waterfall weighed={doubt} />
          <div className="row wrap">
            <Button disabled={busy} onClick={() => onAnswer("same")}>
              Same
            </Button>
            <Button disabled={busy} variant="default" onClick={() => onAnswer("different")}>
              Different
            </Button>
            <Button disabled={busy} variant="subtle" color="gray" onClick={() => onAnswer("later")}>
              Later
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}

function SideOf({ side }: { side: Side }) {
  return (
    <section className="doubt-side">
      <h2>
        <Link to="/customers/$id" params={{ id: side.customer }} search={{}}>
          <bdi>{side.name}</bdi>
        </Link>
      </h2>
      <p className="dim">
        {side.source_title} <bdi>{side.external_id}</bdi> · {plural(side.records, "record")}, {plural(side.entries, "entry", "entries")}
      </p>
      <RecordValues values={side.values} />
    </section>
  );
}
