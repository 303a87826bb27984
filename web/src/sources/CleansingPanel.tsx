import "../styles/table.css";

import { Button, Checkbox } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import {
  type CleansingPart,
  type CleansingPreview,
  type CleansingRun,
  cleansingsQuery,
  scorecardQuery,
  usePreviewCleansing,
  useStartCleansing,
  useUndoCleansing,
} from "../api/connections.ts";
import { Moment } from "../kit/Moment.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { countText, plural } from "../kit/words.ts";

const WORDS: Record<CleansingRun["status"], string> = {
  running: "under way",
  done: "done",
  undoing: "being taken back",
  undone: "taken back",
  failed: "failed",
};

/** Corrects values whose meaning is clear: looked at before, taken back afterwards if need be. */
export function CleansingPanel({ slug }: { slug: string }) {
  const client = useQueryClient();
  const runs = useQuery(cleansingsQuery(slug)).data?.cleansings ?? [];
  const scored = useQuery(scorecardQuery(slug)).data?.kinds ?? [];
  const preview = usePreviewCleansing(slug);
  const start = useStartCleansing(slug);
  const undo = useUndoCleansing(slug);
  const busy = runs.some(({ status }) => status === "running" || status === "undoing");
  useEffect(() => {
    if (!busy) void client.invalidateQueries({ queryKey: ["scorecard", slug] });
  }, [busy, client, slug]);
  // A source without persons and organisations has nothing that could be corrected.
  if (runs.length === 0 && !scored.some(({ records }) => records > 0)) return null;
  return (
    <section className="panel stack score" aria-labelledby="cleansing">
      <div className="row wrap">
        <h2 id="cleansing" className="part-title grow">
          Cleansing
        </h2>
        <Button variant="default" size="compact-sm" loading={preview.isPending} disabled={busy} onClick={() => preview.mutate()}>
          See what could be corrected
        </Button>
      </div>
      <p className="dim">Corrects values here, not in the source. What the source says next counts again.</p>
      {preview.isError && <Trouble error={preview.error} what="It could not be looked at" />}
      {start.isError && <Trouble error={start.error} what="It was not started" />}
      {undo.isError && <Trouble error={undo.error} what="It was not taken back" />}
      {preview.data && !busy && (
        <Preview preview={preview.data} onStart={(flags) => start.mutate(flags, { onSuccess: () => preview.reset() })} />
      )}
      {runs.length > 0 && (
        <ul className="cleansings" aria-label="Cleansings">
          {runs.map((run) => (
            <li key={run.id} className="row wrap">
              <span className="grow">
                <Moment at={run.asked_at} /> by {run.asked_by}: {plural(run.values, "value")} in {plural(run.records, "record")}, {WORDS[run.status]}
                {run.error && <span className="works-not"> {run.error}</span>}
              </span>
              {(run.status === "done" || run.status === "failed") && (
                <Button variant="default" size="compact-sm" disabled={busy} onClick={() => undo.mutate(run.id)}>
                  Take it back
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Preview({ preview, onStart }: { preview: CleansingPreview; onStart: (flags: string[]) => void }) {
  const [chosen, setChosen] = useState(() => preview.parts.filter(({ verdict }) => verdict === "fixed").map(({ flag }) => flag));
  if (preview.parts.length === 0) return <p role="status">Nothing here can be corrected without asking.</p>;
  const turn = (flag: string, on: boolean) => setChosen(on ? [...chosen, flag] : chosen.filter((one) => one !== flag));
  return (
    <div role="group" aria-label="What could be corrected" className="stack">
      <p role="status">
        {preview.complete ? "" : "Among the first records: "}
        {plural(preview.records, "record")} could be corrected. What is only probable is not chosen.
      </p>
      <ul className="cleansings">
        {preview.parts.map((part) => (
          <li key={part.flag}>
            <Checkbox
              label={`${part.label}: ${part.detail ?? "written oddly"} (${countText(part.values)})`}
              checked={chosen.includes(part.flag)}
              onChange={(event) => turn(part.flag, event.currentTarget.checked)}
            />
            <Examples part={part} />
          </li>
        ))}
      </ul>
      <div>
        <Button disabled={chosen.length === 0} onClick={() => onStart(chosen)}>
          Correct these
        </Button>
      </div>
    </div>
  );
}

function Examples({ part }: { part: CleansingPart }) {
  return (
    <ul className="cleansing-examples dim">
      {part.examples.slice(0, 3).map(({ before, after }, index) => (
        <li key={index}>
          <bdi>“{before}”</bdi> becomes <bdi>“{after}”</bdi>
        </li>
      ))}
    </ul>
  );
}
