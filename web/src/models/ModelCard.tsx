import { Button } from "@mantine/core";
import { useState } from "react";

import { Moment } from "../kit/Moment.tsx";
import { ReasonForm } from "../kit/ReasonForm.tsx";
import { say } from "../kit/say.tsx";
import { Tag } from "../kit/Tag.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useMay } from "../session/session.ts";
import { DifferenceList } from "./DifferenceList.tsx";
import { choose, compare, isOpen, type Job, type Model, type Models, useAsking } from "./model-queries.ts";
import { foundText, HOW, progressText } from "./model-words.ts";

const NOT_YET = "Chosen. The worker has not taken it up yet; it will as soon as it runs.";

type Opened = "differences" | "use" | null;

/** One model: where it is from, what it would change, and choosing it. */
export function ModelCard({ model, found }: { model: Model; found: Models }) {
  const [opened, setOpened] = useState<Opened>(null);
  const [unread, setUnread] = useState(false);
  const comparing = useAsking(compare);
  const choosing = useAsking(choose);
  const mayLook = useMay("customers");
  const { version } = model;
  const decides = found.deciding === version;
  const wanted = found.chosen === version;
  const before = found.choices.some((choice) => choice.version === version);
  const job = found.jobs.find((one) => one.kind === "compare" && one.version === version);
  const act = before || model.how === "shipped" ? "Switch back" : "Use";
  const use = (reason: string) =>
    choosing.mutate(
      { version, reason },
      {
        onSuccess: ({ taken_up }) => {
          setOpened(null);
          setUnread(!taken_up);
          say(taken_up ? "Chosen. All customers are decided anew." : NOT_YET);
        },
      },
    );
  return (
    <li className="panel model" data-decides={decides || undefined}>
      <div className="row wrap">
        <h2 className="model-name grow">
          <code>{version}</code>
        </h2>
        {decides && <Tag tone="good">in use</Tag>}
        {wanted && !decides && <Tag tone="info">chosen</Tag>}
        <Tag>{HOW[model.how]}</Tag>
      </div>
      <p className="dim">
        <Moment at={model.made_at} /> by <bdi>{model.made_by}</bdi>
        {model.notes && `, ${model.notes}`}
      </p>
      {unread && !wanted && <p role="status">{NOT_YET}</p>}
      {!decides && <Compared job={job} deciding={found.deciding} />}
      {comparing.isError && <Trouble error={comparing.error} what="Comparing could not be asked for" />}
      {!decides && opened !== "use" && (
        <div className="row wrap">
          <Button variant="default" loading={comparing.isPending} disabled={job ? isOpen(job) : false} onClick={() => comparing.mutate(version)}>
            {job?.status === "done" ? "Compare again" : "Compare"}
          </Button>
          {mayLook && job?.status === "done" && (job.result?.listed ?? 0) > 0 && (
            <Button variant="default" aria-expanded={opened === "differences"} onClick={() => setOpened(opened === "differences" ? null : "differences")}>
              {opened === "differences" ? "Hide differences" : "Show differences"}
            </Button>
          )}
          <Button variant="subtle" disabled={wanted} onClick={() => setOpened("use")}>
            {act}
          </Button>
        </div>
      )}
      {opened === "use" && (
        <ReasonForm
          title={act}
          explain="All customers are decided anew by this model. Nothing is lost: switching back restores every customer and its id."
          act={act}
          mutation={choosing}
          onSubmit={use}
          onCancel={() => setOpened(null)}
        />
      )}
      {opened === "differences" && <DifferenceList key={job?.job ?? ""} version={version} />}
    </li>
  );
}

function Compared({ job, deciding }: { job: Job | undefined; deciding: string }) {
  if (!job) return <p>Not compared yet with the model in use.</p>;
  if (isOpen(job)) {
    return (
      <div role="status" className="stack">
        <p>Comparing: {progressText(job)}.</p>
        <progress value={job.of_all > 0 ? job.done / job.of_all : undefined} max={1} aria-label="How far it is" />
      </div>
    );
  }
  if (job.status === "failed") return <p role="alert">The comparison failed: {job.error}</p>;
  return (
    <p>
      {foundText(job.result ?? {})}{" "}
      <span className="dim">
        Compared {job.finished_at && <Moment at={job.finished_at} />}
        {job.against !== deciding && ", with a model that is no longer in use"}.
      </span>
    </p>
  );
}
