import "../styles/identity.css";
import "../styles/models.css";

import { Button, FileButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileUp, GraduationCap } from "lucide-react";

import { Late, Skeleton } from "../kit/Late.tsx";
import { Moment } from "../kit/Moment.tsx";
import { say } from "../kit/say.tsx";
import { Trouble } from "../kit/Trouble.tsx";
import { useTitle } from "../kit/use-title.ts";
import { countText, plural } from "../kit/words.ts";
import { bring, isOpen, type Job, type Models, modelsQuery, train, useAsking } from "./model-queries.ts";
import { progressText } from "./model-words.ts";
import { ModelCard } from "./ModelCard.tsx";

/** The weights that decide who is who: which there are, what others would change, and which to use. */
export function ModelsPage() {
  const answer = useQuery(modelsQuery);
  const learning = useAsking(train);
  const bringing = useAsking(bring);
  const found = answer.data;
  const busy = found?.jobs.some((job) => job.kind === "train" && isOpen(job)) ?? false;
  useTitle("Matching models");
  return (
    <div className="page stack">
      <div className="row wrap models-head">
        <h1 className="page-title grow">Matching models</h1>
        <FileButton accept=".json,application/json" onChange={(file) => file && bringing.mutate(file, { onSuccess: () => say("The file was taken.") })}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileUp size={15} aria-hidden />} loading={bringing.isPending}>
              Bring a file
            </Button>
          )}
        </FileButton>
        <Button leftSection={<GraduationCap size={15} aria-hidden />} loading={learning.isPending} disabled={busy || !found} onClick={() => learning.mutate(undefined)}>
          Learn from all records
        </Button>
      </div>
      <p className="dim models-what">
        A model says how much each agreement is worth when two records are compared. A new one decides nothing before you choose it: compare it
        first, and see which customers would join or split.
      </p>
      {learning.isError && <Trouble error={learning.error} what="Learning could not be asked for" />}
      {bringing.isError && <Trouble error={bringing.error} what="The file was not taken" />}
      {answer.isError && (
        <Trouble error={answer.error} what="The models could not be loaded" onRetry={() => void answer.refetch()} retrying={answer.isFetching} />
      )}
      {answer.isPending && (
        <Late>
          <Skeleton height={88} lines={3} />
        </Late>
      )}
      {found && <Switching found={found} />}
      {found?.jobs.filter((job) => job.kind === "train").slice(0, 1).map((job) => <Learning key={job.job} job={job} />)}
      {found && found.models.length === 0 && (
        <p className="panel models-note">No model is kept yet: the worker puts the one that comes with Regard here when it starts.</p>
      )}
      {found && found.models.length > 0 && (
        <ul className="models" aria-label="Models">
          {inOrder(found).map((model) => (
            <ModelCard key={model.version} model={model} found={found} />
          ))}
        </ul>
      )}
      {found && found.choices.length > 0 && <History found={found} />}
    </div>
  );
}

/** The one in use first, then the newest. */
function inOrder({ models, deciding }: Models) {
  return [...models].sort((one, other) => Number(other.version === deciding) - Number(one.version === deciding));
}

function Switching({ found }: { found: Models }) {
  const { state, chosen, deciding } = found;
  if (chosen === deciding) return null;
  const share = state && state.stage !== "done" && state.of_records > 0 ? state.records / state.of_records : null;
  return (
    <div className="panel models-note stack" role="status">
      <p>
        All customers are decided anew by <code>{chosen}</code>
        {state && state.stage === "reading" && `: ${countText(state.records)} of ${countText(state.of_records)} records read`}
        {state && state.stage === "deciding" && ": all records are read, groups are being formed"}.
      </p>
      <progress value={share ?? undefined} max={1} aria-label="How far it is" />
    </div>
  );
}

function Learning({ job }: { job: Job }) {
  if (isOpen(job)) {
    return (
      <div className="panel models-note stack" role="status">
        <p>A new model is being learnt: {progressText(job)}.</p>
        <progress value={job.of_all > 0 ? job.done / job.of_all : undefined} max={1} aria-label="How far it is" />
      </div>
    );
  }
  if (job.status === "failed") {
    return (
      <p className="panel models-note" role="alert">
        Nothing was learnt: {job.error}
      </p>
    );
  }
  return null;
}

function History({ found }: { found: Models }) {
  return (
    <section className="stack" aria-labelledby="chosen">
      <h2 id="chosen" className="part-title">
        What was chosen
      </h2>
      <ul className="panel models-history">
        {found.choices.map((choice) => (
          <li key={`${choice.version} ${choice.used_at}`}>
            <code>{choice.version}</code>
            <span className="dim">
              by <bdi>{choice.used_by}</bdi>, <Moment at={choice.used_at} />
              {choice.reason && (
                <>
                  : <bdi>{choice.reason}</bdi>
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      {found.state && found.state.customers > 0 && <p className="dim">The last choice changed {plural(found.state.customers, "customer")}.</p>}
    </section>
  );
}
